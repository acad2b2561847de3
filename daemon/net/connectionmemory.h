// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/pendingbytes.h"
#include "daemon/net/connection.h"

#include <atomic>
#include <functional>
#include <unordered_map>
#include <vector>

namespace ExporterProxy {

class Deadlines;

/// What the connections of one thread hold in memory, messages that are not complete and pages that are not
/// read, and which of them have to go when all of them, with everything else that is pending, hold too much.
///
/// What a connection costs is its bytes times the time for which its peer has made no progress: a message
/// that is arriving and a page that is being read cost next to nothing however large they are. The most
/// costly are dropped first.
///
/// A page counts once however many read it, and not at all while a cache holds it as well. What the kernel
/// holds of responses that are not read counts for each connection. One thread, except where a function says
/// otherwise.
class ConnectionMemory
{
public:
    using Clock = Connection::Clock;

    /// `wake` is called on any thread, and has update() called soon. `all` must outlive this.
    ConnectionMemory(PendingBytes &all, std::function<void()> wake);

    /// All connections whose memory this is, by their doors.
    void watch(const Deadlines &connections) { m_connections.push_back(&connections); }
    void forget(const Deadlines &connections) { std::erase(m_connections, &connections); }

    /// Whether all parts of the daemon together hold too much. Then nothing more is to be read, because
    /// another part, perhaps of this thread, has to make room and must have its turn.
    bool isExceeded() const { return m_pending.isExceeded(); }

    /// Whether readers hold half of what may be pending: pages that are held already are then to be handed
    /// out in place of fresh ones.
    bool isTight() const { return m_output > m_pending.allowed() / 2; }

    /// Notes how many bytes the connection's unfinished message takes up, and makes room if that is too much.
    /// The connection itself may have been dropped when it returns.
    void noteInput(Connection &connection, qint64 bytes, Clock::time_point now);

    /// The connection's response waits for its reader, in part or, with the kernel, as a whole.
    void noteReader(const Connection &connection, Clock::time_point now);

    /// Weighs the pages if it is time to, and makes room if another thread has asked for it.
    void update(Clock::time_point now);

    /// When update() is to be called at the latest; time_point::max() if it has nothing to do.
    Clock::time_point nextUpdate() const { return m_nextWeighing; }

private:
    struct HeldPage
    {
        long owners = 0;
        long readers = 0; ///< those of the owners that are connections
        qint64 bytes = 0;

        bool isCounted() const { return readers == owners; }
    };
    using HeldPages = std::unordered_map<const Page *, HeldPage>;

    HeldPages weigh();
    qint64 weighKernel();
    void weighExactly(HeldPages &pages);
    void makeRoom(Clock::time_point now);
    void setOutput(qint64 bytes);

    std::vector<const Deadlines *> m_connections;
    qint64 m_output = 0; ///< bytes of pages and of the kernel's, as they were weighed last
    qint64 m_kernel = 0; ///< the kernel's alone
    Clock::time_point m_nextWeighing = Clock::time_point::max();
    std::atomic<bool> m_isAsked{false};
    bool m_isMakingRoom = false;
    PendingBytes::Holder m_pending;
};

} // namespace ExporterProxy
