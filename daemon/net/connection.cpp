// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/net/connection.h"

#include "daemon/net/connectionset.h"
#include "daemon/net/door.h"

#include <sys/epoll.h>
#include <utility>

namespace ExporterProxy {

const std::shared_ptr<const Page> &Connection::heldPage() const
{
    static const std::shared_ptr<const Page> none;
    return none;
}

void Connection::enter(Phase phase, Clock::time_point now)
{
    m_door.enter(*this, phase, now);
}

void Connection::queue(Work kind)
{
    m_door.set().queue(*this, kind);
}

bool Connection::mayRunNow(Clock::time_point now) const
{
    return m_door.set().scheduler().mayRunNow(now);
}

void Connection::watch(bool input, bool output)
{
    m_wanted = InSet | (input ? quint32(EPOLLIN) : 0u) | (output ? quint32(EPOLLOUT) : 0u);
}

void Connection::updateWatch()
{
    if (isOpen())
        m_door.set().updateWatch(*this);
}

void Connection::close()
{
    m_channel.close(); // which takes the descriptor out of the set as well
    m_door.noteClosed(*this);
}

void Connection::reset()
{
    m_channel.reset();
    m_door.noteClosed(*this);
}

ConnectionList::~ConnectionList()
{
    // One by one: a chain of ten thousand destructors would need a deep stack.
    while (m_first)
        take(*m_first);
}

void ConnectionList::append(std::unique_ptr<Connection> connection)
{
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
    taken->m_previous = nullptr;
    return taken;
}

} // namespace ExporterProxy
