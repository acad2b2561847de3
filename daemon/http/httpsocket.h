// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/http/httplimits.h"
#include "daemon/http/httpresponse.h"
#include "daemon/http/requestguard.h"
#include "daemon/http/responsewriter.h"

#include <QTcpSocket>

namespace ExporterProxy {

class GuardedTcpServer;

/// One HTTP connection: stands between the network and QHttpServer, which reads requests from it, and writes
/// the responses itself. Created by GuardedTcpServer; owned and deleted by QHttpServer from then on.
class HttpSocket : public QTcpSocket
{
    Q_OBJECT

public:
    using Clock = std::chrono::steady_clock;

    /// Takes the connected descriptor over; `state()` tells whether that went well. Both references must
    /// outlive every event of the socket.
    HttpSocket(qintptr descriptor, const HttpLimits &limits, GuardedTcpServer &server);

    /// Answers the request that QHttpServer is handling on this connection; once for each. May end the
    /// connection, but never destroys this object before the event loop runs again.
    void respond(const HttpResponse &response);

    /// When expire() must be called unless something happens before.
    Clock::time_point deadline() const;

    /// Ends what has taken too long by the limits.
    void expire(Clock::time_point now);

    /// Gives up on the reader and lets go of its responses, for a reason that goes to the log if there is
    /// one. The connection is reset in the server's next sweep.
    void drop(const char *reason);

    const ResponseWriter &writer() const { return m_writer; }

    /// When the reader last took something, if responses wait for it.
    Clock::time_point stalledSince() const { return m_since; }

private:
    /// What the connection waits for, and what `m_since` is the beginning of.
    enum class Phase {
        Idle, ///< the next request; since the last response was written
        Request, ///< the rest of a request; since its first byte
        Response, ///< the reader; since it last took something
        Linger, ///< the client's close; since the last response was written
    };

    void onReadyRead();
    void onBytesWritten();
    void resume();
    qsizetype skipEmptyLines(QByteArrayView bytes);
    void refuse(const RequestFault &fault);
    void write(const HttpResponse &response, bool close);
    void pump();
    void linger();
    void discardInput();
    void enter(Phase phase);

    const HttpLimits &m_limits;
    GuardedTcpServer &m_server;
    RequestGuard m_guard;
    ResponseWriter m_writer;
    Phase m_phase = Phase::Idle;
    Clock::time_point m_since;
    Clock::time_point m_writingSince; ///< in Phase::Response
    qint64 m_writingFrom = 0; ///< in Phase::Response: the writer's bytesQueued() before what it began with
    bool m_handed = false; ///< QHttpServer has a request of this connection to handle
    bool m_resuming = false; ///< resume() is on its way
    bool m_closing = false; ///< the last response is queued, what comes in is thrown away
};

} // namespace ExporterProxy
