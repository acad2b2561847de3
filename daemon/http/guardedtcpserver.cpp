// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/guardedtcpserver.h"

#include <algorithm>
#include <cerrno>
#include <QEvent>
#include <QLoggingCategory>
#include <QNetworkProxy>
#include <QSocketNotifier>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace ExporterProxy {

namespace {

Q_LOGGING_CATEGORY(httpLog, "exporterproxy.http", QtInfoMsg)

using Clock = HttpSocket::Clock;
using namespace std::chrono_literals;

/// A burst of connects as long as this queues in the kernel; with Qt's default of 50, 5000 took 52 s.
constexpr int ListenBacklog = 4096;

/// Time between two sweeps at least, so that many connections' deadlines do not become as many wake-ups.
constexpr auto SweepResolution = 50ms;

/// After so many the connections that are open get their turn.
constexpr int MaxAcceptsAtOnce = 256;

/// How long accepting rests when the process or the system is out of descriptors or memory.
constexpr auto AcceptPause = 1s;

/// What clients do wrong is logged no more often than this: it must not fill a disk.
constexpr auto LogInterval = 1s;

QString causeOf(const QTcpServer &server)
{
    switch (server.serverError()) {
    case QAbstractSocket::AddressInUseError:
        return QStringLiteral("address in use");
    case QAbstractSocket::SocketAddressNotAvailableError:
        return QStringLiteral("no interface has this address");
    case QAbstractSocket::SocketAccessError:
        return QStringLiteral("permission denied");
    default:
        return server.errorString();
    }
}

} // namespace

GuardedTcpServer::GuardedTcpServer(const HttpLimits &limits, AcceptFailures &failures, QObject *parent)
    : QTcpServer(parent)
    , m_limits(limits)
    , m_failures(failures)
    , m_output(m_sockets)
{
    setProxy(QNetworkProxy::NoProxy);
    setListenBacklogSize(ListenBacklog);
    m_sweepTimer.setSingleShot(true);
    m_acceptTimer.setSingleShot(true);
    m_acceptTimer.setInterval(AcceptPause);
    connect(&m_sweepTimer, &QTimer::timeout, this, &GuardedTcpServer::sweep);
    connect(&m_acceptTimer, &QTimer::timeout, this, &QTcpServer::resumeAccepting);
}

std::optional<QString> GuardedTcpServer::listenOn(const SocketAddress &address)
{
    // Qt's Any is the socket for both protocols, its AnyIPv6 refuses IPv4.
    QHostAddress host(address.host);
    if (host == QHostAddress(QHostAddress::AnyIPv6))
        host = QHostAddress(QHostAddress::Any);
    if (!listen(host, address.port))
        return QStringLiteral("cannot listen on %1: %2").arg(address.toString(), causeOf(*this));
    // Out of descriptors, QTcpServer would spin: once an accept has found nothing, its socket engine reports
    // that harmless error for every later one, and no acceptError() comes. So accepting is done here.
    for (auto *notifier : findChildren<QSocketNotifier *>())
        notifier->installEventFilter(this);
    return std::nullopt;
}

void GuardedTcpServer::stopListening()
{
    if (!isListening())
        return;
    acceptAll();
    m_acceptTimer.stop();
    close();
}

bool GuardedTcpServer::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::SockAct)
        return QTcpServer::eventFilter(watched, event);
    acceptAll();
    return true;
}

void GuardedTcpServer::acceptAll()
{
    for (int i = 0; i < MaxAcceptsAtOnce; ++i) {
        const int descriptor =
            ::accept4(int(socketDescriptor()), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0) {
            incomingConnection(descriptor);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            return restFromAccepting(errno);
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return; // nothing is left, or only what concerned one connection
        }
    }
}

void GuardedTcpServer::incomingConnection(qintptr descriptor)
{
    if (connections() >= m_limits.maxConnections)
        return turnAway(descriptor);
    auto *socket = new HttpSocket(descriptor, m_limits, *this);
    if (socket->state() != QAbstractSocket::ConnectedState) {
        delete socket;
        ::close(int(descriptor));
        return;
    }
    socket->setParent(this);
    m_sockets.insert(socket);
    // By the server's context: while the server is destroyed, its sockets are no longer its business.
    connect(socket, &QTcpSocket::disconnected, this, [this, socket] { onDisconnected(socket); });
    noteDeadline(socket->deadline());
    addPendingConnection(socket);
}

/// Answers a connection that is one too many, without a socket object, a wait, or a look at what it wants.
void GuardedTcpServer::turnAway(qintptr descriptor)
{
    HttpResponse response = HttpResponse::text(503, "too many connections\n");
    response.headers = "Retry-After: 1\r\n";
    const QByteArray bytes =
        responseHead(response, ConnectionHeader::Close, wallClock()) + response.body->parts.front();
    // What has come is read away, or closing would reset the connection and the answer with it.
    char sink[4096];
    while (::recv(int(descriptor), sink, sizeof sink, MSG_DONTWAIT) == ssize_t(sizeof sink)) { }
    // Fits into the empty buffer of a new connection.
    (void)::send(int(descriptor), bytes.constData(), std::size_t(bytes.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
    ::shutdown(int(descriptor), SHUT_WR);
    ::close(int(descriptor));
    logSparsely(QStringLiteral("connection refused: %1 are open").arg(connections()));
}

/// Goes on when a connection closes, or else after a pause.
void GuardedTcpServer::restFromAccepting(int error)
{
    m_failures.count(error);
    logSparsely(QStringLiteral("cannot accept connections for now: %1").arg(qt_error_string(error)));
    pauseAccepting();
    m_acceptTimer.start();
}

void GuardedTcpServer::onDisconnected(HttpSocket *socket)
{
    m_sockets.erase(socket);
    m_turns.forget(socket);
    if (m_current == socket)
        m_current = nullptr;
    if (m_sockets.empty()) {
        m_sweepTimer.stop();
        m_nextSweep = Clock::time_point::max();
    }
    if (m_acceptTimer.isActive()) {
        m_acceptTimer.stop();
        resumeAccepting();
    }
}

void GuardedTcpServer::noteDeadline(Clock::time_point deadline)
{
    if (deadline >= m_nextSweep) // also of nearly every request: no timer is touched then
        return;
    m_nextSweep = deadline;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    m_sweepTimer.start(std::max<std::chrono::milliseconds>(left, SweepResolution));
}

void GuardedTcpServer::sweep()
{
    m_nextSweep = Clock::time_point::max();
    const Clock::time_point now = Clock::now();
    const std::vector<HttpSocket *> sockets(m_sockets.begin(), m_sockets.end()); // expire() may remove them
    for (HttpSocket *socket : sockets)
        socket->expire(now); // deleted by QHttpServer at the earliest in the event loop's next turn
    for (const HttpSocket *socket : m_sockets)
        noteDeadline(socket->deadline());
}

void GuardedTcpServer::logDropped(const HttpSocket &socket, const char *reason)
{
    logSparsely(QStringLiteral("connection from %1 dropped: it %2")
                    .arg(SocketAddress{socket.peerAddress().toString(), socket.peerPort()}.toString(),
                         QLatin1String(reason)));
}

void GuardedTcpServer::logSparsely(const QString &text)
{
    const Clock::time_point now = Clock::now();
    if (now - m_lastLog < LogInterval) {
        ++m_unlogged;
        return;
    }
    m_lastLog = now;
    if (m_unlogged > 0)
        qCWarning(httpLog, "%ls (and %lld messages like it)", qUtf16Printable(text),
                  std::exchange(m_unlogged, 0));
    else
        qCWarning(httpLog, "%ls", qUtf16Printable(text));
}

} // namespace ExporterProxy
