// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/http/httplimits.h"
#include "daemon/http/httpresponse.h"
#include "daemon/http/requestguard.h"
#include "daemon/http/requestturns.h"
#include "daemon/http/responsewriter.h"

#include <QPointer>
#include <QTcpSocket>

class QSocketNotifier;

namespace ExporterProxy {

class GuardedTcpServer;

/// One HTTP connection: stands between the network and QHttpServer, which reads requests from it, and writes
/// the responses itself. Created by GuardedTcpServer; owned and deleted by QHttpServer from then on.
///
/// While a response waits for its reader nothing is read: requests that are sent ahead wait in the kernel, so
/// that a connection never holds more than one page; and a client that has closed its sending half (`nc -N`)
/// gets the whole of its page, where Qt would take the end of the input for that of the connection.
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
    void respond(HttpResponse response);

    /// Whether that may happen later. Not if more has been read already: QHttpServer could go on with it, and
    /// responses go in the order of the requests.
    bool mayAwaitResponse() const { return bytesAvailable() == 0; }
    /// Says that it will; nothing is read until then.
    void awaitResponse();

    /// Answers what has arrived, or sees that the client has left. Called by RequestTurns.
    void takeTurn();

    /// When expire() must be called unless something happens before.
    Clock::time_point deadline() const;

    /// Ends what has taken too long by the limits.
    void expire(Clock::time_point now);

    /// Gives up on the reader and lets go of its responses, for a reason that goes to the log if there is
    /// one. The connection is reset in the server's next sweep.
    void drop(const char *reason);

    const ResponseWriter &writer() const { return m_writer; }

    /// For how long the reader of a waiting response has taken nothing, readerGrace not counted if it has
    /// shown that it reads. To be asked now and then while it waits: it looks how far the reader is.
    Clock::duration stalledFor(Clock::time_point now);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    /// What the connection waits for, and what `m_since` is the beginning of.
    enum class Phase {
        Idle, ///< the next request; since the last response was written
        Request, ///< the rest of a request; since its first byte
        Page, ///< the response, which is being made; since the request was handed over
        Response, ///< the reader; since the current stallTimeout began
        Linger, ///< the client's close; since the last response was written
        Dropped, ///< nobody: the server's next sweep resets the connection
    };

    /// A response is to be made or written before anything more is read.
    bool isAnswering() const { return m_phase == Phase::Page || m_phase == Phase::Response; }
    void onReadyRead();
    void onBytesWritten();
    void goOn();
    qsizetype skipEmptyLines(QByteArrayView bytes);
    void refuse(const RequestFault &fault);
    void write(HttpResponse response, bool close);
    void pump();
    void linger();
    void discardInput();
    void readAgain();
    void postGoOn();
    qint64 bytesUnderWay() const;
    qint64 bytesAcknowledged() const;
    void waitForTurn(RequestTurns::Line line);
    void enter(Phase phase);

    const HttpLimits &m_limits;
    GuardedTcpServer &m_server;
    RequestGuard m_guard;
    ResponseWriter m_writer;
    Phase m_phase = Phase::Idle;
    Clock::time_point m_since;
    QPointer<QSocketNotifier> m_readNotifier; ///< Qt's
    QByteArray m_aside; ///< requests that were read before the response to one before them had to wait
    // In Phase::Response, by bytesAcknowledged():
    qint64 m_firstTaken = 0; ///< when it began to wait
    qint64 m_windowTaken = 0; ///< when m_since was
    qint64 m_lastTaken = 0; ///< at m_progressAt
    Clock::time_point m_progressAt; ///< when the reader was last seen to have taken something
    qint64 m_discarded = 0; ///< bytes since the last response
    bool m_isWaiting = false; ///< for its turn
    bool m_isTurn = false;
    bool m_handed = false; ///< QHttpServer has a request of this connection to handle
    bool m_goingOn = false; ///< goOn() is on its way
    bool m_closing = false; ///< the last response is queued, what comes in is thrown away
};

} // namespace ExporterProxy
