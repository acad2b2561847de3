// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/client/metricsfetch.h"

#include <functional>
#include <memory>
#include <QByteArray>
#include <QString>

namespace ExporterProxy::Monitor {

class DaemonClient;

/// The source of the metrics that the details show. Main thread.
class MetricsSource
{
public:
    using Answered = std::function<void(const MetricsAnswer &answer)>;

    virtual ~MetricsSource() = default;

    /// Fetches the text of one application. Calls `answered` once, at once or later from the event loop, and
    /// never after cancel() or another fetch().
    virtual void fetch(const QString &daemon, const QString &app, const Answered &answered) = 0;
    virtual void cancel() = 0;
};

/// Fetches from the daemons by the clients that watch them, with their addresses and credentials.
class ClientMetrics : public MetricsSource
{
public:
    /// Returns the client of a daemon's key, or null if the daemon is no longer watched.
    using FindClient = std::function<DaemonClient *(const QString &daemon)>;

    explicit ClientMetrics(FindClient findClient);

    void fetch(const QString &daemon, const QString &app, const Answered &answered) override;
    void cancel() override { m_fetch.reset(); }

private:
    FindClient m_findClient;
    std::unique_ptr<MetricsFetch> m_fetch;
};

} // namespace ExporterProxy::Monitor
