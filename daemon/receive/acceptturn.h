// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>
#include <vector>

namespace ExporterProxy {

/// Lets the threads that share a listening socket accept in turns. At any time one of them watches it: were
/// all to, each connection would wake them all, and for a small push the wake-ups in vain cost more than the
/// push.
///
/// A thread takes part with its epoll set, in which the listener appears (with a null pointer as its data)
/// while the turn is its own. All functions may be called on any thread.
class AcceptTurn
{
public:
    /// `listener` stays the caller's and must outlive this; `outlivesProcess`: see ListenSocket.
    explicit AcceptTurn(int listener, bool outlivesProcess = false)
        : m_listener(listener)
        , m_outlivesProcess(outlivesProcess)
    {
    }
    AcceptTurn(const AcceptTurn &) = delete;
    AcceptTurn &operator=(const AcceptTurn &) = delete;

    int listener() const { return m_listener; }
    bool outlivesProcess() const { return m_outlivesProcess; }

    /// Takes part from now on, with room for connections. Returns the seat, which the other functions want.
    int join(int epoll);

    /// Has its hands full with what it accepted: the turn goes to another one that has room. False: there is
    /// none.
    bool offer(int seat);

    /// Has no room for more, or takes part no longer. False: nobody watches the listener any more, because
    /// nobody has room, and the kernel's queue holds the connections.
    bool pause(int seat);

    /// Has room again. False: nobody watches the listener, because the kernel refused it; try again later.
    bool resume(int seat);

private:
    struct Seat
    {
        int epoll = -1;
        bool hasRoom = true;
    };

    static constexpr int Nobody = -1;

    void giveUp();
    bool take(int seat);
    int otherWithRoom(int seat) const;

    const int m_listener;
    const bool m_outlivesProcess;
    std::mutex m_mutex;
    std::vector<Seat> m_seats;
    int m_holder = Nobody;
};

} // namespace ExporterProxy
