// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Qt>
#include <QtGlobal>

namespace ExporterProxy {

/// The columns of the table of applications, in their order before anybody moves them. The numbers are kept
/// in the user's settings: new columns go to the end.
enum class AppColumn : int {
    State,
    Application,
    Source,
    Age, ///< since the last update
    Interval, ///< the learned rhythm
    Size, ///< bytes of text
    Series,
    Updates,
    Rejected,
    History, ///< the last arrivals, painted
    Daemon, ///< which daemon told of it; shown when more than one is watched
};

inline constexpr int AppColumnCount = int(AppColumn::Daemon) + 1;

/// What the table model answers beside the usual roles.
enum AppRole : int {
    SortRole = Qt::UserRole, ///< the raw value of the column, comparable
    StateRole, ///< int(AppState)
    NameRole, ///< QString: the application's name
    DaemonRole, ///< QString: the base URL of its daemon; with NameRole what identifies a row for ever
    ConflictsRole, ///< bool: its metrics are not shown as they were sent, because others' are in their way
    OutdatedRole, ///< bool: the daemon does not answer at present, the row is what it said last
};

} // namespace ExporterProxy
