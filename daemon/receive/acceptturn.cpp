// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/acceptturn.h"

#include <sys/epoll.h>

namespace ExporterProxy {

int AcceptTurn::join(int epoll)
{
    const std::lock_guard lock(m_mutex);
    m_seats.push_back({epoll, true});
    const int seat = int(m_seats.size()) - 1;
    if (m_holder == Nobody)
        take(seat);
    return seat;
}

bool AcceptTurn::offer(int seat)
{
    const std::lock_guard lock(m_mutex);
    const int other = otherWithRoom(seat);
    if (m_holder != seat || other == Nobody)
        return false;
    giveUp();
    if (take(other))
        return true;
    take(seat);
    return false;
}

bool AcceptTurn::pause(int seat)
{
    const std::lock_guard lock(m_mutex);
    m_seats[std::size_t(seat)].hasRoom = false;
    if (m_holder != seat)
        return m_holder != Nobody;
    giveUp();
    const int other = otherWithRoom(seat);
    return other != Nobody && take(other);
}

bool AcceptTurn::resume(int seat)
{
    const std::lock_guard lock(m_mutex);
    m_seats[std::size_t(seat)].hasRoom = true;
    return m_holder != Nobody || take(seat);
}

void AcceptTurn::giveUp()
{
    epoll_ctl(m_seats[std::size_t(m_holder)].epoll, EPOLL_CTL_DEL, m_listener, nullptr);
    m_holder = Nobody;
}

bool AcceptTurn::take(int seat)
{
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr;
    // Fails only for want of kernel memory.
    if (epoll_ctl(m_seats[std::size_t(seat)].epoll, EPOLL_CTL_ADD, m_listener, &event) != 0)
        return false;
    m_holder = seat;
    return true;
}

/// The next one around the table, so that all get their turn.
int AcceptTurn::otherWithRoom(int seat) const
{
    const int count = int(m_seats.size());
    for (int step = 1; step < count; ++step) {
        const int other = (seat + step) % count;
        if (m_seats[std::size_t(other)].hasRoom)
            return other;
    }
    return Nobody;
}

} // namespace ExporterProxy
