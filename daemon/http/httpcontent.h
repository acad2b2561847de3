// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/page.h"

#include <memory>
#include <QByteArrayList>

namespace ExporterProxy {

/// Whether an application's own page can be served.
struct AppStanding
{
    bool isKnown = false;
    QByteArray absence; ///< one sentence: why a known one is not served at present; empty: it is
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

} // namespace ExporterProxy
