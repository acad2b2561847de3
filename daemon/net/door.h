// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/proxycounters.h"
#include "daemon/net/deadlines.h"
#include "daemon/process/logging.h"

#include <map>

namespace ExporterProxy {

class ConnectionSet;

/// A listening socket on one thread, with the connections that it has let in: accepts them, within a cap,
/// makes each a conversation, and owns it until it is closed. A door that several threads share is a Door on
/// each of them, with a descriptor of the same socket; the kernel wakes one that waits for each connection.
///
/// When all places are taken, one that has been of least use gives way to a client that waits: one that is
/// answered already, that has not sent a whole message or request and sends nothing, that is idle between
/// two, or that does not read its response. While a peer holds more than half of the places, it is one of its
/// own, whatever that does: no peer keeps more than half of them while others want them.
///
/// One thread, that of the set.
class Door
{
public:
    using Clock = Connection::Clock;

    /// Joins the set, which must outlive it, as `failures` must. `name` is the socket's address for the log.
    Door(ConnectionSet &set, QByteArray name, int maxConnections, const PhaseTimes &times,
         AcceptFailures &failures);
    /// Closes all connections.
    virtual ~Door();
    Door(const Door &) = delete;
    Door &operator=(const Door &) = delete;

    /// Accepts from this listening, non-blocking socket from now on. It stays the caller's, and must stay
    /// open until stopListening() or the end of this.
    void listenOn(int listener);

    /// Lets in whoever waits, until that moment at the latest, and accepts nothing more. Open connections
    /// stay.
    void stopListening(Clock::time_point until);

    /// Accepts nothing more: who waits is left to whoever holds the socket next.
    void leaveListening();

    /// Takes over a connection that was accepted elsewhere: has it read at once what has come already, and
    /// watches it if more may come.
    void adopt(Descriptor descriptor, Clock::time_point now);

    /// Accepts until nobody waits or the turn of the set is over; some in any case, which are then queued.
    void acceptPending(Clock::time_point now);

    int openConnections() const { return m_open; }
    const QByteArray &name() const { return m_name; }
    ConnectionSet &set() { return m_set; }
    Deadlines &deadlines() { return m_deadlines; }

    /// When sweep() has something to do; time_point::max() if never.
    Clock::time_point nextDeadline() const;
    void sweep(Clock::time_point now);

protected:
    /// A conversation for a new connection, which has not begun.
    virtual std::unique_ptr<Connection> makeConnection() = 0;
    /// A connection has ended; it may be kept for the next makeConnection().
    virtual void recycle(std::unique_ptr<Connection>) { }
    /// Whether a connection is to be answered by turnAway() if the cap is reached and none gives way to it;
    /// otherwise it waits in the kernel's queue.
    virtual bool turnsAway() const { return false; }
    virtual void turnAway(Descriptor) { }
    virtual void noteOpen(int by) = 0;
    /// The budget of lines about what peers and the system do at this door.
    virtual const LogLimiter &log() const = 0;
    /// Logs a line within that budget.
    virtual void logWarning(const QByteArray &line, Clock::time_point now) = 0;
    /// Logs how many lines were withheld: log().flushDue() has come.
    virtual void logWithheld(Clock::time_point now) = 0;

    int maxConnections() const { return m_maxConnections; }

private:
    friend class Connection;
    friend class ConnectionSet;

    void enter(Connection &connection, Phase phase, Clock::time_point now);
    void noteClosed(Connection &connection);
    void admit(Descriptor descriptor, Clock::time_point now);
    void identify(Connection &connection);
    void forget(const Connection &connection);
    bool isFull() const { return m_open >= m_maxConnections; }
    bool makeRoom(Clock::time_point now);
    Connection *leastUseful(Clock::time_point now) const;
    Connection *firstOf(Phase phase, Clock::duration stalled, Clock::time_point now) const;
    void makeRoomFor(const PeerKey &newcomer, Clock::time_point now);
    void pause();
    void resume();
    void rest(int error, Clock::time_point now);

    ConnectionSet &m_set;
    const QByteArray m_name;
    const int m_maxConnections;
    AcceptFailures &m_failures;
    Deadlines m_deadlines;
    int m_listener = -1; ///< -1: nothing is accepted
    int m_open = 0;
    std::map<PeerKey, PeerState> m_peers;
    const PeerState *m_majority = nullptr; ///< that holds more than half of the places
    bool m_isPaused = false; ///< for want of room or of descriptors: the listener is not watched
    bool m_isForRoom = false; ///< it is paused for want of room
    bool m_mayAccept = false; ///< the listener is ready, in the current turn
    Clock::time_point m_retryAt = Clock::time_point::max(); ///< to accept again after something ran out
};

} // namespace ExporterProxy
