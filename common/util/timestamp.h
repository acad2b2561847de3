// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace ExporterProxy {

/// A moment, in nanoseconds since 1970-01-01 00:00:00 UTC: of the daemon's own time, where nothing else is
/// said. That never jumps: it is the wall clock as it was when the process began, and since then
/// CLOCK_BOOTTIME, which counts suspend too. So ages, rhythms and expiry do not depend on what is done to the
/// wall clock.
using Timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;

/// The value for an event that never happened; no real event has the time of the epoch.
inline constexpr Timestamp Never{};

/// The current moment of the daemon's own time. Any thread.
Timestamp timeNow() noexcept;

/// The current time of the wall clock. One vDSO call; any thread.
inline Timestamp wallClock() noexcept
{
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

/// Returns by how much the wall clock is ahead of the daemon's own time, and has onWallClock() follow it.
/// Less than 100 ms of change do not count, so that what is shown stays the same. Any thread.
std::chrono::nanoseconds followWallClock() noexcept;

/// What the wall clock, as followWallClock() saw it last, calls that moment: for what is shown, and for what
/// outlives the process. Never stays Never. Any thread.
Timestamp onWallClock(Timestamp moment) noexcept;

/// The moment that the wall clock, as followWallClock() saw it last, calls `time`. Any thread.
Timestamp ofWallClock(Timestamp time) noexcept;

} // namespace ExporterProxy
