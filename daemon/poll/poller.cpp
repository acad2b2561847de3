// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/poll/poller.h"

#include "daemon/poll/polledendpoint.h"

namespace ExporterProxy {

Poller::Poller(const std::vector<PollTarget> &targets, const TextGate &gate, AppModel &model,
               ProxyCounters &counters, qint64 maxMessageSize)
{
    m_endpoints.reserve(targets.size());
    for (const PollTarget &target : targets) {
        model.addPolled(target.name, target.source, target.endpoint.interval);
        m_endpoints.push_back(std::make_unique<PolledEndpoint>(target, m_managers, gate, model,
                                                               counters.polls[target.name], maxMessageSize));
    }
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
