// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <QtGlobal>
#include <string_view>

namespace ExporterProxy {

/// The state of an application. Where several hold, the one named last here wins (see appStateAt()).
enum class AppState : quint8 { Fresh, Late, Stale, Rejected, Failing, Expired };

inline constexpr std::size_t AppStateCount = 6;

/// Returns the word for a state, as `/apps` and the label `state` carry it.
constexpr std::string_view appStateName(AppState state)
{
    constexpr std::array<std::string_view, AppStateCount> names = {"fresh",    "late",    "stale",
                                                                   "rejected", "failing", "expired"};
    return names[std::size_t(state)];
}

/// Returns whether `exporter_proxy_app_up` is 1 in this state.
constexpr bool isUp(AppState state)
{
    return state == AppState::Fresh || state == AppState::Late;
}

} // namespace ExporterProxy
