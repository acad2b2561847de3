// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/proxycounters.h"
#include "daemon/process/loglimiter.h"
#include "daemon/receive/acceptturn.h"

#include <chrono>
#include <functional>
#include <QTimer>

namespace ExporterProxy {

/// Accepts the connections of one receiver (on one thread) from a listening socket, in turns with other
/// threads, as far as there is room for them. One thread, with an event loop.
class Acceptor
{
public:
    using Clock = std::chrono::steady_clock;

    /// How many may be accepted in one go. Where several threads accept, so many mean that there is work for
    /// another one.
    static constexpr int Batch = 8;

    /// What the owner of the connections has to say.
    struct Owner
    {
        /// How many it can take now.
        std::function<int()> room;
        /// Makes room for one where there is none. False: whoever waits has to, until resume().
        std::function<bool()> makeRoom;
        /// Has enough to do: what waits is to wait for the next turn of the event loop.
        std::function<bool()> isBusy;
        /// Takes over a connection.
        std::function<void(int descriptor)> take;
    };

    /// `failures` and `log` must outlive this; `source` names the socket in the log.
    Acceptor(QByteArray source, AcceptFailures &failures, LogLimiter &log);

    /// Takes part from now on, with that epoll set, in which the listener appears with a null pointer as its
    /// data. `turn` must outlive this, or leave() be called before.
    void join(AcceptTurn &turn, int epoll, Owner owner);

    /// Accepts until nobody waits, or that time has come; some in any case. `wasLong`: the last turn took so
    /// long that others should accept meanwhile.
    void acceptPending(Clock::time_point until, bool wasLong);

    /// The owner may have room again.
    void resume();

    /// For an orderly end. Takes part no longer, where the socket outlives the process: its queue is the next
    /// one's. Returns whether that is so.
    bool leaveToNextProcess();

    /// For an orderly end. Takes part no longer; if nobody else does, whoever waits is let in first, but not
    /// beyond that time.
    void leave(Clock::time_point until);

private:
    void rest(int error);
    void pause();
    int acceptBatch(int wanted, int *descriptors, int &error) const;

    const QByteArray m_source;
    AcceptFailures &m_failures;
    LogLimiter &m_log;
    AcceptTurn *m_turn = nullptr; ///< null before join() and after it has left
    int m_seat = -1;
    Owner m_owner;
    bool m_paused = false; ///< for want of room, or of descriptors
    QTimer m_retryTimer; ///< tries again after descriptors ran out
};

} // namespace ExporterProxy
