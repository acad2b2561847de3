// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <QtGlobal>
#include <string_view>

namespace ExporterProxy {

/// The state of an application. Where several hold, the one named last here wins (see appStateAt()).
///
/// Unknown is for readers of a listing alone: the state has a word that this version does not know, because
/// the daemon is newer. No application of this daemon's own is in it.
enum class AppState : quint8 { Fresh, Late, Stale, Rejected, Failing, Expired, Unknown };

/// The states that a daemon of this version tells of.
inline constexpr std::size_t AppStateCount = 6;
/// The states that a reader of a listing can meet, Unknown among them.
inline constexpr std::size_t ListedStateCount = AppStateCount + 1;
static_assert(ListedStateCount == std::size_t(AppState::Unknown) + 1);

/// Returns the word for a state, as `/apps` and the label `state` carry it.
constexpr std::string_view appStateName(AppState state)
{
    constexpr std::array<std::string_view, ListedStateCount> names = {
        "fresh", "late", "stale", "rejected", "failing", "expired", "unknown"};
    return names[std::size_t(state)];
}

/// Returns how bad a state is: 0 is good, larger is worse. The order in which one state hides another, with
/// an unknown one before all that are known to be bad.
constexpr int severity(AppState state)
{
    return state == AppState::Unknown ? 1 : 2 * int(state);
}

/// Returns whether `exporter_proxy_app_up` is 1 in this state.
constexpr bool isUp(AppState state)
{
    return state == AppState::Fresh || state == AppState::Late;
}

} // namespace ExporterProxy
