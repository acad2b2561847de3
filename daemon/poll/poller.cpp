// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/poll/poller.h"

#include <algorithm>
#include <QLoggingCategory>

namespace ExporterProxy {

Q_LOGGING_CATEGORY(lcPoll, "exporterproxy.poll")

namespace {

/// QTimer counts milliseconds in an int; longer intervals are slept through in pieces.
constexpr std::chrono::hours LongestSleep{24};

/// How long an answer is judged before others have their turn, and the bytes between two looks at the clock.
constexpr std::chrono::milliseconds JudgingTime{1};
constexpr qsizetype JudgingStep = 32 * 1024;

} // namespace

PolledEndpoint::PolledEndpoint(PollTarget target, const Intake &intake, PendingBytes &pending,
                               PollCounters &counters, qint64 maxMessageSize)
    : m_target(std::move(target))
    , m_intake(intake)
    , m_counters(counters)
    , m_source(SourceKind::Poll, m_target.source, counters, lcPoll)
    , m_request(m_target, pending, maxMessageSize,
                [this](PollRequest::Result result) { onPolled(std::move(result)); })
{
    Q_ASSERT(m_target.endpoint.interval.count() > 0 && m_target.endpoint.timeout.count() > 0);
    m_timer.setSingleShot(true);
    // A coarse timer may be 5 % off: with an interval of a minute that is 3 s, enough to look like a gap.
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &PolledEndpoint::onTimer);
    m_judgingTimer.setSingleShot(true);
    connect(&m_judgingTimer, &QTimer::timeout, this, &PolledEndpoint::judge);
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
    m_judgingTimer.stop();
    m_judging.reset();
    m_request.abort();
}

void PolledEndpoint::onTimer()
{
    const Clock::time_point now = Clock::now();
    if (now >= m_next) {
        const auto interval = m_target.endpoint.interval;
        // From the grid, not from now: a late wake-up delays one poll and none after it.
        m_next += interval * (1 + (now - m_next) / interval);
        if (!m_request.isRunning() && !m_judging)
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
    if (result.fault)
        return fail(*std::move(result.fault));
    m_update = {m_target.name, std::move(result.text), result.format};
    m_judging.emplace(m_intake.judge({&m_update, 1}, timeNow()));
    judge();
}

void PolledEndpoint::judge()
{
    const Clock::time_point end = Clock::now() + JudgingTime;
    while (!m_judging->proceed(JudgingStep)) {
        if (Clock::now() > end)
            return m_judgingTimer.start(0);
    }
    std::optional<Rejection> rejection = m_intake.take(*m_judging, m_source);
    m_judging.reset();
    if (rejection)
        fail(*std::move(rejection));
}

void PolledEndpoint::fail(Rejection rejection)
{
    rejection.app = m_target.name;
    m_intake.refuse(rejection, m_source, timeNow(), Clock::now());
}

Poller::Poller(const std::vector<PollTarget> &targets, const Intake &intake, AppModel &model,
               ProxyCounters &counters, qint64 maxMessageSize)
    : m_intake(intake)
    , m_model(model)
    , m_counters(counters)
    , m_maxMessageSize(maxMessageSize)
{
    m_endpoints.reserve(targets.size());
    for (const PollTarget &target : targets)
        m_endpoints.push_back(makeEndpoint(target));
    m_begin.setSingleShot(true);
    connect(&m_begin, &QTimer::timeout, this, &Poller::begin);
}

Poller::~Poller()
{
    stop();
}

void Poller::start()
{
    if (!m_endpoints.empty())
        m_begin.start(0);
}

std::unique_ptr<PolledEndpoint> Poller::makeEndpoint(const PollTarget &target)
{
    m_model.addConfigured(target.name, target.source, SourceKind::Poll, target.endpoint.interval);
    return std::make_unique<PolledEndpoint>(target, m_intake, m_model.pending(),
                                            m_counters.polls[target.name], m_maxMessageSize);
}

Poller::Change Poller::setTargets(const std::vector<PollTarget> &targets, qint64 maxMessageSize)
{
    m_maxMessageSize = maxMessageSize;
    std::map<QByteArray, std::unique_ptr<PolledEndpoint>> former;
    for (std::unique_ptr<PolledEndpoint> &endpoint : m_endpoints) {
        const QByteArray name = endpoint->target().name;
        former.emplace(name, std::move(endpoint));
    }
    m_endpoints.clear();

    Change change;
    std::vector<PolledEndpoint *> fresh;
    for (const PollTarget &target : targets) {
        const auto found = former.find(target.name);
        if (found != former.end() && found->second->target() == target) {
            found->second->setMaxMessageSize(maxMessageSize);
            m_endpoints.push_back(std::move(found->second));
            former.erase(found);
            continue;
        }
        if (found != former.end()) {
            former.erase(found); // ends its poll, leaves its text and its counters
            ++change.changed;
        } else {
            ++change.added;
        }
        m_endpoints.push_back(makeEndpoint(target));
        fresh.push_back(m_endpoints.back().get());
    }
    for (auto &[name, endpoint] : former) {
        endpoint.reset(); // before its counters
        m_model.removeConfigured(name);
        m_counters.polls.erase(name);
        ++change.removed;
    }
    if (m_begin.isActive()) // begin() is still to come, for all
        return change;
    qint64 place = 0;
    for (PolledEndpoint *endpoint : fresh)
        endpoint->start(++place, qint64(fresh.size()));
    return change;
}

void Poller::stop()
{
    m_begin.stop();
    for (const auto &endpoint : m_endpoints)
        endpoint->stop();
}

void Poller::begin()
{
    // The second polls are spread: what is due at once is answered at once, and a burst each interval would
    // delay the pushes and scrapes of that moment.
    const auto count = qint64(m_endpoints.size());
    qint64 place = 0;
    for (const auto &endpoint : m_endpoints)
        endpoint->start(++place, count);
}

} // namespace ExporterProxy
