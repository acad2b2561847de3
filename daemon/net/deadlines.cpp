// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/net/deadlines.h"

#include <algorithm>

namespace ExporterProxy {

void Deadlines::add(std::unique_ptr<Connection> connection, Clock::time_point now)
{
    connection->m_phase = Phase::Fresh;
    connection->m_since = now;
    m_lists[std::size_t(Phase::Fresh)].append(std::move(connection));
}

void Deadlines::enter(Connection &connection, Phase phase, Clock::time_point now)
{
    std::unique_ptr<Connection> taken = take(connection);
    connection.m_phase = phase;
    connection.m_since = now;
    m_lists[std::size_t(phase)].append(std::move(taken));
}

std::unique_ptr<Connection> Deadlines::take(Connection &connection)
{
    return m_lists[std::size_t(connection.m_phase)].take(connection);
}

Deadlines::Clock::time_point Deadlines::deadline(std::size_t phase) const
{
    const Connection *const first = m_lists[phase].first();
    return first && m_times[phase].count() > 0 ? first->since() + m_times[phase] : Clock::time_point::max();
}

Connection *Deadlines::due(Clock::time_point now) const
{
    for (std::size_t phase = 0; phase < PhaseCount; ++phase) {
        if (deadline(phase) <= now)
            return m_lists[phase].first();
    }
    return nullptr;
}

Deadlines::Clock::time_point Deadlines::next() const
{
    Clock::time_point earliest = Clock::time_point::max();
    for (std::size_t phase = 0; phase < PhaseCount; ++phase)
        earliest = std::min(earliest, deadline(phase));
    return earliest;
}

} // namespace ExporterProxy
