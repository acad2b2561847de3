// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/page.h"
#include "common/util/timestamp.h"

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

    /// A body of one piece.
    static std::shared_ptr<const Page> bodyOf(const QByteArray &bytes);

    /// A response of one piece.
    static HttpResponse text(int status, const QByteArray &body);
};

/// What happens to the connection after a response, as its head states it.
enum class ConnectionHeader {
    None, ///< HTTP/1.1 that stays open
    KeepAlive, ///< HTTP/1.0 that asked to stay open
    Close,
};

/// Writes the heads of responses. One thread.
class ResponseHeads
{
public:
    /// The status line and all headers with the empty line behind them.
    QByteArray make(const HttpResponse &response, ConnectionHeader connection, Timestamp now);

private:
    std::chrono::sys_seconds m_second{}; ///< that m_date says
    QByteArray m_date; ///< formatted once a second, because it takes longer than all the rest
};

} // namespace ExporterProxy
