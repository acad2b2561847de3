// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/apps/appslisting.h"

#include <array>
#include <numeric>
#include <QMap>

namespace ExporterProxy {

/// How many applications are in each state.
struct StateCounts
{
    std::array<int, ListedStateCount> byState{};
    QMap<QString, int> unknown; ///< by AppRecord::stateWord; never 0

    void add(const AppRecord &app) { change(app, 1); }
    void remove(const AppRecord &app) { change(app, -1); }

    /// Returns the word of the applications in the state Unknown; empty if they have several, or there is
    /// none.
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

} // namespace ExporterProxy
