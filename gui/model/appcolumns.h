// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace ExporterProxy::Monitor {

/// The columns of the table of applications, in their order before the user moves them. The numbers are kept
/// in the user's settings: new columns go to the end.
enum class AppColumn : int {
    State,
    Application,
    Source,
    Age, ///< since the last update
    Interval, ///< the learned interval between updates
    Size, ///< bytes of text
    Series,
    Updates,
    Rejected,
    History, ///< the last arrivals, painted
    Daemon, ///< the daemon that listed the application; shown when more than one is watched
};

inline constexpr int AppColumnCount = int(AppColumn::Daemon) + 1;

/// The properties of a column.
struct ColumnInfo
{
    const char *titleText;
    const char *meaningText;
    QLatin1StringView csvTitle; ///< for programs, not translated; empty: not exported
    int characters = 11; ///< width at the first start
    bool isNumeric = false; ///< aligned to the right

    QString title() const; ///< translated
    QString meaning() const; ///< translated; a sentence for a tooltip
};

const ColumnInfo &columnInfo(AppColumn column);

} // namespace ExporterProxy::Monitor
