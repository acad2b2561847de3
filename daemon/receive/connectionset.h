// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/textgate.h"
#include "common/model/appmodel.h"
#include "common/model/proxycounters.h"
#include "common/wire/pushdecoder.h"
#include "daemon/receive/acceptturn.h"
#include "daemon/receive/connectionlist.h"
#include "daemon/receive/loglimiter.h"

#include <chrono>
#include <functional>
#include <memory>
#include <QObject>
#include <QTimer>
#include <vector>

class QSocketNotifier;

namespace ExporterProxy {

/// What the connections of one receiver have in common.
struct ReceiverSettings
{
    PushFormat format = PushFormat::Json;
    DecodeLimits limits;
    std::chrono::milliseconds messageTimeout{30'000};
    int maxConnections = 2048; ///< of this set
    QByteArray source; ///< what the applications' `source` says: the listening address, or the socket's path
};

/// The connections of one receiver (on one thread): accepts, reads, decodes, stores, closes.
///
/// All descriptors sit in one epoll set, and Qt's loop watches that set's own descriptor through one
/// QSocketNotifier: Qt's dispatchers poll(2), whose cost grows with each descriptor watched, and thousands of
/// idle senders would slow every push. A push that has arrived by the time its connection is accepted never
/// enters the set at all.
///
/// Lives on one thread, whose event loop it needs; the gate, the model and the counters may be shared with
/// others.
class ConnectionSet final : public QObject
{
    Q_OBJECT

public:
    ConnectionSet(const ReceiverSettings &settings, const TextGate &gate, AppModel &model,
                  ReceiverCounters &counters);
    ~ConnectionSet() override;

    /// Accepts from a listening, non-blocking stream socket from now on, in turns with other sets that do,
    /// and hands each new descriptor to `incoming`, which passes it on to adopt(). `turn` must outlive the
    /// set.
    void watchListener(AcceptTurn &turn, std::function<void(int)> incoming);

    /// Takes over a connected socket: reads what has arrived already, and watches it if more may come.
    void adopt(int descriptor);

    /// For an orderly stop: takes in what has arrived, also on connections that nobody accepted yet, and
    /// accepts nothing more. Ends after a bounded time, whatever the senders do.
    void drain();

private:
    enum class After { KeepOpen, Close };

    void handleEvents();
    void acceptPending();
    void pauseAccepting();
    void resumeAccepting();
    int roomForMore();
    bool makeRoom();
    After readFrom(Connection &connection);
    After consume(Connection &connection, PushDecoder::Status status);
    After endOfInput(Connection &connection);
    After refuse(Connection &connection, const Rejection &rejection);
    After discard(Connection &connection);
    void settle(Connection &connection, After after);
    void close(Connection &connection);
    void sweep();
    std::unique_ptr<Connection> takeSpare(int descriptor);
    void keepSpare(std::unique_ptr<Connection> connection);

    const ReceiverSettings m_settings;
    const TextGate &m_gate;
    AppModel &m_model;
    ReceiverCounters &m_counters;
    LogLimiter m_log;

    int m_epoll = -1;
    AcceptTurn *m_turn = nullptr; ///< null before watchListener() and after drain()
    int m_seat = -1;
    bool m_paused = false; ///< not accepting: for want of room, or of descriptors
    bool m_wasLong = false; ///< the last round of events: others should accept meanwhile
    std::function<void(int)> m_incoming;
    QSocketNotifier *m_notifier = nullptr; ///< a child
    QTimer m_sweepTimer; ///< runs only while a deadline is pending: an idle daemon does not wake up
    QTimer m_retryTimer; ///< tries to accept again after descriptors ran out
    std::unique_ptr<char[]>
        m_readBuffer; ///< shared by all connections: what they must keep, their decoders keep

    ConnectionList m_fresh; ///< accepted, nothing has arrived yet, oldest first
    ConnectionList m_idle; ///< between two messages, longest idle first
    ConnectionList m_busy; ///< inside a message, by the begin of the current progress window
    ConnectionList m_lingering; ///< refused; waiting for the sender to see why
    std::vector<std::unique_ptr<Connection>> m_spare; ///< closed ones, with their decoders' memory
    std::vector<std::unique_ptr<Connection>>
        m_closedNow; ///< not reused before the current events are handled
    int m_open = 0;
    bool m_handlingEvents = false;
};

} // namespace ExporterProxy
