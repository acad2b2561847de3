// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/timestamp.h"

#include <atomic>
#include <ctime>

namespace ExporterProxy {

namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds LeastJump = std::chrono::milliseconds{100};

/// By how much the wall clock is ahead of timeNow().
std::atomic<nanoseconds::rep> wallOffset{0};

nanoseconds sinceBoot() noexcept
{
    timespec time{};
    clock_gettime(CLOCK_BOOTTIME, &time);
    return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

nanoseconds offset() noexcept
{
    return nanoseconds(wallOffset.load(std::memory_order_relaxed));
}

} // namespace

Timestamp timeNow() noexcept
{
    static const Timestamp bootedAt = wallClock() - sinceBoot();
    return bootedAt + sinceBoot();
}

nanoseconds followWallClock() noexcept
{
    const nanoseconds now = wallClock() - timeNow();
    if (std::chrono::abs(now - offset()) >= LeastJump)
        wallOffset.store(now.count(), std::memory_order_relaxed);
    return offset();
}

Timestamp onWallClock(Timestamp moment) noexcept
{
    return moment == Never ? Never : moment + offset();
}

Timestamp ofWallClock(Timestamp time) noexcept
{
    return time == Never ? Never : time - offset();
}

} // namespace ExporterProxy
