// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/responsewriter.h"

#include <array>
#include <utility>

namespace ExporterProxy {

namespace {

/// Pieces of one gathered write; the kernel takes 1024 (UIO_MAXIOV). Enough that a page of small pieces is
/// not cut into many calls.
constexpr std::size_t MaxPieces = 256;

/// Bytes gathered for one write. The kernel's send buffer ends at 4 MiB by default (net.ipv4.tcp_wmem), so
/// that gathering more for each call would cost time for nothing.
constexpr qsizetype MaxGathered = 8 << 20;

} // namespace

void ResponseWriter::begin(QByteArray head, std::shared_ptr<const Page> body)
{
    m_head = std::move(head);
    m_body = std::move(body);
    m_piece = 0;
    m_offset = 0;
}

ResponseWriter::State ResponseWriter::write(Channel &channel)
{
    std::array<iovec, MaxPieces> gathered;
    while (m_piece < pieces()) {
        std::size_t count = 0;
        qsizetype size = 0;
        qsizetype offset = m_offset;
        for (std::size_t i = m_piece; i < pieces() && count < MaxPieces && size < MaxGathered; ++i) {
            const QByteArray &piece = at(i);
            iovec &next = gathered[count++];
            next.iov_base = const_cast<char *>(piece.constData() + offset); // only read from
            next.iov_len = std::size_t(piece.size() - offset);
            size += piece.size() - offset;
            offset = 0;
        }
        const Channel::Transfer transfer = channel.write({gathered.data(), count});
        if (transfer.status == Channel::Status::WouldBlock)
            return State::Waiting;
        if (transfer.status != Channel::Status::Ok)
            return State::Broken;
        advance(qint64(transfer.size));
        if (qsizetype(transfer.size) < size)
            return State::Waiting; // the kernel's buffer is full: another call would only say so
    }
    m_body = nullptr;
    return State::Done;
}

void ResponseWriter::advance(qint64 bytes)
{
    m_bytesWritten += bytes;
    while (m_piece < pieces()) {
        const qsizetype left = at(m_piece).size() - m_offset;
        if (bytes < left) {
            m_offset += qsizetype(bytes);
            return;
        }
        bytes -= left;
        m_offset = 0;
        ++m_piece;
    }
}

} // namespace ExporterProxy
