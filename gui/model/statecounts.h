// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"

#include <array>
#include <numeric>
#include <optional>
#include <QString>

namespace ExporterProxy::Monitor {

/// How many applications are in each state.
struct StateCounts
{
    std::array<int, AppStateCount> byState{};

    int &operator[](AppState state) { return byState[std::size_t(state)]; }
    int operator[](AppState state) const { return byState[std::size_t(state)]; }
    int total() const { return std::accumulate(byState.begin(), byState.end(), 0); }

    bool operator==(const StateCounts &) const = default;
};

/// The worst state that any application is in; nothing: there is no application.
std::optional<AppState> worstState(const StateCounts &counts);

/// "340 applications · 1 failing · 2 late · 1 daemon does not answer": what is not fresh, the worst first.
QString summaryText(const StateCounts &counts, int silentDaemons);

/// What a window's title says of it: "1 failing, 2 late"; empty while all is well.
QString alarmText(const StateCounts &counts, int silentDaemons);

} // namespace ExporterProxy::Monitor
