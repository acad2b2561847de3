// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/httpservice.h"

#include "daemon/http/contentnegotiation.h"
#include "daemon/http/httptext.h"

#include <algorithm>
#include <array>
#include <QHttpServerRequest>
#include <QUrlQuery>

namespace ExporterProxy {

namespace {

using Method = QHttpServerRequest::Method;

enum class Resource { Landing, Metrics, Apps, AppMetrics, Discovery, OwnMetrics, Healthy, Ready };

struct Path
{
    QLatin1String text;
    Resource resource;
};

constexpr std::array<Path, 8> Paths = {{
    {QLatin1String("/metrics"), Resource::Metrics},
    {QLatin1String("/apps"), Resource::Apps},
    {QLatin1String("/apps/NAME/metrics"), Resource::AppMetrics}, // for people; see appOf()
    {QLatin1String("/sd"), Resource::Discovery},
    {QLatin1String("/-/metrics"), Resource::OwnMetrics},
    {QLatin1String("/-/healthy"), Resource::Healthy},
    {QLatin1String("/-/ready"), Resource::Ready},
    {QLatin1String("/"), Resource::Landing},
}};

/// Characters of an unknown path that the answer repeats.
constexpr qsizetype MaxPathShown = 200;

/// Unknown applications that the answer names.
constexpr qsizetype MaxNamesShown = 10;

/// Nothing on this server is to be answered from a store: it tells what is now.
constexpr char NoStore[] = "Cache-Control: no-store\r\n";

/// NAME of /apps/NAME/metrics; empty if the path is another. What stands between the two ends is the name: it
/// may have slashes, which clients encode or, as Prometheus, do not.
QByteArray appOf(const QUrl &url)
{
    constexpr QByteArrayView Begin("/apps/");
    constexpr QByteArrayView End("/metrics");
    const QByteArray path = QByteArray::fromPercentEncoding(url.path(QUrl::FullyEncoded).toLatin1());
    if (path.size() <= Begin.size() + End.size() || !path.startsWith(Begin) || !path.endsWith(End))
        return {};
    return path.sliced(Begin.size(), path.size() - Begin.size() - End.size());
}

std::optional<Resource> resourceOf(const QUrl &url)
{
    const QString path = url.path(QUrl::FullyDecoded);
    const auto known = std::find_if(Paths.begin(), Paths.end(),
                                    [&path](const Path &candidate) { return candidate.text == path; });
    if (known != Paths.end())
        return known->resource;
    if (!appOf(url).isEmpty())
        return Resource::AppMetrics;
    return std::nullopt;
}

QByteArrayList selectedApps(const QUrl &url)
{
    QByteArrayList apps;
    for (const QByteArray &pair : url.query(QUrl::FullyEncoded).toLatin1().split('&')) {
        if (auto app = formValue(pair, "app"))
            apps << *std::move(app);
    }
    return apps;
}

HttpResponse unknownApps(const QByteArrayList &names)
{
    QByteArrayList shown;
    for (const QByteArray &name : names.first(std::min(names.size(), MaxNamesShown)))
        shown << shownName(name);
    QByteArray text = "there is no application " + shown.join(", ");
    if (names.size() > shown.size())
        text += " and " + QByteArray::number(names.size() - shown.size()) + " more";
    HttpResponse response = HttpResponse::text(404, text + '\n');
    response.headers = NoStore;
    return response;
}

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
    , m_server(new GuardedTcpServer(limits, counters.httpAcceptFailures, this))
    , m_later(m_server->turns(), limits.compressionWait)
{
    if (PendingBytes *pending = content.pending())
        m_server->output().countAs(*pending);
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
    const auto begin = std::chrono::steady_clock::now();
    HttpSocket *socket = m_server->currentSocket();
    Q_ASSERT(socket);
    if (std::optional<HttpResponse> response = answer(request)) {
        response->bodyless = request.method() == Method::Head;
        socket->respond(*std::move(response));
    }
    m_server->turns().note(begin, std::chrono::steady_clock::now());
    return true;
}

void HttpService::missingHandler(const QHttpServerRequest &, Compat::ResponseTarget)
{
    // Only for requests that handleRequest() leaves alone, of which there are none.
}

std::optional<HttpResponse> HttpService::answer(const QHttpServerRequest &request)
{
    const QUrl url = request.url();
    const std::optional<Resource> known = resourceOf(url);
    const Method method = request.method();
    if (method != Method::Get && method != Method::Head) {
        HttpResponse response =
            known ? HttpResponse::text(405, "only GET and HEAD are answered here\n") : notFound(url);
        if (known)
            response.headers = "Allow: GET, HEAD\r\n";
        // Whatever such a client sends next, it expected something else of this server.
        response.close = true;
        return response;
    }
    if (!known)
        return notFound(url);
    switch (*known) {
    case Resource::Metrics:
        return metrics(request);
    case Resource::AppMetrics:
        return appMetrics(request);
    case Resource::Discovery:
        return discovery(request);
    case Resource::OwnMetrics:
        return exposition(request, [this](bool gzip) { return m_content.ownMetrics(gzip); });
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

std::optional<HttpResponse> HttpService::metrics(const QHttpServerRequest &request)
{
    const QByteArrayList selected = selectedApps(request.url());
    if (selected.isEmpty())
        return exposition(request, [this](bool gzip) { return wholePage(gzip); });
    QByteArrayList unknown;
    for (const QByteArray &app : selected) {
        if (!unknown.contains(app) && !m_content.standing(app).isKnown)
            unknown << app;
    }
    if (!unknown.isEmpty())
        return unknownApps(unknown);
    return exposition(request, [this, selected](bool gzip) { return m_content.metricsOf(selected, gzip); });
}

/// The content caches it by itself; only while memory is tight, one that is outdated by a moment will do.
/// However many ask, whoever has pushed and then scrapes sees what he pushed.
std::shared_ptr<const Page> HttpService::wholePage(bool gzip)
{
    const auto kind = gzip ? SharedPages::Kind::MetricsGzip : SharedPages::Kind::Metrics;
    const auto demand =
        m_server->output().isTight() ? SharedPages::Demand::TooMuchHeld : SharedPages::Demand::Usual;
    return m_shared.get(kind, {}, {}, demand, [this, gzip] { return m_content.metrics(gzip); }).page;
}

SharedPages::Demand HttpService::demand() const
{
    if (m_server->output().isTight())
        return SharedPages::Demand::TooMuchHeld;
    return m_server->turns().isBusy() ? SharedPages::Demand::TooManyAtOnce : SharedPages::Demand::Usual;
}

SharedPages::Shared HttpService::shared(SharedPages::Kind kind, const std::function<QByteArray()> &make,
                                        const QByteArray &variant)
{
    return m_shared.get(kind, variant, m_content.appsEtag(), demand(),
                        [&make] { return HttpResponse::bodyOf(make()); });
}

std::optional<HttpResponse> HttpService::appMetrics(const QHttpServerRequest &request)
{
    const QByteArrayList app{appOf(request.url())};
    const AppStanding standing = m_content.standing(app.front());
    if (!standing.isKnown)
        return unknownApps(app);
    if (!standing.absence.isEmpty()) {
        HttpResponse response = HttpResponse::text(503, standing.absence + '\n');
        response.headers = NoStore;
        return response;
    }
    return exposition(request, [this, app](bool gzip) { return m_content.metricsOf(app, gzip); });
}

HttpResponse HttpService::discovery(const QHttpServerRequest &request)
{
    // The address by which this client has come is the one address known to lead here.
    const QByteArray host = request.value(QByteArrayLiteral("host"));
    if (!isUsableHost(host))
        return HttpResponse::text(400, "the Host header must name a host: it becomes the targets' address\n");
    HttpResponse response;
    response.body = shared(
                        SharedPages::Kind::Discovery, [&] { return m_content.discovery(host); }, host)
                        .page;
    response.contentType = "application/json";
    response.headers = NoStore;
    return response;
}

std::optional<HttpResponse> HttpService::exposition(const QHttpServerRequest &request, MakePage page)
{
    const bool isHead = request.method() == Method::Head;
    if (!acceptsGzip(request.value(QByteArrayLiteral("accept-encoding"))))
        return expositionOf(page(false), false, !isHead);
    const auto make = [this, isHead, page = std::move(page)](bool isLast) -> std::optional<HttpResponse> {
        std::shared_ptr<const Page> compressed = page(true);
        if (!compressed && !isLast && m_content.isCompressing())
            return std::nullopt;
        const bool isGzip = compressed != nullptr;
        HttpResponse response = expositionOf(isGzip ? std::move(compressed) : page(false), isGzip, !isHead);
        response.bodyless = isHead;
        return response;
    };
    HttpSocket *const socket = m_server->currentSocket();
    std::optional<HttpResponse> response = make(!socket->mayAwaitResponse());
    if (!response)
        m_later.wait(*socket, make);
    return response;
}

HttpResponse HttpService::expositionOf(std::shared_ptr<const Page> page, bool gzip, bool isCounted)
{
    HttpResponse response;
    response.contentType = "text/plain; version=0.0.4; charset=utf-8";
    response.body = std::move(page);
    response.headers = gzip
        ? QByteArrayLiteral("Vary: Accept-Encoding\r\nCache-Control: no-store\r\nContent-Encoding: gzip\r\n")
        : QByteArrayLiteral("Vary: Accept-Encoding\r\nCache-Control: no-store\r\n");
    if (isCounted) {
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
    HttpResponse response;
    if (!json) {
        response.body = shared(SharedPages::Kind::AppsTable, [this] { return m_content.appsTable(); }).page;
        response.headers = "Vary: Accept\r\nCache-Control: no-store\r\n";
        return response;
    }
    // The tag first: if something changes between the two calls, the reader asks once more than needed.
    const QByteArray known = request.value(QByteArrayLiteral("if-none-match"));
    QByteArray etag = m_content.appsEtag();
    if (!etagMatches(known, etag)) {
        SharedPages::Shared page =
            shared(SharedPages::Kind::AppsJson, [this] { return m_content.appsJson(); });
        etag = page.version;
        // Which may be of a moment ago, and the one that the reader has.
        if (!etagMatches(known, etag))
            response.body = std::move(page.page);
    }
    if (!response.body)
        response.status = 304;
    response.contentType = "application/json";
    response.headers = "Vary: Accept\r\nCache-Control: no-cache\r\nETag: " + etag + "\r\n";
    return response;
}

HttpResponse HttpService::landingPage()
{
    HttpResponse response;
    response.body = shared(SharedPages::Kind::Landing, [this] { return m_content.landingPage(); }).page;
    response.contentType = "text/html; charset=utf-8";
    response.headers = QByteArrayLiteral(
        "Cache-Control: no-store\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'\r\n");
    return response;
}

} // namespace ExporterProxy
