// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/responsewriter.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>

namespace ExporterProxy {

namespace {

/// Pieces of one gathered write; the kernel takes 1024 (UIO_MAXIOV). Enough that a page of small pieces is
/// not cut into many calls.
constexpr std::size_t MaxPieces = 256;

/// Bytes gathered for one write. The kernel's send buffer ends at 4 MiB by default (net.ipv4.tcp_wmem),
/// gathering more for each call would cost time for nothing.
constexpr qsizetype MaxGathered = 8 << 20;

/// Bytes handed to the socket's buffer while the kernel takes no more.
constexpr qsizetype HandOverSize = 16 * 1024;

} // namespace

ResponseWriter::ResponseWriter(QAbstractSocket &socket)
    : m_socket(socket)
{
}

void ResponseWriter::enqueue(QByteArray head, std::shared_ptr<const Page> body)
{
    m_queue.push_back({std::move(head), std::move(body)});
}

void ResponseWriter::clear()
{
    m_queue.clear();
}

/// The one place that decides it. Bytes that the socket still holds come first on the wire; a socket that
/// encrypts (QSslSocket) would always have to be written through its buffer.
bool ResponseWriter::mayWriteToDescriptor() const
{
    return m_socket.bytesToWrite() == 0;
}

ResponseWriter::State ResponseWriter::pump()
{
    if (m_socket.state() != QAbstractSocket::ConnectedState) {
        clear();
        return State::Broken;
    }
    if (mayWriteToDescriptor()) {
        const State state = writeToDescriptor();
        if (state != State::Waiting)
            return state;
    }
    handOver();
    return m_queue.empty() && m_socket.bytesToWrite() == 0 ? State::Done : State::Waiting;
}

ResponseWriter::State ResponseWriter::writeToDescriptor()
{
    std::array<iovec, MaxPieces> pieces;
    while (!m_queue.empty()) {
        msghdr message{};
        message.msg_iov = pieces.data();
        qsizetype gathered = 0;
        for (const Response &response : m_queue) {
            qsizetype offset = response.offset;
            for (std::size_t i = response.piece; i < response.pieces(); ++i) {
                if (message.msg_iovlen == MaxPieces || gathered >= MaxGathered)
                    break;
                const QByteArray &piece = response.at(i);
                iovec &next = pieces[message.msg_iovlen++];
                next.iov_base = const_cast<char *>(piece.constData() + offset); // only read from
                next.iov_len = std::size_t(piece.size() - offset);
                gathered += piece.size() - offset;
                offset = 0;
            }
        }
        ssize_t written = 0;
        do {
            written = ::sendmsg(int(m_socket.socketDescriptor()), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        } while (written < 0 && errno == EINTR);
        if (written < 0) {
            if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
                return State::Waiting;
            clear();
            return State::Broken;
        }
        advance(written);
        if (written < gathered)
            return State::Waiting; // the kernel's buffer is full: another call would only say so
    }
    return State::Done;
}

void ResponseWriter::handOver()
{
    while (!m_queue.empty() && m_socket.bytesToWrite() < HandOverSize) {
        const Response &response = m_queue.front();
        const QByteArray &piece = response.at(response.piece);
        const qsizetype size =
            std::min(piece.size() - response.offset, HandOverSize - qsizetype(m_socket.bytesToWrite()));
        // By pointer: the socket copies these few bytes, and does not keep the whole piece alive.
        const qint64 taken = m_socket.write(piece.constData() + response.offset, size);
        if (taken <= 0)
            return; // the connection is going down, the socket's signals will tell
        advance(taken);
    }
}

void ResponseWriter::advance(qint64 bytes)
{
    m_bytesTaken += bytes;
    auto response = m_queue.begin();
    while (bytes > 0) {
        const qsizetype left = response->at(response->piece).size() - response->offset;
        if (bytes < left) {
            response->offset += qsizetype(bytes);
            break;
        }
        bytes -= left;
        response->offset = 0;
        if (++response->piece == response->pieces())
            ++response;
    }
    m_queue.erase(m_queue.begin(), response);
}

} // namespace ExporterProxy
