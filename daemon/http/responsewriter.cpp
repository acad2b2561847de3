// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/responsewriter.h"

#include "common/util/version.h"
#include "common/util/words.h"
#include "daemon/http/httptext.h"

#include <array>
#include <string>
#include <utility>

namespace ExporterProxy {

namespace {

/// The fields of every response. They say nothing else about the software, which would only help attackers.
const std::string &fixedHeaders()
{
    static const std::string headers = std::string("\r\nServer: exporter-proxy/") + VersionString
        + "\r\nX-Content-Type-Options: nosniff\r\n";
    return headers;
}

} // namespace

std::shared_ptr<const Page> HttpResponse::bodyOf(const QByteArray &bytes)
{
    auto page = std::make_shared<Page>();
    page->append(bytes);
    return page;
}

HttpResponse HttpResponse::text(int status, const QByteArray &body)
{
    HttpResponse response;
    response.status = status;
    response.body = bodyOf(body);
    return response;
}

QByteArray ResponseHeads::make(const HttpResponse &response, ConnectionHeader connection, Timestamp now)
{
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (second != m_second || m_date.isEmpty()) {
        m_second = second;
        m_date = httpDateText(now);
    }
    const QByteArrayView reason = reasonPhrase(response.status);
    QByteArray head;
    head.reserve(384 + response.headers.size()); // one allocation: the fixed parts are some 250 bytes
    head.append("HTTP/1.1 ").append(QByteArray::number(response.status)).append(' ');
    head.append(reason).append("\r\nDate: ").append(m_date);
    head.append(fixedHeaders().data(), qsizetype(fixedHeaders().size()));
    if (response.status != 304) { // it has no content to speak of
        head.append("Content-Type: ").append(response.contentType);
        head.append("\r\nContent-Length: ")
            .append(QByteArray::number(response.body ? response.body->size : 0))
            .append("\r\n");
    }
    head.append(response.headers);
    if (connection == ConnectionHeader::Close)
        head.append("Connection: close\r\n");
    else if (connection == ConnectionHeader::KeepAlive)
        head.append("Connection: keep-alive\r\n");
    head.append("\r\n");
    return head;
}

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
