// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"

#include <array>
#include <numeric>

namespace ExporterProxy {

/// How many applications are in each state.
struct StateCounts
{
    std::array<int, AppStateCount> byState{};

    int &operator[](AppState state) { return byState[std::size_t(state)]; }
    int operator[](AppState state) const { return byState[std::size_t(state)]; }
    int total() const { return std::accumulate(byState.begin(), byState.end(), 0); }

    bool operator==(const StateCounts &) const = default;
};

} // namespace ExporterProxy
