// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/connectionlist.h"

#include <unistd.h>
#include <utility>

namespace ExporterProxy {

qint64 Connection::noteHeld()
{
    const qint64 before = held;
    held = decoder->isMidMessage() ? decoder->heldBytes() : 0;
    if (held == 0) {
        heldAtProgress = 0;
    } else if (before == 0 || held - heldAtProgress >= MinProgress) {
        progressAt = Clock::now();
        heldAtProgress = held;
    }
    return held - before;
}

ConnectionList::~ConnectionList()
{
    // One by one: a chain of ten thousand destructors would need a deep stack.
    while (m_first)
        ::close(take(*m_first)->descriptor);
}

void ConnectionList::append(std::unique_ptr<Connection> connection)
{
    connection->m_list = this;
    connection->m_previous = m_last;
    std::unique_ptr<Connection> &place = m_last ? m_last->m_next : m_first;
    m_last = connection.get();
    place = std::move(connection);
}

std::unique_ptr<Connection> ConnectionList::take(Connection &connection)
{
    std::unique_ptr<Connection> &place = connection.m_previous ? connection.m_previous->m_next : m_first;
    std::unique_ptr<Connection> taken = std::move(place);
    place = std::move(taken->m_next);
    (place ? place->m_previous : m_last) = taken->m_previous;
    taken->m_list = nullptr;
    taken->m_previous = nullptr;
    return taken;
}

} // namespace ExporterProxy
