// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QStringList>

namespace ExporterProxy {

/// One record of a CSV file (RFC 4180), UTF-8 without a byte order mark, with its CRLF: what holds a comma, a
/// quote or a line break is quoted.
///
/// A cell that a spreadsheet would run as a formula (it begins with = + - @, a tab or a carriage return) gets
/// an apostrophe before it. Names and reasons are chosen by whoever may push, and "=HYPERLINK(…)" in an
/// operator's spreadsheet must stay text. What is changed is such a cell alone; numbers never are.
QByteArray csvRecord(const QStringList &cells);

/// The cells as one line to paste into a spreadsheet or a chat: separated by tabs, with spaces for the tabs
/// and line breaks within them.
QString tabbedLine(const QStringList &cells);

} // namespace ExporterProxy
