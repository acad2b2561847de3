// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/net/peer.h"

#include <array>
#include <chrono>
#include <cstddef>

namespace ExporterProxy {

/// Shares a thread's time between the connections that have something to do. A turn of the event loop has a
/// budget; what is not done in it waits for the next turn, so that timers, polls and everything else that the
/// loop serves run in between, however much there is to do.
///
/// Time is shared by what jobs take, not by their number: first between the kinds of work, within a kind
/// between the peers, and within a peer between its connections. So a scrape waits for no more than one job
/// of another kind, a peer's work for no more than one job of another peer, however many connections that
/// has, and a connection that seldom has something to do goes before those that always have.
///
/// Pure: time comes in as a value. One thread.
class Scheduler
{
public:
    using Clock = std::chrono::steady_clock;

    /// Long enough that the cost of a turn is small beside its work, short enough that a scrape that comes in
    /// the middle of it is answered without a noticeable delay.
    static constexpr std::chrono::milliseconds TurnBudget{5};

    /// Begins a turn of the event loop.
    void beginTurn(Clock::time_point now) { m_turnEnds = now + TurnBudget; }

    /// Whether the turn has used its budget.
    bool isOver(Clock::time_point now) const { return now >= m_turnEnds; }

    /// Whether a job may be done at once, without being queued: the turn has time left, and no connection
    /// waits.
    bool mayRunNow(Clock::time_point now) const { return m_waiting == 0 && !isOver(now); }

    /// Connections wait for their turn.
    bool isBusy() const { return m_waiting > 0; }

    /// Queues a job of the connection, which has a peer. The caller takes care that a connection is queued
    /// once at most, and not before the job that it is doing has been noted.
    void enqueue(Connection &connection, Work kind);

    struct Job
    {
        Connection *connection = nullptr; ///< null: nothing is to be done in this turn any more
        Work kind = Work::Push;
    };
    /// Takes the next job. To be followed by note().
    Job next(Clock::time_point now);

    /// Forgets the jobs of all connections of which `isGone` is true. The peers of the others stay.
    template<typename Predicate>
    void eraseIf(Predicate isGone)
    {
        for (std::size_t kind = 0; kind < WorkKinds; ++kind) {
            m_peers[kind].eraseIf([this, kind, &isGone](PeerState *peer) {
                PeerState::Share &share = peer->shares[kind];
                m_waiting -= share.waiting.eraseIf(isGone);
                share.isQueued = !share.waiting.isEmpty();
                return !share.isQueued;
            });
        }
    }

    /// Notes what a job of the connection took, whether it was queued or not.
    void note(Connection &connection, Work kind, Clock::duration spent);

private:
    std::array<FairQueue<PeerState>, WorkKinds> m_peers; ///< those with connections that wait
    std::array<Clock::duration, WorkKinds> m_spent{}; ///< the kind with the least comes next
    std::size_t m_waiting = 0;
    Clock::time_point m_turnEnds;
};

} // namespace ExporterProxy
