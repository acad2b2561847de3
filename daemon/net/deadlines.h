// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/net/connection.h"

#include <array>

namespace ExporterProxy {

/// How long a connection may stay in each phase; 0: for as long as it likes.
using PhaseTimes = std::array<std::chrono::milliseconds, PhaseCount>;

/// The connections of one door by what they wait for, longest first. All that wait for the same may wait
/// equally long, so the first of each list is the next whose deadline passes: entering a phase, leaving it
/// and finding what is due cost the same however many there are.
///
/// Pure: time comes in as a value. One thread.
class Deadlines
{
public:
    using Clock = Connection::Clock;

    explicit Deadlines(const PhaseTimes &times)
        : m_times(times)
    {
    }

    /// Takes effect also for those that wait already.
    void setTime(Phase phase, std::chrono::milliseconds time) { m_times[std::size_t(phase)] = time; }

    /// Takes a connection over, into Phase::Fresh.
    void add(std::unique_ptr<Connection> connection, Clock::time_point now);

    /// Puts a connection behind all others of that phase.
    void enter(Connection &connection, Phase phase, Clock::time_point now);

    /// Gives the connection back.
    std::unique_ptr<Connection> take(Connection &connection);

    /// The connection that has been in that phase for longest; null if none is.
    Connection *first(Phase phase) const { return m_lists[std::size_t(phase)].first(); }

    /// A connection whose deadline has passed; null if there is none.
    Connection *due(Clock::time_point now) const;

    /// The moment at which the next deadline passes; time_point::max() if none will.
    Clock::time_point next() const;

private:
    Clock::time_point deadline(std::size_t phase) const;

    PhaseTimes m_times;
    std::array<ConnectionList, PhaseCount> m_lists;
};

} // namespace ExporterProxy
