// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/net/scheduler.h"

#include <algorithm>

namespace ExporterProxy {

void Scheduler::enqueue(Connection &connection, Work kind)
{
    std::deque<Connection *> &queue = m_queues[std::size_t(kind)];
    if (m_waiting == 0) {
        m_spent.fill(Clock::duration::zero()); // nobody has waited for the time that a kind has had
    } else if (queue.empty()) {
        // A kind that had nothing to do has saved up no time: it begins level with the one that has had
        // least.
        Clock::duration least = Clock::duration::max();
        for (std::size_t i = 0; i < WorkKinds; ++i) {
            if (!m_queues[i].empty())
                least = std::min(least, m_spent[i]);
        }
        Clock::duration &spent = m_spent[std::size_t(kind)];
        spent = std::max(spent, least);
    }
    queue.push_back(&connection);
    ++m_waiting;
}

Scheduler::Job Scheduler::next(Clock::time_point now)
{
    if (m_waiting == 0 || isOver(now))
        return {};
    std::size_t kind = WorkKinds;
    for (std::size_t i = 0; i < WorkKinds; ++i) {
        if (!m_queues[i].empty() && (kind == WorkKinds || m_spent[i] < m_spent[kind]))
            kind = i;
    }
    Connection *const connection = m_queues[kind].front();
    m_queues[kind].pop_front();
    --m_waiting;
    return {connection, Work(kind)};
}

} // namespace ExporterProxy
