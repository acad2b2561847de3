// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/page.h"
#include "daemon/net/channel.h"
#include "daemon/net/scheduler.h"

#include <array>
#include <chrono>
#include <memory>

namespace ExporterProxy {

class Door;

/// What a connection waits for. Its deadline runs from the moment it began to.
enum class Phase : quint8 {
    Fresh, ///< its first byte; since it was accepted
    Idle, ///< the next message or request
    Receiving, ///< the rest of a message or request; since its first byte, or since it last made progress
    Preparing, ///< its response, which is being made
    Responding, ///< the peer, which has to take the response; since the peer last made progress
    Lingering, ///< the peer's end, so that closing does not overtake the last answer; since that was written
};
inline constexpr std::size_t PhaseCount = 6;

/// One connection of a door, from being accepted to being closed: a conversation over a channel. What is said
/// in it is the derived class's business; when it has its turn, how long it may take, and whether it has to
/// go for want of memory is decided here, in its Door and in its ConnectionSet.
///
/// It is owned by its Door. close() never destroys it before the current turn of the set has ended.
/// One thread.
class Connection
{
public:
    using Clock = std::chrono::steady_clock;

    explicit Connection(Door &door)
        : m_door(door)
    {
    }
    virtual ~Connection() = default;
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    /// Goes on with what can be done now: reads what has come, or writes what is left of a response. Called
    /// after the connection was accepted, when its descriptor is ready, and when a queued job has its turn.
    virtual void proceed(Clock::time_point now) = 0;

    /// The deadline of its phase has passed. Afterwards it is closed, in another phase, or in the same one
    /// anew.
    virtual void onDeadline(Clock::time_point now) = 0;

    /// It has to go, because all connections together hold more than the `allowed` bytes.
    virtual void dropForMemory(qint64 allowed, Clock::time_point now) = 0;

    /// For how long the peer has made no progress with the message, request or response that is under way; if
    /// none is, for how long none has been.
    virtual Clock::duration stalledFor(Clock::time_point now) = 0;

    /// It has to go, because its door is full and another client waits. Afterwards it is closed, or has come
    /// closer to its end: it is in Phase::Lingering, or has read what had arrived.
    virtual void giveWay(Clock::time_point now) = 0;

    /// The page that it is sending; null if it sends none.
    virtual const std::shared_ptr<const Page> &heldPage() const;

    /// Bytes of the message that is under way, as noted with ConnectionMemory::noteInput().
    qint64 heldInput() const { return m_heldInput; }

    /// The kind of work that proceed() is.
    virtual Work work() const = 0;

    Phase phase() const { return m_phase; }
    Clock::time_point since() const { return m_since; }
    bool isOpen() const { return m_channel.isOpen(); }
    Channel &channel() { return m_channel; }
    const Channel &channel() const { return m_channel; }

    /// The one behind it in the list of its phase.
    Connection *next() const { return m_next.get(); }

protected:
    /// Waits for something else from now on, or anew for the same.
    void enter(Phase phase, Clock::time_point now);
    /// Has proceed() called in a later job of this kind.
    void queue(Work kind);
    /// Whether a job may be done at once in place of being queued.
    bool mayRunNow(Clock::time_point now) const;
    /// Which readiness of the descriptor leads to proceed() from the end of the current job on. Input at
    /// first.
    void watch(bool input, bool output);
    /// Says whose it is, before it is queued for the first time. The peer must outlive it.
    void setPeer(PeerState &peer) { m_peer = &peer; }
    void close();
    /// Closes, and has the kernel drop what the peer has not taken.
    void reset();

    Door &m_door;
    Channel m_channel;

private:
    friend class ConnectionList;
    friend class ConnectionMemory;
    friend class ConnectionSet;
    friend class Deadlines;
    friend class Door;
    friend class Scheduler;

    /// Has the set watch what watch() has said last.
    void updateWatch();

    Phase m_phase = Phase::Fresh;
    Clock::time_point m_since;
    Connection *m_previous = nullptr;
    std::unique_ptr<Connection> m_next;
    static constexpr quint32 InSet = 1u << 20; ///< none of epoll's: the descriptor is in the set
    quint32 m_wanted = 0; ///< events that are to be watched, and InSet
    quint32 m_watched = 0; ///< events that are watched
    bool m_isQueued = false;
    qint64 m_heldInput = 0;
    qint64 m_heldByKernel = 0; ///< when it was weighed last
    PeerState *m_peer = nullptr; ///< its door's; null until it matters
    std::array<Clock::duration, WorkKinds> m_spent{}; ///< as the scheduler counts it
};

/// A queue of connections that owns them. It links them by pointers of their own: moving one from a list to
/// another costs no allocation.
class ConnectionList
{
public:
    ConnectionList() = default;
    ~ConnectionList();
    ConnectionList(const ConnectionList &) = delete;
    ConnectionList &operator=(const ConnectionList &) = delete;

    /// The one that was appended first; null if there is none.
    Connection *first() const { return m_first.get(); }
    void append(std::unique_ptr<Connection> connection);
    /// Takes out a connection that is in this list.
    std::unique_ptr<Connection> take(Connection &connection);

private:
    std::unique_ptr<Connection> m_first;
    Connection *m_last = nullptr;
};

} // namespace ExporterProxy
