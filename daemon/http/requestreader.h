// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <vector>

namespace ExporterProxy {

enum class HttpMethod : quint8 { Get, Head, Post, Put, Delete, Other };

/// What the head of a request says. Its views are valid until the reader's next request begins.
struct RequestHead
{
    HttpMethod method = HttpMethod::Other;
    QByteArrayView target; ///< as it was sent: printable ASCII without blanks
    bool isHttp10 = false;
    bool keepAlive = true; ///< the client wants the connection to stay open after the response
    bool isChunked = false; ///< there is a body, of a size that is not known yet
    bool expectsContinue = false; ///< the client waits for "100 Continue" before it sends the body
    qint64 contentLength = 0; ///< bytes of the body, unless it is chunked

    struct Field
    {
        QByteArrayView name;
        QByteArrayView value;
    };
    std::vector<Field> fields; ///< in the order of the head

    bool hasBody() const { return isChunked || contentLength > 0; }

    /// The value of the first field of that name, whatever the case of its letters; empty if there is none.
    QByteArrayView field(QByteArrayView name) const;
};

/// A request that is not to be handled: the answer to it, after which the connection closes.
struct RequestFault
{
    int status = 400;
    QByteArray message; ///< one line, no newline
};

/// Turns the bytes of a connection into requests, one after the other: heads, pieces of bodies, and what is
/// wrong. On everything that two readers could read differently (folded lines, a lone CR, two lengths, odd
/// chunk sizes) the request is refused.
///
/// Pure. Linear however the bytes are cut; the result does not depend on where. Grammar: RFC 9112.
class RequestReader
{
public:
    enum class Event {
        NeedMore, ///< all bytes are consumed
        Head, ///< head() is that of a request
        Body, ///< body() is the next piece of its body
        End, ///< the request is complete; the rest of the bytes belongs to the next one
        Fault, ///< fault() says why nothing further is read
    };

    /// A head of more than `maxHeadSize` bytes is refused.
    explicit RequestReader(qsizetype maxHeadSize)
        : m_maxHeadSize(maxHeadSize)
    {
    }

    /// Consumes bytes from the front of `input`, up to the next event.
    Event next(QByteArrayView &input);

    /// Returns whether the next event is there although no more bytes are: the end of the request.
    bool isAtEnd() const { return m_state == State::End; }

    /// Returns whether a request has begun that is not complete.
    bool isWithinRequest() const { return m_state != State::Between; }

    const RequestHead &head() const { return m_head; }
    /// Valid as long as the bytes that next() was given.
    QByteArrayView body() const { return m_body; }
    const RequestFault &fault() const { return m_fault; }

private:
    enum class State { Between, Head, Body, ChunkSize, Chunk, ChunkEnd, Trailer, End };

    Event readHead(QByteArrayView &input);
    bool parseHead();
    bool readRequestLine(QByteArrayView line);
    bool readField(QByteArrayView line);
    Event takeBody(QByteArrayView &input, State afterwards);
    bool takeLine(QByteArrayView &input, QByteArrayView &line);
    Event readChunkSize(QByteArrayView line);
    Event refuse(int status, const char *message);
    bool isRefused(int status, const char *message);

    const qsizetype m_maxHeadSize;
    State m_state = State::Between;
    QByteArray m_bytes; ///< of the head
    bool m_isLineGood = false; ///< its first line has come and been checked
    QByteArray m_line; ///< what has come of a line between chunks
    qsizetype m_trailerSize = 0;
    qint64 m_bodyLeft = 0; ///< of the body, or of the chunk
    RequestHead m_head;
    QByteArrayView m_body;
    RequestFault m_fault;
    // Of the head that is being read:
    bool m_hasLength = false;
    int m_hosts = 0;
};

} // namespace ExporterProxy
