// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/client/metricsfetch.h"

#include <functional>
#include <memory>
#include <QByteArray>
#include <QString>

namespace ExporterProxy::Monitor {

class DaemonClient;

/// Where the details have the metrics from. Main thread.
class MetricsSource
{
public:
    using Answered = std::function<void(const MetricsAnswer &answer)>;

    virtual ~MetricsSource() = default;

    /// Asks for one application's text. `answered` is called once, later, from the event loop or at once;
    /// never after cancel() or another fetch().
    virtual void fetch(const QString &daemon, const QString &app, const Answered &answered) = 0;
    virtual void cancel() = 0;
};

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

} // namespace ExporterProxy::Monitor
