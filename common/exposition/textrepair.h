// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

namespace ExporterProxy {

/// What was mended in a text.
struct TextRepairs
{
    bool crlf = false; ///< at least one line ended in CR LF
    bool bom = false; ///< it began with a byte-order mark

    bool operator==(const TextRepairs &) const = default;
};

/// Takes out what a text file of Windows has over one of Unix, and what fails a scrape: a UTF-8 byte-order
/// mark at the start, and the CR of each CR LF; also of a CR at the very end, because a newline is put behind
/// it when it is stored. Any other CR stays. One pass, in place unless `text` is shared; a text with neither
/// is searched once and not touched.
TextRepairs repairText(QByteArray &text);

} // namespace ExporterProxy
