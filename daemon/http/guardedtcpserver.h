// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/proxycounters.h"
#include "common/util/socketaddress.h"
#include "daemon/http/heldoutput.h"
#include "daemon/http/httpsocket.h"
#include "daemon/http/requestturns.h"

#include <optional>
#include <QTcpServer>
#include <QTimer>
#include <unordered_set>

namespace ExporterProxy {

/// Listens for HTTP and gives QHttpServer connections that keep within the limits. Limits the number of
/// connections, and times them all by one timer, which runs only while one is open: an idle daemon without
/// connections sleeps.
class GuardedTcpServer : public QTcpServer
{
    Q_OBJECT

public:
    /// `failures` counts connections that could not be accepted, and must outlive the server.
    GuardedTcpServer(const HttpLimits &limits, AcceptFailures &failures, QObject *parent = nullptr);

    /// Starts to listen; `[::]` takes IPv4 too. Returns what went wrong as one sentence: "cannot listen on
    /// 0.0.0.0:6555: address in use".
    std::optional<QString> listenOn(const SocketAddress &address);

    /// Accepts what has connected by now, and nothing after that; open connections go on.
    void stopListening();

    /// Connections that are open, those included that wait for their client's close.
    int connections() const { return int(m_sockets.size()); }

    /// The connection whose readyRead() is being delivered. QHttpServer's handler runs in that same delivery,
    /// and from 6.5 on is not told the socket.
    HttpSocket *currentSocket() const { return m_current; }

    /// What slow readers keep in memory.
    HeldOutput &output() { return m_output; }

    /// Which requests are answered when.
    RequestTurns &turns() { return m_turns; }

    // For HttpSocket:
    void setCurrentSocket(HttpSocket *socket) { m_current = socket; }
    void noteDeadline(HttpSocket::Clock::time_point deadline);
    void logDropped(const HttpSocket &socket, const char *reason);

protected:
    void incomingConnection(qintptr descriptor) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void turnAway(qintptr descriptor);
    void acceptAll();
    void restFromAccepting(int error);
    void onDisconnected(HttpSocket *socket);
    void sweep();
    void logSparsely(const QString &text);

    const HttpLimits m_limits;
    AcceptFailures &m_failures;
    std::unordered_set<HttpSocket *> m_sockets;
    HttpSocket *m_current = nullptr;
    QTimer m_sweepTimer;
    HttpSocket::Clock::time_point m_nextSweep = HttpSocket::Clock::time_point::max();
    QTimer m_acceptTimer;
    HeldOutput m_output;
    RequestTurns m_turns;
    HttpSocket::Clock::time_point m_lastLog;
    qint64 m_unlogged = 0;
};

} // namespace ExporterProxy
