// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace ExporterProxy {

/// A moment on the wall clock, in nanoseconds since 1970-01-01 00:00:00 UTC.
using Timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;

/// The value for an event that never happened; no real event has the time of the epoch.
inline constexpr Timestamp Never{};

/// The current time of the wall clock. One vDSO call; any thread.
inline Timestamp wallClock() noexcept
{
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

} // namespace ExporterProxy
