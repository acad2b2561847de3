// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/page.h"
#include "common/model/proxycounters.h"
#include "common/util/result.h"
#include "common/util/socketaddress.h"
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

/// Pages that somebody still reads, for whoever asks for the same meanwhile: a page that is made for each
/// request would be held once for each slow reader, and made once for each of many who ask at once. Main
/// thread.
class SharedPages
{
public:
    enum class Kind { Metrics, MetricsGzip, AppsTable, AppsJson, Discovery, Landing };

    /// One of them, and what it is a page of.
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
        TooManyAtOnce, ///< requests wait for each other: a page is kept for those behind
        TooMuchHeld, ///< what readers hold is short: none is kept alive by this object
    };

    /// A page of that version that is held already, or else what `make` returns. `variant` tells apart what
    /// can be asked for of a kind; one of each is remembered. Where demand is unusual, a page is good for a
    /// moment although there is a newer version: so pages are made, and held, no more often than that,
    /// however many are asked for and left unread.
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

    /// The same version may say what time it is.
    static constexpr std::chrono::seconds MaxAge{1};
    /// Not noticed by whoever looks every second; at 4 MiB a page, 16 MiB a second for a reader to keep up.
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

/// Whether an application's own page can be served.
struct AppStanding
{
    bool isKnown = false;
    QByteArray absence; ///< one sentence: why a known one has no text at present; empty: it has
};

/// What the HTTP service serves. The composition root implements it over the model and the renderers, so that
/// the service knows of requests and connections only. Main thread; called for each request, expected to
/// cache.
class HttpContent
{
public:
    virtual ~HttpContent() = default;

    /// The page of `/metrics`. Null if it cannot be had compressed this time; never if it is not to be.
    virtual std::shared_ptr<const Page> metrics(Representation representation) = 0;

    /// Whether it pays to ask again in the event loop's next turn for the compressed page that was null:
    /// some more of it has been compressed.
    virtual bool isCompressing() const { return false; }

    /// Whether there is an application of that name with something to show.
    virtual AppStanding standing(const QByteArray &app) = 0;

    /// The page of these applications alone, without the proxy's own metrics: each once, in the order of the
    /// whole page. Unknown ones are passed over. Null as for metrics().
    virtual std::shared_ptr<const Page> metricsOf(const QByteArrayList &apps,
                                                  Representation representation) = 0;

    /// The proxy's own metrics alone. Null as for metrics().
    virtual std::shared_ptr<const Page> ownMetrics(Representation representation) = 0;

    /// The page of `/sd`, JSON. `host` is what the client reaches this port by, and needs no escape.
    virtual QByteArray discovery(QByteArrayView host) = 0;

    /// `/apps` as a text table.
    virtual QByteArray appsTable() = 0;

    /// `/apps` as JSON.
    virtual QByteArray appsJson() = 0;

    /// The entity tag of what appsJson() would return now, but for its clock: `"…"` with the quotes.
    virtual QByteArray appsEtag() = 0;

    /// The page at `/`, in HTML.
    virtual QByteArray landingPage() = 0;

protected:
    HttpContent() = default;
    HttpContent(const HttpContent &) = default;
    HttpContent &operator=(const HttpContent &) = default;
};

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
