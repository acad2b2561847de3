// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/page.h"
#include "common/util/timestamp.h"
#include "daemon/net/channel.h"

#include <memory>

namespace ExporterProxy {

/// A response before it is bound to a connection.
struct HttpResponse
{
    int status = 200;
    QByteArrayView contentType = "text/plain; charset=utf-8";
    QByteArray headers; ///< further header lines, each with its CRLF
    std::shared_ptr<const Page> body; ///< null: empty
    bool close = false; ///< close the connection after it, whatever the client wants

    /// Returns a body of one piece.
    static std::shared_ptr<const Page> bodyOf(const QByteArray &bytes);

    /// Returns a response of one piece.
    static HttpResponse text(int status, const QByteArray &body);
};

/// The fate of the connection after a response, as the response's head states it.
enum class ConnectionHeader {
    None, ///< HTTP/1.1 that stays open
    KeepAlive, ///< HTTP/1.0 that asked to stay open
    Close,
};

/// Writes the heads of responses. One thread.
class ResponseHeads
{
public:
    /// Returns the status line, all headers and the empty line that ends them.
    QByteArray make(const HttpResponse &response, ConnectionHeader connection, Timestamp now);

private:
    std::chrono::sys_seconds m_second{}; ///< that m_date says
    QByteArray m_date; ///< formatted once a second, because it takes longer than all the rest
};

/// Writes one response at a time to a channel, without copying its body: pieces go to the kernel with
/// gathered writes, so a page of a hundred pieces is one system call.
class ResponseWriter
{
public:
    enum class State {
        Done, ///< the kernel has all of it
        Waiting, ///< the kernel takes no more; call write() again when the channel can be written to
        Broken, ///< the connection is gone
    };

    /// Begins a response; the one before must be done. The body is kept alive until it is written.
    void begin(QByteArray head, std::shared_ptr<const Page> body);

    /// Writes what can be written without blocking.
    State write(Channel &channel);

    /// Returns the body that is being written, or null if there is none.
    const std::shared_ptr<const Page> &body() const { return m_body; }

    /// Returns the number of bytes ever passed to the kernel.
    qint64 bytesWritten() const { return m_bytesWritten; }

private:
    std::size_t pieces() const { return 1 + (m_body ? m_body->parts.size() : 0); }
    const QByteArray &at(std::size_t index) const { return index == 0 ? m_head : m_body->parts[index - 1]; }
    void advance(qint64 bytes);

    QByteArray m_head;
    std::shared_ptr<const Page> m_body;
    std::size_t m_piece = 0; ///< the next to be written: 0 is the head, from 1 on the body's parts
    qsizetype m_offset = 0; ///< within that piece
    qint64 m_bytesWritten = 0;
};

} // namespace ExporterProxy
