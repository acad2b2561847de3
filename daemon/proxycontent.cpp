// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/proxycontent.h"

#include "common/exposition/appsjson.h"
#include "common/exposition/appstable.h"
#include "common/util/version.h"
#include "daemon/http/landingpage.h"
#include "daemon/process/logging.h"

namespace ExporterProxy {

namespace {

/// Text that is compressed in one go between two scrapes: some 6 ms, which no push waits for in vain.
constexpr qint64 CompressStep = qint64{2} << 20;

/// Conflicts that are logged. Each is remembered, so that it is logged once, however often the page is made;
/// whoever has that many looks at /apps.
constexpr qsizetype MaxLogged = 1000;

/// Whether it was not in the set yet.
bool tryInsert(QSet<QByteArray> &set, const QByteArray &entry)
{
    const qsizetype before = set.size();
    set.insert(entry);
    return set.size() > before;
}

} // namespace

ProxyContent::ProxyContent(AppModel &model, const ProxyCounters &counters, const PageRules &rules)
    : m_model(model)
    , m_started(wallClock())
    , m_pages(model, counters, rules)
{
    m_compressing.setInterval(0);
    QObject::connect(&m_compressing, &QTimer::timeout, &m_compressing, [this] {
        if (m_pages.prepareGzip(CompressStep))
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
            if (!tryInsert(m_logged, report.app + '\n' + note))
                continue;
            qCWarning(lcDaemon, "application \"%s\": %s", report.app.constData(), note.constData());
            if (m_logged.size() == MaxLogged)
                qCWarning(lcDaemon,
                          "more conflicts of applications are not logged; /apps has those there are");
        }
    }
}

std::shared_ptr<const Page> ProxyContent::metrics(bool gzip)
{
    logReports();
    if (!gzip)
        return m_pages.plain();
    std::shared_ptr<const Page> page = m_pages.gzip();
    if (!page)
        m_compressing.start(); // so that the next scrape finds it done
    return page;
}

QByteArray ProxyContent::appsTable()
{
    return renderAppsTable(*m_model.view(), wallClock());
}

QByteArray ProxyContent::appsJson()
{
    logReports();
    return renderAppsJson(*m_model.view(), wallClock(), m_started, m_pages.reports());
}

QByteArray ProxyContent::appsEtag()
{
    return ExporterProxy::appsEtag(*m_model.view(), wallClock(), m_started);
}

QByteArray ProxyContent::landingPage()
{
    return renderLandingPage(*m_model.view(), VersionString, wallClock());
}

} // namespace ExporterProxy
