// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/details/metricssource.h"

#include "gui/client/daemonclient.h"

#include <QCoreApplication>

namespace ExporterProxy::Monitor {

ClientMetrics::ClientMetrics(FindClient findClient)
    : m_findClient(std::move(findClient))
{
}

void ClientMetrics::fetch(const QString &daemon, const QString &app, const Answered &answered)
{
    DaemonClient *const client = m_findClient(daemon);
    if (!client) {
        m_fetch.reset();
        return answered(
            Failure{QCoreApplication::translate("ClientMetrics", "this daemon is no longer watched")});
    }
    m_fetch = client->fetchMetrics(app);
    MetricsFetch *const fetch = m_fetch.get();
    const auto tell = [this, fetch, answered] {
        const MetricsAnswer answer = fetch->answer();
        m_fetch.reset(); // before the callback, which may start the next fetch
        answered(answer);
    };
    if (fetch->isFinished())
        tell();
    else
        QObject::connect(fetch, &MetricsFetch::finished, fetch, tell);
}

} // namespace ExporterProxy::Monitor
