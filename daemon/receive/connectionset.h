// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/receive/acceptor.h"
#include "daemon/receive/connectionlist.h"
#include "daemon/receive/descriptor.h"
#include "daemon/receive/messagememory.h"
#include "daemon/receive/messagereader.h"

#include <chrono>
#include <functional>
#include <memory>
#include <QObject>
#include <QTimer>
#include <vector>

class QSocketNotifier;

namespace ExporterProxy {

/// The connections of one receiver (on one thread), from being accepted to being closed: which of them gets
/// its turn when, and which has had its time.
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
    /// `epoll` is an empty epoll set.
    ConnectionSet(Descriptor epoll, const ReceiverSettings &settings, const TextGate &gate, AppModel &model,
                  ReceiverCounters &counters);
    ~ConnectionSet() override;

    /// Takes other settings; `maxConnections` and `source` stay what they are. A message that has begun ends
    /// as it began, by the old format and limits.
    void setSettings(const ReceiverSettings &settings);

    /// Accepts from a listening, non-blocking stream socket from now on, in turns with other sets that do,
    /// and hands each new descriptor to `incoming`, which passes it on to adopt(). `turn` must outlive the
    /// set.
    void watchListener(AcceptTurn &turn, std::function<void(int)> incoming);

    /// Takes over a connected socket: reads what has arrived already, and watches it if more may come.
    void adopt(int descriptor);

    /// For an orderly end: takes in what has arrived, also on connections that nobody accepted yet, and
    /// accepts nothing more. Ends after a bounded time, whatever the senders do. Whoever is inside a message
    /// is told `why` it was not taken.
    void drain(const QByteArray &why);

private:
    using Clock = Connection::Clock;

    void handleEvents();
    bool makeRoom();
    void refuse(Connection &connection, const Rejection &rejection);
    void settle(Connection &connection, MessageReader::After after);
    void close(Connection &connection);
    void sweep();
    void handleWaitingEvents(Clock::time_point end);
    bool waitForEvent(Clock::time_point end) const;
    std::unique_ptr<Connection> takeSpare(int descriptor);
    void keepSpare(std::unique_ptr<Connection> connection);

    ReceiverSettings m_settings;
    ReceiverCounters &m_counters;
    const Intake m_intake;
    Source m_source;
    ConnectionList m_fresh; ///< accepted, nothing has arrived yet, oldest first
    ConnectionList m_idle; ///< between two messages, longest idle first
    ConnectionList m_busy; ///< inside a message, by the begin of the current progress window
    ConnectionList m_lingering; ///< refused; waiting for the sender to see why
    MessageMemory m_memory; ///< of m_busy
    MessageReader m_reader;
    Acceptor m_acceptor;
    const Descriptor m_epoll;
    QSocketNotifier *m_notifier = nullptr; ///< a child
    QTimer m_sweepTimer; ///< runs only while a deadline is pending: an idle daemon does not wake up
    QTimer m_logTimer; ///< runs until the rejections that were not logged are to be told
    std::vector<std::unique_ptr<Connection>> m_spare; ///< closed ones, with their decoders' memory
    std::vector<std::unique_ptr<Connection>>
        m_closedNow; ///< not reused before the current events are handled
    int m_open = 0;
    bool m_handlingEvents = false;
    bool m_wasLong = false; ///< the last round of events: others should accept meanwhile
};

} // namespace ExporterProxy
