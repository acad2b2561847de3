// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/client/metricsfetch.h"
#include "gui/details/metricssource.h"

#include <memory>

namespace ExporterProxy {

class DaemonClient;

/// Fetches through the clients that watch the daemons, with their addresses and credentials.
class ClientMetrics : public MetricsSource
{
public:
    /// The client of a daemon's key; null: it is no longer watched.
    using FindClient = std::function<DaemonClient *(const QString &daemon)>;

    explicit ClientMetrics(FindClient findClient);
    ~ClientMetrics() override;

    void fetch(const QString &daemon, const QString &app, const Answered &answered) override;
    void cancel() override { m_fetch.reset(); }

private:
    FindClient m_findClient;
    std::unique_ptr<MetricsFetch> m_fetch;
};

} // namespace ExporterProxy
