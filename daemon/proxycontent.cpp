// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/proxycontent.h"

#include "common/exposition/appsjson.h"
#include "common/exposition/appstable.h"
#include "common/util/version.h"
#include "common/util/words.h"
#include "daemon/http/httptext.h"
#include "daemon/http/landingpage.h"
#include "daemon/process/logging.h"

#include <algorithm>
#include <utility>

namespace ExporterProxy {

namespace {

/// Text that is compressed in one go between two scrapes: some 3 ms, which is the longest that it delays a
/// push.
constexpr qint64 CompressStep = qint64{1} << 20;

/// Text in which samples are counted in one go, give or take one text: some 2 ms.
constexpr qint64 CountStep = qint64{8} << 20;

/// Conflicts that are logged. Each is remembered, so that it is logged once, however often the page is made;
/// the rest can be read at /apps.
constexpr std::size_t MaxLogged = 1000;

} // namespace

ProxyContent::ProxyContent(AppModel &model, const ProxyCounters &counters, const PageRules &rules)
    : m_model(model)
    , m_started(timeNow())
    , m_pages(model, counters, rules)
{
    m_compressing.setInterval(0);
    QObject::connect(&m_compressing, &QTimer::timeout, &m_compressing, [this] {
        if (m_pages.prepare(CompressStep))
            m_compressing.stop();
    });
}

void ProxyContent::logReports()
{
    if (m_reportedGeneration == m_model.generation())
        return;
    m_reportedGeneration = m_model.generation();
    for (const MergeReport &report : m_pages.reports()) {
        for (const QByteArray &note : report.notes) {
            if (m_logged.size() >= MaxLogged)
                return;
            // Another number of series is the same conflict.
            const auto *const words =
                std::find_if_not(note.begin(), note.end(), [](char c) { return c >= '0' && c <= '9'; });
            if (!m_logged.insert(report.app + '\n' + QByteArray(words, note.end() - words)).second)
                continue;
            qCWarning(lcDaemon, "application \"%s\": %s", report.app.constData(), note.constData());
            if (m_logged.size() == MaxLogged)
                qCWarning(lcDaemon,
                          "more conflicts of applications are not logged; /apps has those there are");
        }
    }
}

std::shared_ptr<const Page> ProxyContent::metrics(Representation representation, bool isLast)
{
    showTimes();
    std::shared_ptr<const Page> page = m_pages.metrics(representation, isLast);
    if (page)
        logReports();
    else
        m_compressing.start(); // so that the next scrape finds it done
    return page;
}

AppStanding ProxyContent::standing(const QByteArray &app)
{
    const Timestamp now = timeNow();
    const auto found = m_model.find(app, now);
    if (!found)
        return {};
    const QByteArray name = shownName(app);
    const AppState state = appStateAt(*found, now);
    if (state == AppState::Expired)
        return {true,
                name + " has expired: its last text came at "
                    + utcText(onWallClock(found->lastUpdate), std::chrono::seconds{1}) + ", "
                    + durationText(std::chrono::floor<std::chrono::seconds>(ageAt(*found, now))) + " ago"};
    if (found->lastUpdate == Never) {
        const QByteArray &reason = found->lastErrorReason;
        return {true, name + " has not been polled yet" + (reason.isEmpty() ? QByteArray() : ": " + reason)};
    }
    // The scrape fails, as it would if Prometheus had scraped the exporter itself.
    if (state == AppState::Failing)
        return {true, "the last poll of " + name + " failed: " + found->lastErrorReason};
    return {true, {}};
}

std::shared_ptr<const Page> ProxyContent::metricsOf(const QByteArrayList &apps, Representation representation)
{
    QByteArrayList names = apps;
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    const Timestamp now = timeNow();
    std::vector<std::shared_ptr<const AppSnapshot>> found;
    found.reserve(std::size_t(names.size()));
    for (const QByteArray &name : names) {
        if (auto app = m_model.find(name, now))
            found.push_back(std::move(app));
    }
    return m_pages.metricsOf(found, representation);
}

std::shared_ptr<const Page> ProxyContent::ownMetrics(Representation representation)
{
    showTimes();
    return m_pages.ownMetrics(representation);
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

bool ProxyContent::prepareAppsJson()
{
    const auto view = viewNow().first;
    if (view->generation == m_countedGeneration)
        return true;
    qint64 counted = 0;
    for (const auto &app : view->apps) {
        if (app->isCounted())
            continue;
        if (counted > CountStep)
            return false;
        app->series();
        counted += app->text.size();
    }
    m_countedGeneration = view->generation;
    return true;
}

QByteArray ProxyContent::appsJson()
{
    m_pages.updateReports();
    const auto [view, now] = viewNow();
    return renderAppsJson(*view, now, m_started, m_pages.reports());
}

QByteArray ProxyContent::appsEtag()
{
    const auto [view, now] = viewNow();
    return ExporterProxy::appsEtag(*view, now, m_rulesSince, m_pages.outdatedReports());
}

QByteArray ProxyContent::landingPage()
{
    m_pages.updateReports();
    const auto [view, now] = viewNow();
    return renderLandingPage(*view, VersionString, now, m_pages.reports());
}

/// Shows all times anew if the wall clock was set.
void ProxyContent::showTimes()
{
    const std::chrono::nanoseconds offset = followWallClock();
    if (std::exchange(m_wallOffset, offset) == offset)
        return;
    m_pages.forgetTimes();
    m_rulesSince = timeNow(); // another entity tag
    qCWarning(lcDaemon, "the wall clock was set: the times that are shown follow it, ages do not");
}

std::pair<std::shared_ptr<const AppView>, Timestamp> ProxyContent::viewNow()
{
    showTimes();
    const Timestamp now = timeNow();
    return {m_model.view(now), now};
}

} // namespace ExporterProxy
