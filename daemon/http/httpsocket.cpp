// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/httpsocket.h"

#include "daemon/http/guardedtcpserver.h"

#include <QNetworkProxy>
#include <QVarLengthArray>
#include <sys/socket.h>

namespace ExporterProxy {

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
    if (setSocketDescriptor(descriptor))
        setSocketOption(QAbstractSocket::LowDelayOption, 1);
}

void HttpSocket::onReadyRead()
{
    m_server.setCurrentSocket(this);
    if (m_closing)
        return discardInput();
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

void HttpSocket::respond(const HttpResponse &response)
{
    m_handed = false;
    write(response, response.close || !m_guard.facts().keepAlive);
    if (bytesAvailable() > 0 && !m_resuming) {
        m_resuming = true;
        QMetaObject::invokeMethod(this, &HttpSocket::resume, Qt::QueuedConnection);
    }
}

/// Goes on with the request behind the one that was answered: QHttpServer of 6.4 does not look for it before
/// more arrives. (That of 6.8 does; then nothing is left here.)
void HttpSocket::resume()
{
    m_resuming = false;
    if (state() == ConnectedState && bytesAvailable() > 0)
        Q_EMIT readyRead();
}

void HttpSocket::refuse(const RequestFault &fault)
{
    discardInput(); // so that QHttpServer, whose turn is next, finds nothing to parse
    write(HttpResponse::text(fault.status, fault.message + '\n'), true);
}

void HttpSocket::write(const HttpResponse &response, bool close)
{
    if (m_closing)
        return;
    if (m_writer.queued() >= m_limits.maxQueuedResponses)
        return drop("sends requests without reading the responses");
    m_closing = close;
    if (m_phase != Phase::Response)
        m_writingFrom = m_writer.bytesQueued();
    const ConnectionHeader connection = close ? ConnectionHeader::Close
        : m_guard.facts().http10              ? ConnectionHeader::KeepAlive
                                              : ConnectionHeader::None;
    m_writer.enqueue(responseHead(response, connection, wallClock()),
                     response.bodyless ? nullptr : response.body);
    pump();
}

void HttpSocket::pump()
{
    switch (m_writer.pump()) {
    case ResponseWriter::State::Done:
        if (m_closing)
            linger();
        else
            enter(m_guard.isWithinRequest() ? Phase::Request : Phase::Idle);
        break;
    case ResponseWriter::State::Waiting:
        if (m_phase != Phase::Response)
            m_writingSince = Clock::now();
        enter(Phase::Response);
        m_server.noteWaitingReader();
        break;
    case ResponseWriter::State::Broken:
        drop(nullptr);
        break;
    }
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
    while (read(sink, sizeof sink) > 0) { }
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
    m_phase = Phase::Linger;
    m_since = Clock::now() - m_limits.lingerTimeout;
    m_server.noteDeadline(deadline());
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
    case Phase::Response: {
        const std::chrono::seconds allowed((m_writer.bytesQueued() - m_writingFrom) / m_limits.minReadRate);
        return std::min(m_since, m_writingSince + allowed) + m_limits.stallTimeout;
    }
    case Phase::Linger:
        break;
    }
    return m_since + m_limits.lingerTimeout;
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
    case Phase::Response:
        drop("reads its response too slowly");
        break;
    case Phase::Linger:
        // QHttpServer of 6.4 posts this signal to itself for the next of several requests, and would read
        // from the closed socket.
        disconnect(this, &QIODevice::readyRead, nullptr, nullptr);
        abort();
        break;
    }
}

} // namespace ExporterProxy
