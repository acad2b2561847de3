// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/proxycontent.h"

#include "common/exposition/appsjson.h"
#include "common/exposition/appstable.h"
#include "common/util/version.h"
#include "daemon/http/landingpage.h"

namespace ExporterProxy {

namespace {

/// Text that is compressed in one go between two scrapes: some 6 ms, which no push waits for in vain.
constexpr qint64 CompressStep = qint64{2} << 20;

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

std::shared_ptr<const Page> ProxyContent::metrics(bool gzip)
{
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
    return renderAppsJson(*m_model.view(), wallClock(), m_started);
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
