// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <vector>

namespace ExporterProxy {

/// The head of a response. Its views are valid as long as the reader.
struct ResponseHead
{
    struct Field
    {
        QByteArrayView name;
        QByteArrayView value;
    };

    int status = 0; ///< 100 to 999
    QByteArrayView phrase; ///< the server's words for the status; may be empty
    std::vector<Field> fields; ///< in the order of the head
    bool keepAlive = true; ///< the connection can be used again after the response
    bool isChunked = false;
    qint64 contentLength = -1; ///< bytes of the body; -1: it is chunked, or ends with the connection

    bool endsWithConnection() const { return !isChunked && contentLength < 0; }

    /// Returns the value of the first field of that name, whatever the case of its letters; empty if there is
    /// none.
    QByteArrayView field(QByteArrayView name) const;
};

/// Reads one response to a GET request from the bytes of a connection: its head, pieces of its body, and the
/// reason if it is not to be believed. Interim responses (status 1xx) before it are skipped.
///
/// What Go's net/http refuses, and so Prometheus, is refused here: a length that is not a number or has two
/// values, an unknown transfer coding, an odd chunk size, a chunk without a line break behind it, a body that
/// is cut. It is stricter where that client guesses: a response with a length that is chunked as well, chunks
/// in HTTP/1.0, and versions other than 1.x are refused. Folded lines and a lone LF at the end of a line of
/// the head are accepted, as there.
///
/// Pure. Linear however the bytes are cut; the result does not depend on where. Grammar: RFC 9112.
class ResponseReader
{
public:
    enum class Event {
        NeedMore, ///< all bytes are consumed
        Head, ///< head() is complete
        Body, ///< body() is the next piece of the body, without chunk sizes
        End, ///< the response is complete; bytes that are left do not belong to it
        Fault, ///< fault() says why nothing further is read
    };

    /// All heads together, interim ones included, may have `maxHeadSize` bytes.
    explicit ResponseReader(qsizetype maxHeadSize)
        : m_maxHeadSize(maxHeadSize)
    {
    }

    /// Consumes bytes from the front of `input`, up to the next event. Not to be called after End or Fault.
    Event next(QByteArrayView &input);

    /// Returns whether the end follows without further bytes.
    bool isAtEnd() const { return m_state == State::End; }

    /// Says that the server has ended the connection in an orderly way. Returns End or Fault.
    Event close();

    /// Returns whether any byte has come.
    bool hasBegun() const { return m_headsSize > 0; }

    const ResponseHead &head() const { return m_head; }
    /// Valid as long as the bytes that next() was given.
    QByteArrayView body() const { return m_body; }
    /// One line that ends a sentence, for example "the answer has a malformed Content-Length: abc".
    const QByteArray &fault() const { return m_fault; }

private:
    enum class State { Head, Body, UntilClose, ChunkSize, Chunk, ChunkEnd, Trailer, End };

    Event readHead(QByteArrayView &input);
    bool parseHead();
    bool readStatusLine(QByteArrayView line);
    bool splitField(QByteArrayView line, QByteArrayView &name, QByteArrayView &value);
    bool readField(QByteArrayView line);
    bool readContentLength(QByteArrayView value);
    Event takeBody(QByteArrayView &input, State afterwards);
    bool takeLine(QByteArrayView &input, QByteArrayView &line);
    bool readChunkSize(QByteArrayView line);
    Event refuse(const QByteArray &message);
    bool isRefused(const QByteArray &message);

    const qsizetype m_maxHeadSize;
    State m_state = State::Head;
    QByteArray m_bytes; ///< of the head
    QByteArray m_line; ///< what has come of a line between chunks
    qsizetype m_headsSize = 0; ///< bytes of all heads and trailers so far
    qint64 m_bodyLeft = 0; ///< of the body, or of the chunk
    ResponseHead m_head;
    QByteArrayView m_body;
    QByteArray m_fault;
};

} // namespace ExporterProxy
