// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/net/scheduler.h"

#include "daemon/net/connection.h"

#include <algorithm>

namespace ExporterProxy {

void Scheduler::enqueue(Connection &connection, Work kind)
{
    const auto index = std::size_t(kind);
    if (m_waiting == 0) {
        m_spent.fill(Clock::duration::zero()); // nobody has waited for the time that a kind has had
    } else if (m_peers[index].isEmpty()) {
        // A kind that had nothing to do has saved up no time: it begins level with the one that has had
        // least.
        Clock::duration least = Clock::duration::max();
        for (std::size_t i = 0; i < WorkKinds; ++i) {
            if (!m_peers[i].isEmpty())
                least = std::min(least, m_spent[i]);
        }
        if (least != Clock::duration::max())
            m_spent[index] = std::max(m_spent[index], least);
    }
    PeerState &peer = *connection.m_peer;
    PeerState::Share &share = peer.shares[index];
    share.waiting.push(connection, connection.m_spent[index]);
    if (!std::exchange(share.isQueued, true))
        m_peers[index].push(peer, share.spent);
    ++m_waiting;
}

Scheduler::Job Scheduler::next(Clock::time_point now)
{
    if (m_waiting == 0 || isOver(now))
        return {};
    std::size_t kind = WorkKinds;
    for (std::size_t i = 0; i < WorkKinds; ++i) {
        if (!m_peers[i].isEmpty() && (kind == WorkKinds || m_spent[i] < m_spent[kind]))
            kind = i;
    }
    PeerState::Share &share = m_peers[kind].pop().shares[kind];
    share.isQueued = false; // until note() knows what the job took
    --m_waiting;
    return {&share.waiting.pop(), Work(kind)};
}

void Scheduler::note(Connection &connection, Work kind, Clock::duration spent)
{
    const auto index = std::size_t(kind);
    m_spent[index] += spent;
    connection.m_spent[index] += spent;
    if (!connection.m_peer)
        return;
    PeerState &peer = *connection.m_peer;
    PeerState::Share &share = peer.shares[index];
    share.spent += spent;
    if (!share.isQueued && !share.waiting.isEmpty()) {
        share.isQueued = true;
        m_peers[index].push(peer, share.spent);
    }
}

} // namespace ExporterProxy
