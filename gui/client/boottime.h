// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <ctime>

namespace ExporterProxy::Monitor {

/// A steady clock that also runs while the machine sleeps (CLOCK_BOOTTIME, clock_gettime(2)), because the
/// ages that a remote daemon reported grow meanwhile. By std::chrono::steady_clock they would be a night too
/// small when a notebook is opened in the morning.
struct BootClock
{
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<BootClock>;
    static constexpr bool is_steady = true;

    static time_point now() noexcept
    {
        timespec time{};
        clock_gettime(CLOCK_BOOTTIME, &time);
        return time_point(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
    }
};

} // namespace ExporterProxy::Monitor
