// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/metricspages.h"
#include "common/util/keyedhash.h"
#include "daemon/http/httpservice.h"

#include <QByteArray>
#include <QTimer>

namespace ExporterProxy {

/// The content of the HTTP port, made from the model. Main thread only.
class ProxyContent final : public HttpContent
{
public:
    /// `model` and `counters` must outlive this.
    ProxyContent(AppModel &model, const ProxyCounters &counters, const PageRules &rules);

    void setPageRules(const PageRules &rules)
    {
        m_pages.setRules(rules);
        m_reportedGeneration = 0; // other rules, other reports
        m_rulesSince = timeNow();
    }

    /// Says whether the configuration was valid when it was read last.
    void setConfigOk(bool ok) { m_pages.setConfigOk(ok); }

    std::shared_ptr<const Page> metrics(Representation representation, bool isLast) override;
    bool isCompressing() const override { return m_pages.isCompressing(); }
    AppStanding standing(const QByteArray &app) override;
    std::shared_ptr<const Page> metricsOf(const QByteArrayList &apps, Representation representation) override;
    std::shared_ptr<const Page> ownMetrics(Representation representation) override;
    QByteArray discovery(QByteArrayView host) override;
    QByteArray appsTable() override;
    bool prepareAppsJson() override;
    QByteArray appsJson() override;
    QByteArray appsEtag() override;
    QByteArray landingPage() override;

private:
    /// All applications at this moment, which is returned with them: without what has expired by then.
    std::pair<std::shared_ptr<const AppView>, Timestamp> viewNow();

    void showTimes();

    /// Once for each way in which an application is not shown as it was sent.
    void logReports();

    AppModel &m_model;
    const Timestamp m_started;
    Timestamp m_rulesSince = timeNow(); ///< since when applications are shown by these rules
    std::chrono::nanoseconds m_wallOffset{0}; ///< of the wall clock, by which times are shown
    MetricsPages m_pages;
    KeyedSet<QByteArray> m_logged; ///< what was logged of applications
    quint64 m_reportedGeneration = 0; ///< of the model when reports were looked at last
    quint64 m_countedGeneration = 0; ///< of the model when all series were counted
    QTimer m_compressing; ///< runs while texts are compressed ahead of the next scrape, otherwise never
};

} // namespace ExporterProxy
