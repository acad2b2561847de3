// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/page.h"

#include <memory>
#include <QAbstractSocket>

namespace ExporterProxy {

/// Writes responses to one connection, in order and without copying their bodies.
///
/// As long as the socket's own buffer is empty, pieces go to the kernel with gathered writes: a page of a
/// hundred pieces is one system call, and no byte of it is copied in this process. When the kernel takes no
/// more, a small piece is handed to the socket's buffer, so that Qt watches for writability; when the socket
/// has written it
/// (`bytesWritten()`), pump() goes on with gathered writes. So at most HandOverSize bytes of a page are held
/// twice, however slow the reader.
///
/// Main thread. Emits nothing and calls nobody back: the owner cannot be destroyed in the middle of a write.
class ResponseWriter
{
public:
    enum class State {
        Done, ///< all that was queued is with the kernel
        Waiting, ///< for the reader; pump() again when the socket has written
        Broken, ///< the connection is gone, what was queued is dropped
    };

    /// The socket must outlive the writer.
    explicit ResponseWriter(QAbstractSocket &socket);

    /// Queues a response. The body is kept alive until it is written.
    void enqueue(QByteArray head, std::shared_ptr<const Page> body);

    /// Writes what can be written without blocking.
    State pump();

    /// Lets go of everything that is not written.
    void clear();

    /// Calls back with the body of each of them, if it has one: `std::shared_ptr<const Page>`.
    template<typename Function>
    void forEachBody(Function function) const
    {
        for (const Response &response : m_queue) {
            if (response.body)
                function(response.body);
        }
    }

    /// Bytes ever given to the kernel, or to the socket's buffer.
    qint64 bytesTaken() const { return m_bytesTaken; }

private:
    struct Response
    {
        QByteArray head;
        std::shared_ptr<const Page> body;
        std::size_t piece = 0; ///< the next to be written: 0 is the head, from 1 on the body's parts
        qsizetype offset = 0; ///< within that piece

        std::size_t pieces() const { return 1 + (body ? body->parts.size() : 0); }
        const QByteArray &at(std::size_t index) const { return index == 0 ? head : body->parts[index - 1]; }
    };

    bool mayWriteToDescriptor() const;
    State writeToDescriptor();
    void handOver();
    void advance(qint64 bytes);

    QAbstractSocket &m_socket;
    std::vector<Response> m_queue; ///< never long: its owner limits it
    qint64 m_bytesTaken = 0;
};

} // namespace ExporterProxy
