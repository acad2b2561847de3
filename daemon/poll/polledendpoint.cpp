// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/poll/polledendpoint.h"

#include <algorithm>
#include <QLoggingCategory>

namespace ExporterProxy {

Q_LOGGING_CATEGORY(lcPoll, "exporterproxy.poll")

namespace {

/// QTimer counts milliseconds in an int; longer intervals are slept through in pieces.
constexpr std::chrono::hours LongestSleep{24};

} // namespace

PolledEndpoint::PolledEndpoint(PollTarget target, ManagerPool &managers, const Intake &intake,
                               PendingBytes &pending, PollCounters &counters, qint64 maxMessageSize)
    : m_target(std::move(target))
    , m_intake(intake)
    , m_counters(counters)
    , m_source(SourceKind::Poll, m_target.source, counters, lcPoll)
    , m_request(m_target, managers, pending, maxMessageSize,
                [this](PollRequest::Result result) { onPolled(std::move(result)); })
{
    Q_ASSERT(m_target.endpoint.interval.count() > 0 && m_target.endpoint.timeout.count() > 0);
    m_timer.setSingleShot(true);
    // A coarse timer may be 5 % off: with an interval of a minute that is 3 s, enough to look like a gap.
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &PolledEndpoint::onTimer);
}

void PolledEndpoint::start(qint64 place, qint64 count)
{
    m_next = Clock::now() + m_target.endpoint.interval * place / count;
    sleepUntilNext();
    poll();
}

void PolledEndpoint::stop()
{
    m_timer.stop();
    m_request.abort();
}

void PolledEndpoint::onTimer()
{
    const Clock::time_point now = Clock::now();
    if (now >= m_next) {
        const auto interval = m_target.endpoint.interval;
        // From the grid, not from now: a late wake-up delays one poll and none after it.
        m_next += interval * (1 + (now - m_next) / interval);
        if (!m_request.isRunning())
            poll();
    }
    sleepUntilNext();
}

void PolledEndpoint::sleepUntilNext()
{
    using std::chrono::milliseconds;
    const auto left = std::chrono::ceil<milliseconds>(m_next - Clock::now());
    m_timer.start(std::clamp<milliseconds>(left, milliseconds(0), LongestSleep));
}

void PolledEndpoint::poll()
{
    m_pollBegan = Clock::now();
    m_request.start();
}

void PolledEndpoint::onPolled(PollRequest::Result result)
{
    const Clock::time_point ended = Clock::now();
    m_counters.lastDurationSeconds = std::chrono::duration<double>(ended - m_pollBegan).count();
    const Timestamp now = wallClock();
    std::optional<Rejection> rejection = std::move(result.fault);
    if (!rejection) {
        AppUpdate update{m_target.name, std::move(result.text)};
        rejection = m_intake.take({&update, 1}, m_source, now);
    }
    if (!rejection)
        return;
    rejection->app = m_target.name;
    m_intake.refuse(*rejection, m_source, now, ended);
}

} // namespace ExporterProxy
