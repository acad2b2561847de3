// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/receive/connectionset.h"

#include <QLocalServer>
#include <QTcpServer>

namespace ExporterProxy {

/// What a receiver needs of what can run out.
struct ReceiverDescriptors
{
    Descriptor epoll; ///< an empty epoll set
    Descriptor listener; ///< another one of the listening socket

    /// False: there are none left; errno says of what.
    bool open(int listening);
};

/// Receives pushes over TCP, on a socket that listens already: several threads can have a receiver each on
/// the same port and accept in turns. The socket stays its owner's (ListenSocket).
class TcpReceiver final : public QTcpServer
{
    Q_OBJECT

public:
    TcpReceiver(AcceptTurn &turn, ReceiverDescriptors descriptors, const ReceiverSettings &settings,
                const TextGate &gate, AppModel &model, ReceiverCounters &counters);

    void drain(const QByteArray &why) { m_connections.drain(why); }
    void setSettings(const ReceiverSettings &settings) { m_connections.setSettings(settings); }

protected:
    void incomingConnection(qintptr descriptor) override { m_connections.adopt(int(descriptor)); }

private:
    ConnectionSet m_connections;
};

/// The same over a Unix socket.
class LocalReceiver final : public QLocalServer
{
    Q_OBJECT

public:
    LocalReceiver(AcceptTurn &turn, ReceiverDescriptors descriptors, const ReceiverSettings &settings,
                  const TextGate &gate, AppModel &model, ReceiverCounters &counters);

    void drain(const QByteArray &why) { m_connections.drain(why); }
    void setSettings(const ReceiverSettings &settings) { m_connections.setSettings(settings); }

protected:
    void incomingConnection(quintptr descriptor) override { m_connections.adopt(int(descriptor)); }

private:
    ConnectionSet m_connections;
};

} // namespace ExporterProxy
