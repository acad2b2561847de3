// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <QtGlobal>

namespace ExporterProxy {

class Connection;

/// The kinds of work that share a thread.
enum class Work : quint8 {
    Scrape, ///< what a monitoring server lives on is read, made and written
    Push, ///< pushes are read and stored
    Page, ///< larger pages, which people look at
};
inline constexpr std::size_t WorkKinds = 3;

/// Shares a thread's time between the connections that have something to do. A turn of the event loop has a
/// budget; what is not done in it waits for the next turn, so that timers, polls and everything else that the
/// loop serves run in between, however much there is to do. The kinds of work share a turn by the time they
/// take, not by their number: a scrape waits for no more than one job of another kind. Within a kind the
/// connection that has waited for longest comes first.
///
/// Pure: time comes in as a value, and connections are never touched. One thread.
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

    /// Queues a job of the connection. The caller takes care that a connection is queued once at most.
    void enqueue(Connection &connection, Work kind);

    struct Job
    {
        Connection *connection = nullptr; ///< null: nothing is to be done in this turn any more
        Work kind = Work::Push;
    };
    /// Takes the next job. To be followed by note().
    Job next(Clock::time_point now);

    /// Forgets the jobs of all connections of which `isGone` is true.
    template<typename Predicate>
    void eraseIf(Predicate isGone)
    {
        for (std::deque<Connection *> &queue : m_queues)
            m_waiting -= std::erase_if(queue, isGone);
    }

    /// Notes what a job of that kind took.
    void note(Work kind, Clock::duration spent) { m_spent[std::size_t(kind)] += spent; }

private:
    std::array<std::deque<Connection *>, WorkKinds> m_queues;
    std::array<Clock::duration, WorkKinds> m_spent{}; ///< the kind with the least comes next
    std::size_t m_waiting = 0;
    Clock::time_point m_turnEnds;
};

} // namespace ExporterProxy
