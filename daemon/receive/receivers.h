// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/receive/pushconnection.h"

#include <QLocalServer>
#include <QTcpServer>

namespace ExporterProxy {

/// Receives pushes over TCP on one thread, on a socket that listens already: several threads can have a
/// receiver each on descriptors of the same socket. The socket stays its owner's (ListenSocket).
///
/// Both receivers accept by their PushDoor: QTcpServer would accept without a look at the cap of connections,
/// and have Qt's loop watch each of them.
class TcpReceiver final : public QTcpServer
{
    Q_OBJECT

public:
    /// `listener` is a descriptor of the listening socket, for this receiver alone. The references must
    /// outlive the receiver.
    TcpReceiver(ConnectionSet &set, Descriptor listener, const ReceiverSettings &settings,
                const Intake &intake, ReceiverCounters &counters);

    PushDoor &door() { return m_door; }

protected:
    void incomingConnection(qintptr descriptor) override
    {
        m_door.adopt(Descriptor(int(descriptor)), PushDoor::Clock::now());
    }

private:
    PushDoor m_door;
};

/// The same over a Unix socket.
class LocalReceiver final : public QLocalServer
{
    Q_OBJECT

public:
    /// `outlivesProcess`: the socket is somebody else's, who keeps it open.
    LocalReceiver(ConnectionSet &set, Descriptor listener, bool outlivesProcess,
                  const ReceiverSettings &settings, const Intake &intake, ReceiverCounters &counters);

    PushDoor &door() { return m_door; }

protected:
    void incomingConnection(quintptr descriptor) override
    {
        m_door.adopt(Descriptor(int(descriptor)), PushDoor::Clock::now());
    }

private:
    Descriptor m_listener; ///< where it is not QLocalServer's
    PushDoor m_door;
};

} // namespace ExporterProxy
