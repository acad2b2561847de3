// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/poll/poller.h"

#include "daemon/poll/polledendpoint.h"

namespace ExporterProxy {

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
    return std::make_unique<PolledEndpoint>(target, m_managers, m_intake, m_model.pending(),
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
