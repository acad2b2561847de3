// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/result.h"
#include "gui/model/appfilter.h"

#include <QByteArray>
#include <QHeaderView>
#include <QStringList>

namespace ExporterProxy::Monitor {

/// Columns as a user has arranged them: those that are shown, from left to right.
QList<AppColumn> shownColumns(const QHeaderView &header);

/// The table as CSV (see csvRecord()): the rows that the filter shows in their order, and a row of titles.
/// For programs as much as for people: plain numbers, bytes, seconds, times in UTC (RFC 3339), states by the
/// words of `/apps`; the titles are in English for the same reason. The painted history is left out, the last
/// error goes to the end.
QByteArray tableAsCsv(const AppFilter &filter, const QList<AppColumn> &columns);

/// Writes the whole file or leaves it as it was. The sentence of a failure is translated.
Result<> writeFile(const QString &fileName, const QByteArray &content);

/// Rows of the model (not of the filter) as the table shows them, a line each, columns separated by tabs.
QString rowsAsText(const AppTableModel &model, const QList<int> &rows, const QList<AppColumn> &columns);

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

} // namespace ExporterProxy::Monitor
