// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/httpsocket.h"

#include "daemon/http/guardedtcpserver.h"

#include <algorithm>
#include <linux/sockios.h>
#include <QCoreApplication>
#include <QEvent>
#include <QNetworkProxy>
#include <QSocketNotifier>
#include <QVarLengthArray>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace ExporterProxy {

namespace {

/// What counts as taking something: less than a scraper on a slow line takes in a second.
constexpr qint64 Progress = 16 * 1024;

/// Whoever has taken so much is a reader: the kernel of one that never reads takes in less for it
/// (net.core.rmem_max and what it is doubled to, 416 KiB).
constexpr qint64 ReaderProof = 512 * 1024;

} // namespace

HttpSocket::HttpSocket(qintptr descriptor, const HttpLimits &limits, GuardedTcpServer &server)
    : m_limits(limits)
    , m_server(server)
    , m_guard(limits.maxRequestSize)
    , m_writer(*this)
    , m_since(Clock::now())
{
    setProxy(QNetworkProxy::NoProxy);
    // QHttpServer reads within a transaction, which keeps what it has read in this buffer: the limit is one
    // on the request as a whole.
    setReadBufferSize(limits.maxRequestSize);
    // Before QHttpServer's own connections: for each readyRead() it is our turn first.
    connect(this, &QTcpSocket::readyRead, this, &HttpSocket::onReadyRead);
    connect(this, &QTcpSocket::bytesWritten, this, &HttpSocket::onBytesWritten);
    // What QHttpServer of 6.4 has posted to itself by then would have it read from the closed socket.
    connect(this, &QTcpSocket::disconnected, this, [this] {
        if (!isOpen())
            disconnect(this, &QIODevice::readyRead, nullptr, nullptr);
    });
    if (!setSocketDescriptor(descriptor))
        return;
    setSocketOption(QAbstractSocket::LowDelayOption, 1);
    for (QSocketNotifier *notifier : findChildren<QSocketNotifier *>()) {
        if (notifier->type() == QSocketNotifier::Read)
            m_readNotifier = notifier;
    }
    if (m_readNotifier)
        m_readNotifier->installEventFilter(this);
}

/// Decides when something is read. (Qt switches its notifier on again by itself, with everything that is read
/// out of its buffer: so this asks each time.)
bool HttpSocket::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::SockAct || watched != m_readNotifier || m_isTurn)
        return QTcpSocket::eventFilter(watched, event);
    if (isAnswering() || m_phase == Phase::Dropped || m_isWaiting) {
        m_readNotifier->setEnabled(false);
        return true;
    }
    if (m_closing || m_server.turns().mayAnswer())
        return QTcpSocket::eventFilter(watched, event);
    m_readNotifier->setEnabled(false);
    waitForTurn(RequestTurns::lineFor(int(socketDescriptor())));
    return true;
}

void HttpSocket::waitForTurn(RequestTurns::Line line)
{
    if (m_isWaiting)
        return;
    m_isWaiting = true;
    m_server.turns().wait(*this, line);
}

void HttpSocket::takeTurn()
{
    m_isWaiting = false;
    if (state() != ConnectedState || isAnswering())
        return;
    m_isTurn = true;
    if (bytesAvailable() > 0) {
        Q_EMIT readyRead();
    } else if (m_readNotifier) {
        QEvent event(QEvent::SockAct);
        QCoreApplication::sendEvent(m_readNotifier, &event);
    }
    m_isTurn = false;
    if (m_readNotifier && !isAnswering())
        m_readNotifier->setEnabled(true);
}

void HttpSocket::onReadyRead()
{
    m_server.setCurrentSocket(this);
    if (m_closing)
        return discardInput();
    if (isAnswering()) {
        m_aside += readAll(); // bounded: the socket reads no further
        return;
    }
    if (m_handed) { // it was announced to QHttpServer, which did not take it for a whole request
        m_handed = false;
        return refuse({400, "malformed request"});
    }
    QVarLengthArray<char, 2048> bytes(bytesAvailable());
    bytes.resize(std::max(qint64(0), peek(bytes.data(), bytes.size())));
    QByteArrayView unread(bytes);
    if (!m_guard.isWithinRequest()) {
        // QHttpServer keeps one open after it has looked for a request. What is read within it stays in the
        // buffer: empty lines would use up the room for the request, and then nothing more is read.
        if (isTransactionStarted())
            commitTransaction();
        unread = unread.sliced(skipEmptyLines(unread));
    }
    if (unread.isEmpty())
        return;

    switch (m_guard.feed(unread)) {
    case RequestGuard::State::Incomplete:
        if (m_phase == Phase::Idle)
            enter(Phase::Request);
        break;
    case RequestGuard::State::Complete:
        m_handed = true;
        break;
    case RequestGuard::State::Refused:
        refuse(m_guard.fault());
        break;
    }
}

/// RFC 9112, section 2.2: empty lines before a request are to be ignored. Taken out of the socket here,
/// because not every QHttpServer ignores them. Returns their size.
qsizetype HttpSocket::skipEmptyLines(QByteArrayView bytes)
{
    qsizetype size = 0;
    char dropped;
    while (size < bytes.size() && (bytes[size] == '\r' || bytes[size] == '\n') && read(&dropped, 1) == 1)
        ++size;
    return size;
}

void HttpSocket::respond(HttpResponse response)
{
    m_handed = false;
    const bool close = response.close || !m_guard.facts().keepAlive;
    write(std::move(response), close);
    if (bytesAvailable() > 0)
        postGoOn();
}

void HttpSocket::awaitResponse()
{
    m_handed = false;
    enter(Phase::Page);
    if (m_readNotifier)
        m_readNotifier->setEnabled(false);
}

void HttpSocket::postGoOn()
{
    if (m_goingOn)
        return;
    m_goingOn = true;
    QMetaObject::invokeMethod(this, &HttpSocket::goOn, Qt::QueuedConnection);
}

/// Goes on with the request behind the one that was answered: QHttpServer of 6.4 does not look for it before
/// more arrives. (That of 6.8 does; then nothing is left here.)
void HttpSocket::goOn()
{
    m_goingOn = false;
    if (state() != ConnectedState || bytesAvailable() == 0 || isAnswering())
        return;
    if (m_server.turns().mayAnswer())
        Q_EMIT readyRead();
    else
        waitForTurn(RequestTurns::Line::Other); // behind those who have waited for their first answer
}

void HttpSocket::refuse(const RequestFault &fault)
{
    discardInput(); // so that QHttpServer, whose turn is next, finds nothing to parse
    write(HttpResponse::text(fault.status, fault.message + '\n'), true);
}

void HttpSocket::write(HttpResponse response, bool close)
{
    if (m_closing)
        return;
    m_closing = close;
    const ConnectionHeader connection = close ? ConnectionHeader::Close
        : m_guard.facts().http10              ? ConnectionHeader::KeepAlive
                                              : ConnectionHeader::None;
    // Moved, so that whoever counts a page's owners finds those who keep it.
    QByteArray head = responseHead(response, connection, wallClock());
    m_writer.enqueue(std::move(head), response.bodyless ? nullptr : std::move(response.body));
    pump();
}

void HttpSocket::pump()
{
    const bool wasReading = !isAnswering();
    switch (m_writer.pump()) {
    case ResponseWriter::State::Done:
        if (m_closing)
            linger();
        else
            enter(m_guard.isWithinRequest() ? Phase::Request : Phase::Idle);
        if (!wasReading)
            readAgain();
        break;
    case ResponseWriter::State::Waiting:
        if (m_phase == Phase::Response)
            break;
        enter(Phase::Response);
        m_firstTaken = m_windowTaken = m_lastTaken = bytesAcknowledged();
        m_progressAt = m_since;
        if (m_readNotifier)
            m_readNotifier->setEnabled(false);
        m_server.output().noteWaitingReader(*this);
        break;
    case ResponseWriter::State::Broken:
        drop(nullptr);
        break;
    }
}

/// Bytes that have left the writer and not reached the reader's kernel.
qint64 HttpSocket::bytesUnderWay() const
{
    int unacknowledged = 0;
    ::ioctl(int(socketDescriptor()), SIOCOUTQ, &unacknowledged);
    return bytesToWrite() + unacknowledged;
}

/// Of all responses. Those that wait in this side's kernel say nothing of the reader: it takes megabytes at a
/// time.
qint64 HttpSocket::bytesAcknowledged() const
{
    return m_writer.bytesTaken() - bytesUnderWay();
}

HttpSocket::Clock::duration HttpSocket::stalledFor(Clock::time_point now)
{
    const qint64 taken = bytesAcknowledged();
    // What the reader's kernel takes in by itself is no progress: it would make all that have just come
    // alike.
    const bool isReader = taken - m_firstTaken >= ReaderProof;
    // Where nothing but what Qt has to write is under way, he has taken all there was: it is this side that
    // has not had its turn.
    if ((isReader && taken - m_lastTaken >= Progress) || m_writer.bytesTaken() - taken == bytesToWrite()) {
        m_lastTaken = taken;
        m_progressAt = now;
    }
    const Clock::duration stalled = now - m_progressAt;
    if (!isReader)
        return stalled;
    return std::max(Clock::duration::zero(), stalled - m_limits.readerGrace);
}

/// Goes on with what was sent while a response waited.
void HttpSocket::readAgain()
{
    if (!isOpen())
        return;
    if (isTransactionStarted()) // by QHttpServer (6.8), which has found nothing
        rollbackTransaction();
    std::for_each(m_aside.crbegin(), m_aside.crend(), [this](char c) { ungetChar(c); });
    m_aside.clear();
    if (m_readNotifier)
        m_readNotifier->setEnabled(true);
    if (bytesAvailable() > 0)
        postGoOn(); // before the event loop looks for more: that may be the client's end
}

void HttpSocket::onBytesWritten()
{
    if (m_phase == Phase::Response)
        pump();
}

/// Says that nothing more comes, and gives the client the time to read and to close by itself. Closing at
/// once would reset the connection if input is left unread, and a reset overtakes the response.
void HttpSocket::linger()
{
    ::shutdown(int(socketDescriptor()), SHUT_WR);
    enter(Phase::Linger);
}

void HttpSocket::discardInput()
{
    if (!isOpen()) // reset by the client; what it had sent is announced once more
        return;
    if (isTransactionStarted())
        commitTransaction();
    char sink[4096];
    for (qint64 size = 0; (size = read(sink, sizeof sink)) > 0;)
        m_discarded += size;
    if (m_discarded > m_limits.maxLingerBytes && m_phase == Phase::Linger)
        drop(nullptr);
}

/// Resets the connection, for a reason that goes to the log if there is one. Not here, but in the server's
/// next sweep: QHttpServer may be about to read from the socket, now and (6.8) once more in the event loop's
/// next turn.
void HttpSocket::drop(const char *reason)
{
    if (reason)
        m_server.logDropped(*this, reason);
    m_closing = true;
    m_writer.clear();
    enter(Phase::Dropped);
}

void HttpSocket::enter(Phase phase)
{
    m_phase = phase;
    m_since = Clock::now();
    m_server.noteDeadline(deadline());
}

HttpSocket::Clock::time_point HttpSocket::deadline() const
{
    switch (m_phase) {
    case Phase::Idle:
        return m_since + m_limits.idleTimeout;
    case Phase::Request:
        return m_since + m_limits.requestTimeout;
    case Phase::Page:
        return Clock::time_point::max(); // by LaterResponses
    case Phase::Response:
        return m_since + m_limits.stallTimeout;
    case Phase::Linger:
        return m_since + m_limits.lingerTimeout;
    case Phase::Dropped:
        break;
    }
    return m_since;
}

void HttpSocket::expire(Clock::time_point now)
{
    if (now < deadline())
        return;
    switch (m_phase) {
    case Phase::Idle:
        disconnectFromHost();
        break;
    case Phase::Request:
        refuse({408, "the request took too long to arrive"});
        break;
    case Phase::Page:
        break;
    case Phase::Response: {
        const qint64 taken = bytesAcknowledged();
        const std::chrono::duration<double> window = m_limits.stallTimeout;
        if (double(taken - m_windowTaken) < double(m_limits.minReadRate) * window.count()) {
            drop("reads its response too slowly");
            break;
        }
        m_windowTaken = taken;
        enter(Phase::Response);
        break;
    }
    case Phase::Dropped: {
        // Otherwise the kernel would keep its megabytes for the reader for as long as he likes.
        const struct ::linger reset
        {
            1, 0
        };
        ::setsockopt(int(socketDescriptor()), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        [[fallthrough]];
    }
    case Phase::Linger:
        // QHttpServer of 6.4 posts this signal to itself for the next of several requests, and would read
        // from the closed socket.
        disconnect(this, &QIODevice::readyRead, nullptr, nullptr);
        abort();
        break;
    }
}

} // namespace ExporterProxy
