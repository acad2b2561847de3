// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/model/appfilter.h"

#include <optional>
#include <QHeaderView>

namespace ExporterProxy {

/// Columns as a user has arranged them: those that are shown, from left to right.
QList<AppColumn> shownColumns(const QHeaderView &header);

/// The table as CSV (see csvRecord()): the rows that the filter shows in their order, and a row of titles.
/// For programs as much as for people: plain numbers, bytes, seconds, times in UTC (RFC 3339), states by the
/// words of `/apps`; the titles are in English for the same reason. The painted history is left out, the last
/// error goes to the end.
QByteArray tableAsCsv(const AppFilter &filter, const QList<AppColumn> &columns);

/// Writes all of the file or leaves it as it was. A sentence if that failed.
std::optional<QString> writeFile(const QString &fileName, const QByteArray &content);

/// Rows of the model (not of the filter) as the table shows them, a line each, columns separated by tabs.
QString rowsAsText(const AppTableModel &model, const QList<int> &rows, const QList<AppColumn> &columns);

} // namespace ExporterProxy
