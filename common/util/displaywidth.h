// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

namespace ExporterProxy {

/// How many columns a character takes on a terminal: 0 for combining marks and zero-width characters, 2 for
/// wide East Asian ones and emoji, else 1. Widths are of single characters: what a terminal makes of a
/// sequence (a joined emoji, a flag) differs from one to the next.
int displayWidth(char32_t codePoint);

/// Whether a character could take a line apart or turn its order around: controls, line separators, and
/// bidirectional marks, embeddings, overrides and isolates.
bool breaksLine(char32_t codePoint);

/// How a text of any bytes is shown within one line: what is not UTF-8 and what breaksLine() appears as
/// U+FFFD.
struct DisplayText
{
    explicit DisplayText(QByteArrayView bytes);

    /// Writes it to `out`, which has room for `size` bytes, and returns the end.
    char *write(char *out) const;

    QByteArrayView bytes; ///< must outlive this
    qsizetype size = 0; ///< bytes when shown
    qsizetype width = 0; ///< columns when shown
    bool isAscii = false; ///< printable ASCII, shown as it is
};

} // namespace ExporterProxy
