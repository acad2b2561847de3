// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/proxycounters.h"
#include "daemon/compat/qtcompat.h"
#include "daemon/http/guardedtcpserver.h"
#include "daemon/http/httpcontent.h"
#include "daemon/http/laterresponses.h"
#include "daemon/http/sharedpages.h"

#include <functional>
#include <QAbstractHttpServer>

namespace ExporterProxy {

/// The HTTP port: which path answers what.
///
/// A QAbstractHttpServer rather than a QHttpServer: the paths are a handful of fixed strings, a router of
/// regular expressions would cost more than answering, and it gives 404 for a known path with another method
/// (6.4). Of Qt's server the parsing of requests is used; connections are limited by GuardedTcpServer,
/// responses written by HttpSocket.
///
/// Main thread.
class HttpService : public QAbstractHttpServer
{
    Q_OBJECT

public:
    /// Both references must outlive the service.
    HttpService(HttpContent &content, ProxyCounters &counters, const HttpLimits &limits = {},
                QObject *parent = nullptr);

    /// Starts to serve; to be called once. Returns what went wrong as one sentence.
    std::optional<QString> listen(const SocketAddress &address);

    /// Takes no more connections; those that are open go on.
    void stopListening() { m_server->stopListening(); }

    /// The port being listened on, 0 before listen().
    quint16 port() const { return m_server->serverPort(); }

    /// Counts what slow readers hold towards `pending`, as that of the content is from the start.
    void countOutput(PendingBytes &pending) { m_server->output().countAs(pending); }

    /// Open connections.
    int connections() const { return m_server->connections(); }

protected:
    bool handleRequest(const QHttpServerRequest &request, Compat::ResponseTarget target) override;
    void missingHandler(const QHttpServerRequest &request, Compat::ResponseTarget target) override;

private:
    using MakePage = std::function<std::shared_ptr<const Page>(bool gzip)>;

    /// Nothing: it will be answered later.
    std::optional<HttpResponse> answer(const QHttpServerRequest &request);
    std::optional<HttpResponse> metrics(const QHttpServerRequest &request);
    std::optional<HttpResponse> appMetrics(const QHttpServerRequest &request);
    HttpResponse discovery(const QHttpServerRequest &request);
    /// `page` gives what is to be served, compressed if it is told true; then null means plain instead, or
    /// later.
    std::optional<HttpResponse> exposition(const QHttpServerRequest &request, MakePage page);
    HttpResponse expositionOf(std::shared_ptr<const Page> page, bool gzip, bool isCounted);
    HttpResponse apps(const QHttpServerRequest &request);
    HttpResponse landingPage();
    std::shared_ptr<const Page> wholePage(bool gzip);
    SharedPages::Demand demand() const;
    /// The page that `make` returns, or the same if somebody reads it already.
    SharedPages::Shared shared(SharedPages::Kind kind, const std::function<QByteArray()> &make,
                               const QByteArray &variant = {});

    HttpContent &m_content;
    ProxyCounters &m_counters;
    SharedPages m_shared;
    GuardedTcpServer *m_server; ///< a child of this object
    LaterResponses m_later;
};

} // namespace ExporterProxy
