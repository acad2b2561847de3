// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/httpservice.h"

#include "daemon/http/contentnegotiation.h"

#include <array>
#include <QHttpServerRequest>
#include <QUrlQuery>

namespace ExporterProxy {

namespace {

using Method = QHttpServerRequest::Method;

enum class Resource { Landing, Metrics, Apps, Healthy, Ready };

struct Path
{
    QLatin1String text;
    Resource resource;
};

constexpr std::array<Path, 5> Paths = {{
    {QLatin1String("/metrics"), Resource::Metrics},
    {QLatin1String("/apps"), Resource::Apps},
    {QLatin1String("/-/healthy"), Resource::Healthy},
    {QLatin1String("/-/ready"), Resource::Ready},
    {QLatin1String("/"), Resource::Landing},
}};

/// Characters of an unknown path that the answer repeats.
constexpr qsizetype MaxPathShown = 200;

/// Nothing on this server is to be answered from a store: it tells what is now.
constexpr char NoStore[] = "Cache-Control: no-store\r\n";

HttpResponse notFound(const QUrl &url)
{
    // Percent-encoded: only printable ASCII comes back, as plain text.
    QString path = url.path(QUrl::FullyEncoded);
    if (path.size() > MaxPathShown)
        path = path.first(MaxPathShown) + QStringLiteral("...");
    QByteArray text = "nothing here at " + path.toLatin1() + "; there are";
    for (const Path &known : Paths)
        text += ' ' + QByteArray(known.text.data(), known.text.size());
    return HttpResponse::text(404, text + '\n');
}

HttpResponse plainOk(const char *text)
{
    HttpResponse response = HttpResponse::text(200, text);
    response.headers = NoStore;
    return response;
}

} // namespace

HttpService::HttpService(HttpContent &content, ProxyCounters &counters, const HttpLimits &limits,
                         QObject *parent)
    : QAbstractHttpServer(parent)
    , m_content(content)
    , m_counters(counters)
    , m_server(new GuardedTcpServer(limits, this))
{
    if (PendingBytes *pending = content.pending())
        m_server->countOutput(*pending);
}

std::optional<QString> HttpService::listen(const SocketAddress &address)
{
    if (std::optional<QString> error = m_server->listenOn(address))
        return error;
    bind(m_server);
    return std::nullopt;
}

bool HttpService::handleRequest(const QHttpServerRequest &request, Compat::ResponseTarget)
{
    HttpSocket *socket = m_server->currentSocket();
    Q_ASSERT(socket);
    HttpResponse response = answer(request);
    response.bodyless = request.method() == Method::Head;
    socket->respond(response);
    return true;
}

void HttpService::missingHandler(const QHttpServerRequest &, Compat::ResponseTarget)
{
    // Only for requests that handleRequest() leaves alone, of which there are none.
}

HttpResponse HttpService::answer(const QHttpServerRequest &request)
{
    const QUrl url = request.url();
    const QString path = url.path(QUrl::FullyDecoded);
    const auto known = std::find_if(Paths.begin(), Paths.end(),
                                    [&path](const Path &candidate) { return candidate.text == path; });
    const Method method = request.method();
    if (method != Method::Get && method != Method::Head) {
        HttpResponse response = known == Paths.end()
            ? notFound(url)
            : HttpResponse::text(405, "only GET and HEAD are answered here\n");
        if (known != Paths.end())
            response.headers = "Allow: GET, HEAD\r\n";
        // Whatever such a client sends next, it expected something else of this server.
        response.close = true;
        return response;
    }
    if (known == Paths.end())
        return notFound(url);
    switch (known->resource) {
    case Resource::Metrics:
        return metrics(request);
    case Resource::Apps:
        return apps(request);
    case Resource::Healthy:
        return plainOk("healthy\n");
    case Resource::Ready:
        return plainOk("ready\n");
    case Resource::Landing:
        break;
    }
    return landingPage();
}

HttpResponse HttpService::metrics(const QHttpServerRequest &request)
{
    HttpResponse response;
    response.contentType = "text/plain; version=0.0.4; charset=utf-8";
    const bool gzipAccepted = acceptsGzip(request.value(QByteArrayLiteral("accept-encoding")));
    if (gzipAccepted)
        response.body = m_content.metrics(true);
    const bool gzip = response.body != nullptr;
    if (!gzip)
        response.body = m_content.metrics(false);
    response.headers = gzip
        ? QByteArrayLiteral("Vary: Accept-Encoding\r\nCache-Control: no-store\r\nContent-Encoding: gzip\r\n")
        : QByteArrayLiteral("Vary: Accept-Encoding\r\nCache-Control: no-store\r\n");
    if (request.method() == Method::Get) {
        ++m_counters.scrapes;
        (gzip ? m_counters.scrapeBytesGzip : m_counters.scrapeBytesPlain) += quint64(response.body->size);
    }
    return response;
}

HttpResponse HttpService::apps(const QHttpServerRequest &request)
{
    const QString format = request.query().queryItemValue(QStringLiteral("format"));
    const bool json = format.isEmpty() ? prefersJson(request.value(QByteArrayLiteral("accept")))
                                       : format == QLatin1String("json");
    if (!json) {
        HttpResponse response = HttpResponse::text(200, m_content.appsTable());
        response.headers = "Vary: Accept\r\nCache-Control: no-store\r\n";
        return response;
    }
    // The tag first: if something changes between the two calls, the reader asks once more than needed.
    const QByteArray etag = m_content.appsEtag();
    const bool unchanged = etagMatches(request.value(QByteArrayLiteral("if-none-match")), etag);
    HttpResponse response =
        unchanged ? HttpResponse::text(304, {}) : HttpResponse::text(200, m_content.appsJson());
    response.contentType = "application/json";
    response.headers = "Vary: Accept\r\nCache-Control: no-cache\r\nETag: " + etag + "\r\n";
    return response;
}

HttpResponse HttpService::landingPage()
{
    HttpResponse response = HttpResponse::text(200, m_content.landingPage());
    response.contentType = "text/html; charset=utf-8";
    response.headers = QByteArrayLiteral(
        "Cache-Control: no-store\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'\r\n");
    return response;
}

} // namespace ExporterProxy
