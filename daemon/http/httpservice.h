// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/page.h"
#include "common/model/proxycounters.h"
#include "common/util/result.h"
#include "common/util/socketaddress.h"
#include "daemon/http/httpchanges.h"
#include "daemon/http/httpconnection.h"
#include "daemon/http/httprouter.h"

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <QByteArray>
#include <QByteArrayList>
#include <QTimer>

namespace ExporterProxy {

/// Caches pages that are still being sent, so that concurrent requests share one copy: a page made for each
/// request would be held once for each slow reader, and made once for each of many concurrent requests. Main
/// thread.
class SharedPages
{
public:
    enum class Kind { Metrics, MetricsGzip, AppsTable, AppsJson, Discovery, Landing };

    /// A shared page and its version.
    struct Shared
    {
        std::shared_ptr<const Page> page;
        QByteArray version;
    };

    SharedPages()
    {
        m_release.setSingleShot(true);
        m_release.setInterval(MaxOutdatedAge);
        QObject::connect(&m_release, &QTimer::timeout, &m_release, [this] {
            for (Entry &entry : m_entries)
                entry.kept = nullptr;
        });
    }

    enum class Demand {
        Usual,
        TooManyAtOnce, ///< requests wait for each other: a page is kept for those that follow
        TooMuchHeld, ///< memory for responses is short: this object keeps no page alive
    };

    /// Returns the page of that version if it is still held, or else the result of `make`. `variant`
    /// distinguishes the pages of a kind; only the last one of each kind is remembered. Under unusual demand,
    /// a page is returned for MaxOutdatedAge although there is a newer version, which bounds how often pages
    /// are made and how many are held, however many are requested and left unread.
    template<typename Make>
    Shared get(Kind kind, const QByteArray &variant, const QByteArray &version, Demand demand, Make make)
    {
        Entry &entry = m_entries[std::size_t(kind)];
        const Clock::duration age = Clock::now() - entry.madeAt;
        const bool isGood = entry.variant == variant
            && ((!version.isEmpty() && entry.version == version && age < MaxAge)
                || (demand != Demand::Usual && age < MaxOutdatedAge));
        std::shared_ptr<const Page> page = isGood ? entry.page.lock() : nullptr;
        if (!page) {
            page = make();
            entry = {page, nullptr, variant, version, Clock::now()};
        }
        entry.kept = demand == Demand::TooManyAtOnce ? page : nullptr;
        if (entry.kept)
            m_release.start();
        return {std::move(page), entry.version};
    }

private:
    using Clock = std::chrono::steady_clock;

    /// A page of the same version can contain the current time.
    static constexpr std::chrono::seconds MaxAge{1};
    /// Not noticed by a client that asks every second; at 4 MiB a page, a reader receives 16 MiB a second at
    /// most.
    static constexpr std::chrono::milliseconds MaxOutdatedAge{250};

    struct Entry
    {
        std::weak_ptr<const Page> page;
        std::shared_ptr<const Page> kept; ///< while demand is high
        QByteArray variant;
        QByteArray version;
        Clock::time_point madeAt;
    };

    std::array<Entry, std::size_t(Kind::Landing) + 1> m_entries;
    QTimer m_release;
};

/// Says whether an application's own page can be served.
struct AppStanding
{
    bool isKnown = false;
    QByteArray absence; ///< one sentence that says why a known application has no text at present; empty if
                        ///< it has one
};

/// The content that the HTTP service serves. ProxyContent implements it over the model and the renderers, so
/// that the service knows only requests and connections. Main thread; called for each request, so
/// implementations should cache.
class HttpContent
{
public:
    virtual ~HttpContent() = default;

    /// Returns the page of `/metrics`, or null if it is not ready: a plain page only while texts are merged.
    /// For a request that has waited for long (`isLast`) an outdated one will do.
    virtual std::shared_ptr<const Page> metrics(Representation representation, bool isLast) = 0;

    /// Returns whether to ask again, in the event loop's next turn, for the page that was null, because more
    /// of it has been made.
    virtual bool isCompressing() const { return false; }

    /// Returns whether there is an application of that name and whether it has a text.
    virtual AppStanding standing(const QByteArray &app) = 0;

    /// Returns the page of these applications alone, without the proxy's own metrics: each once, in the order
    /// of the whole page. Unknown ones are skipped. A format other than text is for a single application that
    /// sent it; Page::format says whether it did. Null as for metrics().
    virtual std::shared_ptr<const Page> metricsOf(const QByteArrayList &apps,
                                                  Representation representation) = 0;

    /// Returns the proxy's own metrics alone. Null as for metrics().
    virtual std::shared_ptr<const Page> ownMetrics(Representation representation) = 0;

    /// Returns the page of `/sd` in JSON. `host` is the address by which the client reaches this port; it
    /// must need no escape.
    virtual QByteArray discovery(QByteArrayView host) = 0;

    /// Returns `/apps` as a text table.
    virtual QByteArray appsTable() = 0;

    /// Does a part of what appsJson() needs, a few milliseconds long. Returns whether that was all of it:
    /// otherwise it is to be called again in the event loop's next turn.
    virtual bool prepareAppsJson() { return true; }

    /// Returns `/apps` as JSON; quickly, if prepareAppsJson() has returned true.
    virtual QByteArray appsJson() = 0;

    /// Returns the entity tag, with its quotes, of the JSON that appsJson() would return now; it ignores the
    /// clock in it.
    virtual QByteArray appsEtag() = 0;

    /// Returns the page at `/`, in HTML.
    virtual QByteArray landingPage() = 0;

protected:
    HttpContent() = default;
    HttpContent(const HttpContent &) = default;
    HttpContent &operator=(const HttpContent &) = default;
};

struct HttpRequest;

/// The HTTP port: answers each path. QHttpServer decides which path leads where (HttpRouter); the connections
/// are those of the HttpDoor.
///
/// Main thread.
class HttpService final : public HttpHandler
{
public:
    /// The references, and `changes`, must outlive the service. `set` is that of the main thread. Without
    /// `changes` nothing can be changed over HTTP.
    HttpService(ConnectionSet &set, HttpContent &content, ProxyCounters &counters,
                const HttpLimits &limits = {}, HttpChanges *changes = nullptr);
    ~HttpService() override;

    /// Starts to serve. Call it once.
    Result<> listen(const SocketAddress &address);

    /// Accepts the connections that are waiting, and none after that; open connections stay.
    void stopListening();

    /// Returns the port being listened on, 0 before listen().
    quint16 port() const { return m_port; }

    /// Returns the number of open connections, including those that wait for their client to close.
    int connections() const { return m_door ? m_door->openConnections() : 0; }

    /// Serves a connection that was accepted elsewhere. Call it after listen().
    void adopt(Descriptor descriptor) { m_door->adopt(std::move(descriptor), Door::Clock::now()); }

private:
    using MakePage = std::function<std::shared_ptr<const Page>(Representation)>;

    Work workOf(const RequestHead &head) override;
    std::unique_ptr<BodySink> sinkFor(const RequestHead &head, const Channel &channel) override;
    std::optional<HttpResponse> answer(const RequestHead &head, const Channel &channel, BodySink *sink,
                                       bool isLast) override;

    HttpRequest read(const RequestHead &head);
    bool isServed(const HttpRequest &request) const;
    std::optional<ChangeRequest> changeOf(const HttpRequest &request, const Channel &channel) const;
    HttpResponse notFound(const HttpRequest &request) const;
    HttpResponse wrongMethod(const HttpRequest &request) const;
    std::optional<HttpResponse> metrics(const HttpRequest &request);
    std::optional<HttpResponse> appMetrics(const HttpRequest &request);
    HttpResponse discovery(const HttpRequest &request);
    /// `page` returns the page, in that format or as text, or null if it is not ready; then the request is
    /// tried again later, or, if only the compressed page is not ready, the plain page is sent.
    std::optional<HttpResponse> exposition(const HttpRequest &request, Format format, const MakePage &page);
    HttpResponse expositionOf(std::shared_ptr<const Page> page, Encoding encoding, bool isCounted);
    std::optional<HttpResponse> apps(const HttpRequest &request);
    HttpResponse landingPage();
    std::shared_ptr<const Page> wholePage(Representation representation, bool isLast);
    SharedPages::Demand demand() const;
    /// Returns the result of `make`, or the same page if it is still being sent (SharedPages).
    SharedPages::Shared shared(SharedPages::Kind kind, const std::function<QByteArray()> &make,
                               const QByteArray &variant = {});

    ConnectionSet &m_set;
    HttpContent &m_content;
    ProxyCounters &m_counters;
    const HttpLimits m_limits;
    HttpChanges *const m_changes; ///< null: there is nothing to change
    SharedPages m_shared;
    HttpRouter m_router;
    std::unique_ptr<HttpDoor> m_door; ///< null before listen()
    quint16 m_port = 0;
};

} // namespace ExporterProxy
