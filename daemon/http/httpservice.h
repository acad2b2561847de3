// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/proxycounters.h"
#include "common/util/result.h"
#include "common/util/socketaddress.h"
#include "daemon/http/httpconnection.h"
#include "daemon/http/httpcontent.h"
#include "daemon/http/httprouter.h"
#include "daemon/http/sharedpages.h"

#include <functional>
#include <memory>

namespace ExporterProxy {

struct HttpRequest;

/// The HTTP port: which path answers what. QHttpServer decides which path leads where (HttpRouter); the
/// connections are those of the HttpDoor.
///
/// Main thread.
class HttpService final : public HttpHandler
{
public:
    /// The references must outlive the service. `set` is that of the main thread.
    HttpService(ConnectionSet &set, HttpContent &content, ProxyCounters &counters,
                const HttpLimits &limits = {});
    ~HttpService() override;

    /// Starts to serve; to be called once.
    Result<> listen(const SocketAddress &address);

    /// Lets in who waits, and nobody after that; open connections stay.
    void stopListening();

    /// The port being listened on, 0 before listen().
    quint16 port() const { return m_port; }

    /// Open connections, those included that wait for their client to close.
    int connections() const { return m_door ? m_door->openConnections() : 0; }

    /// Serves a connection that came another way, as if it had been accepted. After listen().
    void adopt(Descriptor descriptor) { m_door->adopt(std::move(descriptor), Door::Clock::now()); }

private:
    using MakePage = std::function<std::shared_ptr<const Page>(Representation)>;

    Work workOf(const RequestHead &head) override;
    std::unique_ptr<BodySink> sinkFor(const RequestHead &head) override;
    std::optional<HttpResponse> answer(const RequestHead &head, BodySink *sink, bool isLast) override;

    HttpRequest read(const RequestHead &head);
    std::optional<HttpResponse> metrics(const HttpRequest &request);
    std::optional<HttpResponse> appMetrics(const HttpRequest &request);
    HttpResponse discovery(const HttpRequest &request);
    /// `page` gives the page; null if it cannot be had compressed, which means plain instead, or later.
    std::optional<HttpResponse> exposition(const HttpRequest &request, const MakePage &page);
    HttpResponse expositionOf(std::shared_ptr<const Page> page, Encoding encoding, bool isCounted);
    HttpResponse apps(const HttpRequest &request);
    HttpResponse landingPage();
    std::shared_ptr<const Page> wholePage(Representation representation);
    SharedPages::Demand demand() const;
    /// The page that `make` returns, or the same if it is being read already.
    SharedPages::Shared shared(SharedPages::Kind kind, const std::function<QByteArray()> &make,
                               const QByteArray &variant = {});

    ConnectionSet &m_set;
    HttpContent &m_content;
    ProxyCounters &m_counters;
    const HttpLimits m_limits;
    SharedPages m_shared;
    HttpRouter m_router;
    std::unique_ptr<HttpDoor> m_door; ///< null before listen()
    quint16 m_port = 0;
};

} // namespace ExporterProxy
