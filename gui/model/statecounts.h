// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/apps/appslisting.h"

#include <array>
#include <numeric>
#include <optional>
#include <QMap>
#include <QString>

namespace ExporterProxy::Monitor {

/// The number of applications in each state.
struct StateCounts
{
    std::array<int, ListedStateCount> byState{};
    QMap<QString, int> unknown; ///< by AppRecord::stateWord, without zeros

    void add(const AppRecord &app) { change(app, 1); }
    void remove(const AppRecord &app) { change(app, -1); }

    /// Returns the word of the applications in the state Unknown; empty if there are several words or none.
    QString unknownWord() const { return unknown.size() == 1 ? unknown.firstKey() : QString(); }

    int operator[](AppState state) const { return byState[std::size_t(state)]; }
    int total() const { return std::accumulate(byState.begin(), byState.end(), 0); }

    bool operator==(const StateCounts &) const = default;

private:
    void change(const AppRecord &app, int by)
    {
        byState[std::size_t(app.state)] += by;
        if (app.state != AppState::Unknown)
            return;
        if ((unknown[app.stateWord] += by) == 0)
            unknown.remove(app.stateWord);
    }
};

/// Returns the worst state of all applications, or nullopt if there is none.
std::optional<AppState> worstState(const StateCounts &counts);

/// "340 applications · 1 failing · 2 late · 1 daemon does not answer": all states but fresh, the worst first.
QString summaryText(const StateCounts &counts, int silentDaemons);

/// The same for a window's title: "1 failing, 2 late"; empty while all is well.
QString alarmText(const StateCounts &counts, int silentDaemons);

} // namespace ExporterProxy::Monitor
