// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/metricspages.h"
#include "daemon/http/httpcontent.h"

#include <QTimer>

namespace ExporterProxy {

/// What the HTTP port shows of the model. Main thread only.
class ProxyContent final : public HttpContent
{
public:
    /// `model` and `counters` must outlive this.
    ProxyContent(AppModel &model, const ProxyCounters &counters, const PageRules &rules);

    std::shared_ptr<const Page> metrics(bool gzip) override;
    QByteArray appsTable() override;
    QByteArray appsJson() override;
    QByteArray appsEtag() override;
    QByteArray landingPage() override;

private:
    AppModel &m_model;
    const Timestamp m_started;
    MetricsPages m_pages;
    QTimer m_compressing; ///< runs while texts are compressed ahead of the next scrape, otherwise never
};

} // namespace ExporterProxy
