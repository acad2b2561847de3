// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>

namespace ExporterProxy {

/// The time that a long piece of work may take before it lets others on and is resumed later. The clock is
/// passed in, so that a test decides when the time is up.
class WorkBudget
{
public:
    using Clock = std::chrono::steady_clock;

    /// Never spent.
    WorkBudget() = default;

    /// `now` must outlive the budget.
    WorkBudget(const std::function<Clock::time_point()> &now, Clock::duration time)
        : m_now(&now)
        , m_until(now() + time)
    {
    }

    bool isSpent() const { return m_now && (*m_now)() >= m_until; }

private:
    const std::function<Clock::time_point()> *m_now = nullptr; ///< null: no limit
    Clock::time_point m_until;
};

/// A loop over indexes that is left when the budget is spent and resumed where it was left.
class ResumableLoop
{
public:
    /// Calls `each` with the indexes below `end` that are left. Returns whether none is left; then the next
    /// call begins with 0 again. At least one run of indexes is done in each call, so that all work ends.
    bool run(std::size_t end, const WorkBudget &budget, auto &&each)
    {
        while (m_at < end) {
            for (const std::size_t stop = std::min(end, m_at + Run); m_at < stop; ++m_at)
                each(m_at);
            if (m_at < end && budget.isSpent())
                return false;
        }
        m_at = 0;
        return true;
    }

private:
    /// Between two looks at the clock: some 100 µs of the most expensive work that is done by index.
    static constexpr std::size_t Run = 64;

    std::size_t m_at = 0;
};

} // namespace ExporterProxy
