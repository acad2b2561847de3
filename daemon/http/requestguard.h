// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <QByteArray>

namespace ExporterProxy {

/// What the head of a request says about the connection; what is asked for is read by QHttpServer.
struct RequestFacts
{
    bool http10 = false;
    bool keepAlive = true; ///< the client wants the connection to stay open after the response
};

/// A request that is not to be handled: the answer to it, after which the connection closes.
struct RequestFault
{
    int status = 400;
    QByteArray message; ///< one line, no newline
};

/// Watches the bytes of a connection ahead of QHttpServer, and finds the end of each request and what is
/// wrong with it. QHttpServer of 6.4 to 6.8 closes silently on a malformed request line, waits without limit
/// for what it cannot hold, takes a wrong Content-Length for none (and then the body for the next request),
/// and does not tell HTTP/1.0 from 1.1. What passes here is read the same by its parser: on everything they
/// might differ about (folded lines, lone CR, two lengths, chunks) the request is refused.
///
/// Pure. Linear however the bytes are cut. Grammar: RFC 9112.
class RequestGuard
{
public:
    enum class State {
        Incomplete, ///< all bytes are the request's, more must come
        Complete, ///< the request ends within these bytes; facts() are its
        Refused, ///< fault() says why; nothing further is read
    };

    /// At most `maxRequestSize` bytes of head and body together pass.
    explicit RequestGuard(qsizetype maxRequestSize);

    /// Takes the bytes that arrived since the last call, up to the end of the request; what follows it
    /// belongs to the next one and must be given again. The first call after Complete begins a new request.
    State feed(QByteArrayView bytes);

    /// Whether a request has begun that is not complete.
    bool isWithinRequest() const { return m_within; }

    const RequestFacts &facts() const { return m_facts; }
    const RequestFault &fault() const { return m_fault; }

private:
    State readHead(QByteArrayView head, qsizetype behind);
    bool readRequestLine(QByteArrayView line);
    bool readHeader(QByteArrayView line);
    bool refuse(int status, const char *message);

    const qsizetype m_maxRequestSize;
    QByteArray m_head; ///< what has come of a head that did not arrive in one piece
    qsizetype m_bodyLeft = 0;
    bool m_within = false;
    RequestFacts m_facts;
    RequestFault m_fault;
    // Of the head being read:
    std::optional<qsizetype> m_contentLength;
    int m_hosts = 0;
};

} // namespace ExporterProxy
