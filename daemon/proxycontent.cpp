// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/proxycontent.h"

#include "common/exposition/appsjson.h"
#include "common/exposition/appstable.h"
#include "common/exposition/discovery.h"
#include "common/util/version.h"
#include "daemon/http/httptext.h"
#include "daemon/http/landingpage.h"

#include <algorithm>

namespace ExporterProxy {

namespace {

/// Text that is compressed in one go between two scrapes: some 6 ms, which no push waits for in vain.
constexpr qint64 CompressStep = qint64{2} << 20;

} // namespace

ProxyContent::ProxyContent(AppModel &model, const ProxyCounters &counters, bool selfMetrics)
    : m_model(model)
    , m_started(wallClock())
    , m_pages(model, counters, selfMetrics)
{
    m_compressing.setInterval(0);
    QObject::connect(&m_compressing, &QTimer::timeout, &m_compressing, [this] {
        if (m_pages.prepareGzip(CompressStep))
            m_compressing.stop();
    });
}

std::shared_ptr<const Page> ProxyContent::metrics(bool gzip)
{
    if (!gzip)
        return m_pages.plain();
    std::shared_ptr<const Page> page = m_pages.gzip();
    if (!page)
        m_compressing.start(); // so that the next scrape finds it done
    return page;
}

AppStanding ProxyContent::standing(const QByteArray &app)
{
    const Timestamp now = wallClock();
    const auto found = m_model.find(app, now);
    if (!found)
        return {};
    const QByteArray name = shownName(app);
    if (appStateAt(*found, now) == AppState::Expired)
        return {true,
                name + " has expired: its last text came at " + utcText(found->lastUpdate) + ", "
                    + ageText(std::chrono::floor<std::chrono::seconds>(ageAt(*found, now))) + " ago"};
    if (found->lastUpdate == Never) {
        const QByteArray &reason = found->lastErrorReason;
        return {true, name + " has not been polled yet" + (reason.isEmpty() ? QByteArray() : ": " + reason)};
    }
    return {true, {}};
}

std::shared_ptr<const Page> ProxyContent::metricsOf(const QByteArrayList &apps, bool gzip)
{
    QByteArrayList names = apps;
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    const Timestamp now = wallClock();
    std::vector<std::shared_ptr<const AppSnapshot>> found;
    found.reserve(std::size_t(names.size()));
    for (const QByteArray &name : names) {
        if (auto app = m_model.find(name, now))
            found.push_back(std::move(app));
    }
    return gzip ? m_pages.gzipOf(found) : m_pages.plainOf(found);
}

std::shared_ptr<const Page> ProxyContent::ownMetrics(bool gzip)
{
    return gzip ? m_pages.gzipOwn() : m_pages.plainOwn();
}

QByteArray ProxyContent::discovery(QByteArrayView host)
{
    return renderDiscovery(*viewNow().first, host);
}

QByteArray ProxyContent::appsTable()
{
    const auto [view, now] = viewNow();
    return renderAppsTable(*view, now);
}

QByteArray ProxyContent::appsJson()
{
    const auto [view, now] = viewNow();
    return renderAppsJson(*view, now, m_started);
}

QByteArray ProxyContent::appsEtag()
{
    const auto [view, now] = viewNow();
    return ExporterProxy::appsEtag(*view, now, m_started);
}

QByteArray ProxyContent::landingPage()
{
    const auto [view, now] = viewNow();
    return renderLandingPage(*view, VersionString, now);
}

std::pair<std::shared_ptr<const AppView>, Timestamp> ProxyContent::viewNow()
{
    const Timestamp now = wallClock();
    return {m_model.view(now), now};
}

} // namespace ExporterProxy
