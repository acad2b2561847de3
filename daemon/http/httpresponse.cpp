// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/httpresponse.h"

#include "common/util/version.h"
#include "common/util/words.h"
#include "daemon/http/httptext.h"

#include <string>

namespace ExporterProxy {

namespace {

/// What every response carries. No other word about the software: it would help attackers only.
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

} // namespace ExporterProxy
