// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHttpServer>
#include <QHttpServerRequest>
#include <QHttpServerResponder>
#include <QHttpServerResponse>

// The differences between the versions of QHttpServer that this tree builds with, and how to get around them.

namespace ExporterProxy::Compat {

/// Calls `function` for each request to a path of that pattern, whatever its method, and answers without a
/// body. QUrl is the type of an argument whose place any text may take, slashes included.
template<typename Function>
void addRoute(QHttpServer &server, const QString &pattern, Function function)
{
    const auto answer = [function] {
        function();
        return QHttpServerResponse(QHttpServerResponse::StatusCode::NoContent);
    };
    if (pattern.contains(QLatin1String("<arg>")))
        server.route(pattern, QHttpServerRequest::Method::AnyKnown,
                     [answer](const QUrl &) { return answer(); });
    else
        server.route(pattern, QHttpServerRequest::Method::AnyKnown, [answer] { return answer(); });
}

/// Answers requests to all other paths, without a body. The responder is a reference from 6.5 on, and the
/// handler has a context from 6.8 on.
inline void answerMissing(QHttpServer &server)
{
    const auto handler = [](const QHttpServerRequest &, auto &&responder) {
        responder.write(QHttpServerResponder::StatusCode::NotFound);
    };
#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
    server.setMissingHandler(&server, handler);
#else
    server.setMissingHandler(handler);
#endif
}

} // namespace ExporterProxy::Compat
