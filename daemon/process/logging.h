// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settings.h"

#include <atomic>
#include <chrono>
#include <optional>
#include <QByteArray>
#include <QLoggingCategory>

namespace ExporterProxy {

Q_DECLARE_LOGGING_CATEGORY(lcDaemon) ///< start, stop, limits
Q_DECLARE_LOGGING_CATEGORY(lcReceive) ///< pushes and their connections
Q_DECLARE_LOGGING_CATEGORY(lcHttp) ///< connections of the HTTP port

/// Writes log messages to standard error, one line each: with the time and the level, or with a priority
/// (sd-daemon(3)) if standard error is the journal. Unsafe characters are escaped, so that no sender can
/// forge a line or control the terminal. A line that cannot be written at once is dropped, and how many were
/// is said with the next one. Call it once, before any thread starts.
void installLogging(LogLevel level);

/// Logs only messages of this level or above. May be called at any time, on any thread.
void setLogLevel(LogLevel level);

/// Counts the lines that were dropped since the start because standard error took no more. Any thread.
const std::atomic<quint64> &droppedLogLines();

/// Keeps messages that come a thousand times a second from filling the log. A limiter is one budget of lines:
/// it holds up to `burst` of them and gains `refill` at the end of each period. Knows no clock and no event
/// loop: the time comes in, and must not go backwards. Not thread-safe.
///
/// Messages over the budget are withheld and counted. The count is told with the next line that is allowed
/// (takeWithheld()), or in a line of its own once the period is over (flush()).
class LogLimiter
{
public:
    using Clock = std::chrono::steady_clock;

    struct Rate
    {
        int burst = 1; ///< lines at once
        int refill = 1; ///< lines gained in each period
        std::chrono::milliseconds period{1'000};
    };

    explicit LogLimiter(Rate rate)
        : m_rate(rate)
        , m_left(rate.burst)
    {
    }

    std::chrono::milliseconds period() const { return m_rate.period; }

    /// Returns whether a message may be logged at `now`. Counts it as withheld if not.
    bool allow(Clock::time_point now);

    /// Returns whether a message about a state that lasts may be logged at `now`: not if `state` was logged
    /// last, and not over the budget. Nothing is counted as withheld; the next line that is allowed says what
    /// the state is then. The empty state is what there is before the first message.
    bool allowNews(QByteArrayView state, Clock::time_point now);

    /// Returns whether the state that was logged last differs from the empty one.
    bool hasNews() const { return !m_logged.isEmpty(); }

    /// Returns how many messages have been withheld since the last call of this or of flush().
    qint64 takeWithheld();

    /// Returns the same once the period in which the first of them was withheld is over, and 0 until then.
    qint64 flush(Clock::time_point now);

    /// Returns when flush() has something to tell, or nullopt if nothing is withheld.
    std::optional<Clock::time_point> flushDue() const { return m_flushDue; }

private:
    bool spend(Clock::time_point now);

    Rate m_rate;
    int m_left; ///< lines
    Clock::time_point m_periodBegin{};
    qint64 m_withheld = 0;
    std::optional<Clock::time_point> m_flushDue;
    QByteArray m_logged; ///< the state
};

} // namespace ExporterProxy
