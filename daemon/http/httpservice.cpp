// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/httpservice.h"

#include "common/util/errortext.h"
#include "common/util/keyedhash.h"
#include "daemon/http/httptext.h"
#include "daemon/net/connectionset.h"
#include "daemon/net/listensocket.h"

#include <algorithm>
#include <array>
#include <fcntl.h>

namespace ExporterProxy {

using namespace std::chrono_literals;

namespace {

enum class Resource { Landing, Metrics, Apps, AppMetrics, Discovery, OwnMetrics, Healthy, Ready, None };

using Change = ChangeRequest::Path;

struct Path
{
    const char *shown;
    const char *pattern;
    Resource resource; ///< that GET and HEAD are answered with; None: they are not
    Work work; ///< of GET and HEAD
    std::optional<Change> change = std::nullopt; ///< what other methods do there
    QByteArrayView changeMethods = {}; ///< these, as `Allow` lists them
};

/// For QHttpServer, and for the answer to an unknown path.
constexpr std::array<Path, 17> Paths = {{
    {"/metrics", "/metrics", Resource::Metrics, Work::Scrape},
    {"/apps", "/apps", Resource::Apps, Work::Page, Change::Apps, "DELETE"},
    {"/apps/NAME", "/apps/<arg>", Resource::None, Work::Page, Change::App, "DELETE"}, // see read()
    {"/apps/NAME/metrics", "", Resource::AppMetrics, Work::Scrape, Change::AppText, "PUT"},
    {"/sd", "/sd", Resource::Discovery, Work::Page},
    {"/-/metrics", "/-/metrics", Resource::OwnMetrics, Work::Scrape},
    {"/-/healthy", "/-/healthy", Resource::Healthy, Work::Scrape},
    {"/-/ready", "/-/ready", Resource::Ready, Work::Scrape},
    {"/", "/", Resource::Landing, Work::Page},
    {"/push", "/push", Resource::None, Work::Push, Change::Messages, "POST"},
    {"/metrics/job/JOB{/LABEL/VALUE}", "/metrics/job/<arg>", Resource::None, Work::Push, Change::Group,
     "PUT, POST, DELETE"},
    {"", "/metrics/job@base64/<arg>", Resource::None, Work::Push, Change::Group, "PUT, POST, DELETE"},
    {"/api/v1/metrics", "/api/v1/metrics", Resource::None, Work::Page, Change::Groups, "GET, HEAD"},
    {"/api/v1/status", "/api/v1/status", Resource::None, Work::Page, Change::Status, "GET, HEAD"},
    {"/api/v1/admin/wipe", "/api/v1/admin/wipe", Resource::None, Work::Push, Change::Wipe, "PUT"},
    {"/-/reload", "/-/reload", Resource::None, Work::Page, Change::Reload, "POST, PUT"},
    {"/-/quit", "/-/quit", Resource::None, Work::Page, Change::Quit, "POST, PUT"},
}};

constexpr std::size_t AppPath = 2;
constexpr std::size_t AppMetricsPath = 3;
static_assert(Paths[AppMetricsPath].resource == Resource::AppMetrics && Paths[AppPath].change == Change::App);

/// Characters of an unknown path that the answer repeats.
constexpr qsizetype MaxPathShown = 200;

/// Unknown applications that the answer names.
constexpr qsizetype MaxNamesShown = 10;

/// How long stopListening() accepts connections that are waiting.
constexpr auto StopTime = 1s;

/// Nothing on this server is to be answered from a store: it tells what is now.
constexpr char NoStore[] = "Cache-Control: no-store\r\n";

const QByteArrayView AppsBegin("/apps/");
const QByteArrayView AppsEnd("/metrics");

QByteArrayView methodName(HttpMethod method)
{
    switch (method) {
    case HttpMethod::Get:
        return "GET";
    case HttpMethod::Head:
        return "HEAD";
    case HttpMethod::Post:
        return "POST";
    case HttpMethod::Put:
        return "PUT";
    case HttpMethod::Delete:
        return "DELETE";
    case HttpMethod::Other:
        break;
    }
    return "";
}

/// The path and the query of a target in origin form, or in absolute form with the host that the request is
/// for (RFC 9112, section 3.2); empty otherwise.
QByteArrayView originForm(const RequestHead &head)
{
    constexpr QByteArrayView Scheme("http://");
    if (head.target.startsWith('/'))
        return head.target;
    if (head.target.size() < Scheme.size()
        || head.target.first(Scheme.size()).compare(Scheme, Qt::CaseInsensitive) != 0)
        return {};
    const QByteArrayView rest = head.target.sliced(Scheme.size());
    const qsizetype slash = rest.indexOf('/');
    const QByteArrayView host = slash < 0 ? rest : rest.first(slash);
    if (host.compare(head.field("host"), Qt::CaseInsensitive) != 0)
        return {};
    return slash < 0 ? QByteArrayView("/") : rest.sliced(slash);
}

} // namespace

/// A request whose target has been read.
struct HttpRequest
{
    const RequestHead &head;
    QByteArrayView encodedPath;
    QByteArrayView query; ///< without the question mark
    QByteArray path; ///< decoded
    const Path *route; ///< null: there is nothing
    bool isLast; ///< it must be answered at once

    bool isHead() const { return head.method == HttpMethod::Head; }
    bool isReading() const { return isHead() || head.method == HttpMethod::Get; }

    /// NAME, decoded. It is all between the two ends: it may have slashes, which clients encode or, as
    /// Prometheus, do not.
    QByteArray app() const
    {
        if (route->change != Change::App && route->change != Change::AppText)
            return {};
        const qsizetype end = route->change == Change::AppText ? AppsEnd.size() : 0;
        return path.sliced(AppsBegin.size(), path.size() - AppsBegin.size() - end);
    }
    /// One with a body is refused, whatever the answer to it would be without.
    bool isScrape() const { return head.method == HttpMethod::Get && !head.hasBody(); }
};

namespace {

QByteArrayList valuesOf(QByteArrayView query, QByteArrayView key)
{
    QByteArrayList values;
    if (query.isEmpty())
        return values;
    for (const QByteArray &pair : query.toByteArray().split('&')) {
        if (auto value = formValue(pair, key))
            values << *std::move(value);
    }
    return values;
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

HttpResponse plainOk(const char *text)
{
    HttpResponse response = HttpResponse::text(200, text);
    response.headers = NoStore;
    return response;
}

} // namespace

HttpService::HttpService(ConnectionSet &set, HttpContent &content, ProxyCounters &counters,
                         const HttpLimits &limits, HttpChanges *changes)
    : m_set(set)
    , m_content(content)
    , m_counters(counters)
    , m_limits(limits)
    , m_changes(changes)
{
    for (std::size_t i = 0; i < Paths.size(); ++i) {
        if (*Paths[i].pattern != '\0')
            m_router.add(QString::fromLatin1(Paths[i].pattern), int(i));
    }
}

HttpService::~HttpService() = default;

Result<> HttpService::listen(const SocketAddress &address)
{
    Result<std::unique_ptr<ListenSocket>> socket = listenOnTcp(address, FirstWord::AtLeisure);
    if (!socket)
        return socket.failure();
    Descriptor listener(fcntl(socket.value()->descriptor(), F_DUPFD_CLOEXEC, 0));
    if (!listener.isOpen())
        return Failure{QStringLiteral("cannot listen on %1: %2").arg(address.toString(), errorText(errno))};
    auto *const server = new HttpListener(std::move(listener));
    m_port = server->serverPort();
    m_router.bind(server);
    m_door = std::make_unique<HttpDoor>(m_set, socket.value()->name(), m_limits, *this,
                                        m_counters.httpAcceptFailures);
    server->setDoor(m_door.get());
    m_door->listenOn(int(server->socketDescriptor()));
    return {};
}

void HttpService::stopListening()
{
    if (!m_door)
        return;
    m_door->stopListening(Door::Clock::now() + StopTime);
    m_router.stopListening();
}

HttpRequest HttpService::read(const RequestHead &head)
{
    HttpRequest request{head, {}, {}, {}, nullptr, false};
    const QByteArrayView target = originForm(head);
    const qsizetype question = target.indexOf('?');
    request.encodedPath = question < 0 ? target : target.first(question);
    request.query = question < 0 ? QByteArrayView() : target.sliced(question + 1);
    request.path = request.encodedPath.contains('%')
        ? QByteArray::fromPercentEncoding(request.encodedPath.toByteArray())
        : request.encodedPath.toByteArray();
    std::optional<int> route = m_router.find(request.path);
    // What ends in "/metrics" as it was sent is a page, although a name may end so as well, encoded.
    if (route == int(AppPath) && request.path.endsWith(AppsEnd)
        && request.path.size() > AppsBegin.size() + AppsEnd.size()
        && (request.isReading() || request.encodedPath.endsWith(AppsEnd)))
        route = int(AppMetricsPath);
    if (route)
        request.route = &Paths[std::size_t(*route)];
    return request;
}

Work HttpService::workOf(const RequestHead &head)
{
    const HttpRequest request = read(head);
    if (!request.route)
        return Work::Page;
    return request.isReading() ? request.route->work : Work::Push;
}

/// Returns whether a method leads anywhere on the path.
bool HttpService::isServed(const HttpRequest &request) const
{
    return request.route
        && (request.route->resource != Resource::None
            || (m_changes && request.route->change && m_changes->allows(*request.route->change)));
}

std::optional<ChangeRequest> HttpService::changeOf(const HttpRequest &request, const Channel &channel) const
{
    if (!m_changes || !request.route || !request.route->change || !m_changes->allows(*request.route->change)
        || !listHolds(request.route->changeMethods, methodName(request.head.method)))
        return std::nullopt;
    return ChangeRequest{*request.route->change, request.head,  channel,
                         request.encodedPath,    request.query, request.app()};
}

std::unique_ptr<BodySink> HttpService::sinkFor(const RequestHead &head, const Channel &channel)
{
    const std::optional<ChangeRequest> change = changeOf(read(head), channel);
    if (!change || m_changes->foreignness(head))
        return nullptr;
    return m_changes->sinkFor(*change);
}

std::optional<HttpResponse> HttpService::answer(const RequestHead &head, const Channel &channel,
                                                BodySink *sink, bool isLast)
{
    HttpRequest request = read(head);
    request.isLast = isLast;
    if (!isServed(request)) {
        HttpResponse response = notFound(request);
        // Whatever such a client sends next, it expected something else of this server.
        response.close = !request.isReading();
        return response;
    }
    if (const std::optional<ChangeRequest> change = changeOf(request, channel)) {
        if (!request.isReading()) {
            if (const std::optional<QByteArray> fault = m_changes->foreignness(head))
                return HttpResponse::text(403, *fault + '\n');
        }
        std::optional<HttpResponse> response = m_changes->carryOut(*change, sink);
        if (response)
            response->headers += NoStore;
        return response;
    }
    if (!request.isReading() || request.route->resource == Resource::None)
        return wrongMethod(request);
    switch (request.route->resource) {
    case Resource::Metrics:
        return metrics(request);
    case Resource::AppMetrics:
        return appMetrics(request);
    case Resource::Discovery:
        return discovery(request);
    case Resource::OwnMetrics:
        return exposition(request, Format::Text,
                          [this](Representation wanted) { return m_content.ownMetrics(wanted); });
    case Resource::Apps:
        return apps(request);
    case Resource::Healthy:
        return plainOk("healthy\n");
    case Resource::Ready:
        return plainOk("ready\n");
    case Resource::Landing:
    case Resource::None:
        break;
    }
    return landingPage();
}

HttpResponse HttpService::notFound(const HttpRequest &request) const
{
    // As it was sent, percent-encoded: only printable ASCII comes back, as plain text.
    QByteArray path =
        request.encodedPath.isEmpty() ? request.head.target.toByteArray() : request.encodedPath.toByteArray();
    if (path.size() > MaxPathShown)
        path = path.first(MaxPathShown) + "...";
    QByteArray text = "nothing here at " + path;
    if (request.route && request.route->change)
        text += " unless the configuration says "
            + HttpChanges::settingOf(*request.route->change).toByteArray() + " = true";
    text += "; there are";
    for (const Path &known : Paths) {
        if (*known.shown != '\0'
            && (known.resource != Resource::None
                || (m_changes && known.change && m_changes->allows(*known.change))))
            text.append(' ').append(known.shown);
    }
    return HttpResponse::text(404, text + '\n');
}

HttpResponse HttpService::wrongMethod(const HttpRequest &request) const
{
    const Path &path = *request.route;
    QByteArray allowed = path.resource == Resource::None ? "" : "GET, HEAD";
    QByteArray hint;
    if (path.change && m_changes && m_changes->allows(*path.change))
        allowed += (allowed.isEmpty() ? "" : ", ") + path.changeMethods.toByteArray();
    else if (path.change && listHolds(path.changeMethods, methodName(request.head.method)))
        hint = ", unless the configuration says " + HttpChanges::settingOf(*path.change).toByteArray()
            + " = true";
    QByteArray shown = allowed;
    const qsizetype comma = shown.lastIndexOf(',');
    if (comma >= 0)
        shown.replace(comma, 1, " and");
    HttpResponse response = HttpResponse::text(
        405, "only " + shown + (comma >= 0 ? " are" : " is") + " answered here" + hint + '\n');
    response.headers = "Allow: " + allowed + "\r\n";
    response.close = true;
    return response;
}

std::optional<HttpResponse> HttpService::metrics(const HttpRequest &request)
{
    const QByteArrayList selected = valuesOf(request.query, "app");
    if (selected.isEmpty())
        return exposition(request, Format::Text,
                          [&](Representation wanted) { return wholePage(wanted, request.isLast); });
    QByteArrayList unknown;
    KeyedSet<QByteArray> seen;
    for (const QByteArray &app : selected) {
        if (seen.insert(app).second && !m_content.standing(app).isKnown)
            unknown << app;
    }
    if (!unknown.isEmpty())
        return unknownApps(unknown);
    return exposition(request, Format::Text, [this, &selected](Representation wanted) {
        return m_content.metricsOf(selected, wanted);
    });
}

/// The content caches it by itself; only while memory is tight, one that is outdated by a moment will do.
/// However many clients ask, a client that pushes and then scrapes gets what it pushed.
std::shared_ptr<const Page> HttpService::wholePage(Representation representation, bool isLast)
{
    const auto kind = representation.encoding == Encoding::Gzip ? SharedPages::Kind::MetricsGzip
                                                                : SharedPages::Kind::Metrics;
    const auto demand =
        m_set.memory().isTight() ? SharedPages::Demand::TooMuchHeld : SharedPages::Demand::Usual;
    return m_shared.get(kind, {}, {}, demand, [&] { return m_content.metrics(representation, isLast); }).page;
}

SharedPages::Demand HttpService::demand() const
{
    if (m_set.memory().isTight())
        return SharedPages::Demand::TooMuchHeld;
    return m_set.scheduler().isBusy() ? SharedPages::Demand::TooManyAtOnce : SharedPages::Demand::Usual;
}

SharedPages::Shared HttpService::shared(SharedPages::Kind kind, const std::function<QByteArray()> &make,
                                        const QByteArray &variant)
{
    return m_shared.get(kind, variant, m_content.appsEtag(), demand(),
                        [&make] { return HttpResponse::bodyOf(make()); });
}

std::optional<HttpResponse> HttpService::appMetrics(const HttpRequest &request)
{
    const QByteArrayList app{request.app()};
    const AppStanding standing = m_content.standing(app.front());
    if (!standing.isKnown)
        return unknownApps(app);
    if (!standing.absence.isEmpty()) {
        HttpResponse response = HttpResponse::text(503, standing.absence + '\n');
        response.headers = NoStore;
        return response;
    }
    const bool isOpenMetrics = prefersOpenMetrics(request.head.field("accept"));
    return exposition(request, isOpenMetrics ? Format::OpenMetrics : Format::Text,
                      [this, &app](Representation wanted) { return m_content.metricsOf(app, wanted); });
}

HttpResponse HttpService::discovery(const HttpRequest &request)
{
    // The address by which this client has come is the one address known to lead here.
    const QByteArray host = request.head.field("host").toByteArray();
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

std::optional<HttpResponse> HttpService::exposition(const HttpRequest &request, Format format,
                                                    const MakePage &page)
{
    if (acceptsGzip(request.head.field("accept-encoding"))) {
        if (std::shared_ptr<const Page> compressed = page({format, Encoding::Gzip}))
            return expositionOf(std::move(compressed), Encoding::Gzip, request.isScrape());
        if (!request.isLast && m_content.isCompressing())
            return std::nullopt;
    }
    std::shared_ptr<const Page> plain = page({format, Encoding::Identity});
    if (!plain)
        return std::nullopt; // whoever has waited for long: without the texts there is no page
    return expositionOf(std::move(plain), Encoding::Identity, request.isScrape());
}

HttpResponse HttpService::expositionOf(std::shared_ptr<const Page> page, Encoding encoding, bool isCounted)
{
    const bool isGzip = encoding == Encoding::Gzip;
    HttpResponse response;
    response.contentType = page->format == Format::OpenMetrics
        ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
        : "text/plain; version=0.0.4; charset=utf-8";
    response.body = std::move(page);
    response.headers = isGzip
        ? QByteArrayLiteral(
            "Vary: Accept, Accept-Encoding\r\nCache-Control: no-store\r\nContent-Encoding: gzip\r\n")
        : QByteArrayLiteral("Vary: Accept, Accept-Encoding\r\nCache-Control: no-store\r\n");
    if (isCounted) {
        ++m_counters.scrapes;
        (isGzip ? m_counters.scrapeBytesGzip : m_counters.scrapeBytesPlain) += quint64(response.body->size);
    }
    return response;
}

std::optional<HttpResponse> HttpService::apps(const HttpRequest &request)
{
    const QByteArrayList formats = valuesOf(request.query, "format");
    const QByteArray format = formats.isEmpty() ? QByteArray() : formats.front();
    const bool json = format.isEmpty() ? prefersJson(request.head.field("accept")) : format == "json";
    HttpResponse response;
    if (!json) {
        response.body = shared(SharedPages::Kind::AppsTable, [this] { return m_content.appsTable(); }).page;
        response.headers = "Vary: Accept\r\nCache-Control: no-store\r\n";
        return response;
    }
    // The tag first: if something changes between the two calls, the reader asks once more than needed.
    const QByteArrayView known = request.head.field("if-none-match");
    QByteArray etag = m_content.appsEtag();
    if (!etagMatches(known, etag)) {
        if (!m_content.prepareAppsJson())
            return std::nullopt;
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
