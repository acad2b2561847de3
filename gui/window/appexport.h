// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/result.h"
#include "gui/model/appfilter.h"

#include <QByteArray>
#include <QHeaderView>
#include <QStringList>

namespace ExporterProxy::Monitor {

/// Returns the shown columns in the order of the user, from left to right.
QList<AppColumn> shownColumns(const QHeaderView &header);

/// Returns the table as CSV (see csvRecord()): a row of titles and the rows of the filter in their order. It
/// is for programs as well as for people: plain numbers, bytes, seconds, times in UTC (RFC 3339), states by
/// the words of
/// `/apps`, titles in English. Omits the painted history and adds the last error at the end.
QByteArray tableAsCsv(const AppFilter &filter, const QList<AppColumn> &columns);

/// Writes the whole file or leaves it as it was. The sentence of a failure is translated.
Result<> writeFile(const QString &fileName, const QByteArray &content);

/// Returns rows of the model (not of the filter) as the table shows them, one line for each, separated by
/// tabs.
QString rowsAsText(const AppTableModel &model, const QList<int> &rows, const QList<AppColumn> &columns);

/// One record of a CSV file (RFC 4180), UTF-8 without a byte order mark, with its CRLF. Cells with a comma, a
/// quote or a line break are quoted.
///
/// A cell that a spreadsheet would run as a formula (it begins with = + - @, a tab or a carriage return) gets
/// an apostrophe before it. Names and reasons are chosen by the senders of pushes, and
/// "=HYPERLINK(…)" in an operator's spreadsheet must stay text. Numbers are never changed.
QByteArray csvRecord(const QStringList &cells);

/// Joins cells to a line for a spreadsheet or a chat: separated by tabs, with spaces instead of tabs and line
/// breaks within a cell.
QString tabbedLine(const QStringList &cells);

} // namespace ExporterProxy::Monitor
