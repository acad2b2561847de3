// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

// How texts from outside are shown: names, sources and errors that a sender chooses, and the words of a
// configuration. One rule says which characters are unsafe. Where a text may grow (a log, a message, a label)
// they are escaped, so that it can be seen what they were; where it has a width (a cell of a table) each
// becomes one U+FFFD. What HTML, JSON or a label of a metric escape comes on top. All functions may be called
// on any thread.

namespace ExporterProxy {

/// Returns whether a character must not be shown, because it can break a line, act on a terminal or reverse
/// the order of text: controls, line separators, and bidirectional marks, embeddings, overrides and isolates.
bool isUnsafe(char32_t codePoint);

/// The text as one line: unsafe characters as "\u202e", bytes that are not UTF-8 as "\xff". It is not
/// shortened.
QByteArray escapedLine(QByteArrayView utf8);
QString escapedLine(QStringView text);

/// The text as a message quotes it: escapedLine() without the user and password of a URL, cut to 160
/// characters before they are escaped.
QString shownText(const QString &text);

/// shownText() in double quotes.
QString quotedText(const QString &text);

/// How many columns a character takes on a terminal: 0 for combining marks and zero-width characters, 2 for
/// wide East Asian characters and emoji, else 1. Terminals differ in the widths of sequences (a joined emoji,
/// a flag), which are not considered.
int displayWidth(char32_t codePoint);

/// A text of any bytes as a cell of a table: unsafe characters and bytes that are not UTF-8 appear as U+FFFD.
struct DisplayText
{
    /// `bytes` must outlive this object.
    explicit DisplayText(QByteArrayView bytes);

    /// Writes the shown text to `out`, which has room for `size` bytes, and returns the end.
    char *write(char *out) const;

    QByteArrayView bytes;
    qsizetype size = 0; ///< bytes of the shown text
    qsizetype width = 0; ///< columns of the shown text
    bool isAscii = false; ///< printable ASCII, shown unchanged
};

} // namespace ExporterProxy
