// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"

#include <array>
#include <numeric>
#include <optional>
#include <QString>

namespace ExporterProxy::Monitor {

/// The number of applications in each state.
struct StateCounts
{
    std::array<int, AppStateCount> byState{};

    int &operator[](AppState state) { return byState[std::size_t(state)]; }
    int operator[](AppState state) const { return byState[std::size_t(state)]; }
    int total() const { return std::accumulate(byState.begin(), byState.end(), 0); }

    bool operator==(const StateCounts &) const = default;
};

/// Returns the worst state of all applications, or nullopt if there is none.
std::optional<AppState> worstState(const StateCounts &counts);

/// "340 applications · 1 failing · 2 late · 1 daemon does not answer": all states but fresh, the worst first.
QString summaryText(const StateCounts &counts, int silentDaemons);

/// The same for a window's title: "1 failing, 2 late"; empty while all is well.
QString alarmText(const StateCounts &counts, int silentDaemons);

} // namespace ExporterProxy::Monitor
