// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/poll/polledendpoint.h"

#include <algorithm>
#include <QLoggingCategory>

namespace ExporterProxy {

Q_LOGGING_CATEGORY(lcPoll, "exporterproxy.poll")

namespace {

/// Log lines that an endpoint may write at once, and how long until it has one more. An endpoint that fails
/// every other poll changes its state twice each few seconds, for years.
constexpr int MaxLines = 10;
constexpr std::chrono::minutes LineEvery{10};

/// QTimer counts milliseconds in an int; longer intervals are slept through in pieces.
constexpr std::chrono::hours LongestSleep{24};

} // namespace

PolledEndpoint::PolledEndpoint(PollTarget target, ManagerPool &managers, const TextGate &gate,
                               AppModel &model, PollCounters &counters, qint64 maxMessageSize)
    : m_target(std::move(target))
    , m_gate(gate)
    , m_model(model)
    , m_counters(counters)
    , m_request(m_target, managers, maxMessageSize,
                [this](PollRequest::Result result) { onPolled(std::move(result)); })
    , m_linesLeft(MaxLines)
    , m_linesCounted(Clock::now())
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
    m_counters.lastDurationSeconds = std::chrono::duration<double>(Clock::now() - m_pollBegan).count();
    if (result.fault)
        noteFault(*result.fault);
    else
        store(std::move(result.text));
}

void PolledEndpoint::store(QByteArray text)
{
    AppUpdate update{m_target.name, std::move(text)};
    if (const auto rejection = m_gate.judge({&update, 1}))
        return noteFault({PollFailure::InvalidExposition, rejection->message});
    const auto rejection = m_model.apply({&update, 1}, m_target.source, SourceKind::Poll, wallClock());
    if (rejection)
        return noteFault({PollFailure::Limit, rejection->message});
    report({}, QByteArrayLiteral("answers again"));
}

void PolledEndpoint::noteFault(const PollFault &fault)
{
    ++m_counters.errors[std::size_t(fault.kind)];
    m_model.notePollFailed(m_target.name, fault.reason, wallClock());
    // The place of a fault in a text moves with each poll; that is no news.
    const bool isOfText =
        fault.kind == PollFailure::InvalidText || fault.kind == PollFailure::InvalidExposition;
    report(isOfText ? QByteArrayLiteral("invalid text") : fault.reason, "poll failed: " + fault.reason);
}

void PolledEndpoint::report(const QByteArray &state, const QByteArray &sentence)
{
    if (state == m_reported)
        return;
    const auto now = Clock::now();
    const auto earned = (now - m_linesCounted) / LineEvery;
    m_linesCounted += earned * LineEvery;
    m_linesLeft = int(std::min<qint64>(MaxLines, m_linesLeft + earned));
    if (m_linesLeft == 0)
        return; // and not told: the first line that is due again says how things stand then
    --m_linesLeft;
    m_reported = state;
    qCWarning(lcPoll, "%s: %s", m_target.name.constData(), sentence.constData());
}

} // namespace ExporterProxy
