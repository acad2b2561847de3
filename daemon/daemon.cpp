// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/daemon.h"

#include "common/settings/pollnames.h"
#include "daemon/compat/tlsbackend.h"
#include "daemon/expirytimer.h"
#include "daemon/http/httpservice.h"
#include "daemon/poll/poller.h"
#include "daemon/process/descriptorlimit.h"
#include "daemon/process/logging.h"
#include "daemon/proxycontent.h"
#include "daemon/receive/receiverpool.h"

namespace ExporterProxy {

namespace {

std::vector<PollTarget> pollTargets(const Settings::PollExternal &settings)
{
    std::vector<PollTarget> targets;
    if (!settings.enabled)
        return targets;
    const QList<PollEndpointName> names = pollEndpointNames(settings.endpoints);
    for (qsizetype i = 0; i < settings.endpoints.size(); ++i) {
        PollTarget target{settings.endpoints[i], names[i].name, names[i].source, settings.allowInvalidCerts};
        if (target.endpoint.interval.count() == 0)
            target.endpoint.interval = settings.pollInterval;
        if (target.endpoint.timeout.count() == 0)
            target.endpoint.timeout = settings.clientTimeout;
        targets.push_back(std::move(target));
    }
    return targets;
}

PageRules pageRules(const Settings &settings)
{
    return {settings.exposition.mode, settings.exposition.appLabel.toUtf8(), settings.exporter.selfMetrics};
}

TextRules textRules(const Settings::Exposition &settings)
{
    // A text that cannot be parsed cannot be merged, and its sender must be told before it is missing.
    if (settings.mode == ExpositionMode::Merge)
        return {ExpositionValidation::Quarantine, ExpositionDialect::WithOpenMetrics};
    return {.validation = settings.validation};
}

} // namespace

Daemon::Daemon(const Settings &settings)
    : m_settings(settings)
    , m_model({.maxApps = settings.limits.maxApps, .maxTotalSize = settings.limits.maxTotalSize},
              settings.freshness)
    , m_gate(m_counters.repairs, textRules(settings.exposition))
    , m_expiry(std::make_unique<ExpiryTimer>(m_model))
{
}

Daemon::~Daemon()
{
    stop();
}

std::optional<QString> Daemon::start()
{
    HttpLimits httpLimits;
    const int wanted = m_settings.exporter.concurrentRequests;
    const ConnectionShares shares =
        shareDescriptors(raiseDescriptorLimit(), wanted, httpLimits.maxConnections);
    if (shares.receiver < wanted)
        qCWarning(lcDaemon,
                  "the limit of open descriptors leaves room for %d connections to each receiver, not for "
                  "the %d of "
                  "exporter.concurrent_requests; raise it (ulimit -n, LimitNOFILE=)",
                  shares.receiver, wanted);

    // The HTTP port last: a daemon that answers is one that receives.
    m_receivers = std::make_unique<ReceiverPool>(m_gate, m_model, m_counters);
    if (const QString error = m_receivers->start(m_settings, shares.receiver); !error.isEmpty())
        return error;
    m_poller = std::make_unique<Poller>(pollTargets(m_settings.pollExternal), m_gate, m_model, m_counters,
                                        m_settings.limits.maxMessageSize);
    m_content = std::make_unique<ProxyContent>(m_model, m_counters, pageRules(m_settings));
    // Not exporter.concurrent_requests, which is the receivers': few senders do not mean few scrapers.
    httpLimits.maxConnections = shares.http;
    {
        const Compat::WithoutTlsBackend noTls;
        m_http = std::make_unique<HttpService>(*m_content, m_counters, httpLimits);
    }
    if (const std::optional<QString> error = m_http->listen(m_settings.exporter.scrapeExposeEndpoint))
        return error;
    m_poller->start();

    for (const QByteArray &name : m_receivers->names())
        qCInfo(lcDaemon, "receiving %s on %s",
               m_settings.receiver.format == PushFormat::Json ? "JSON" : "Cap'n Proto", name.constData());
    if (m_settings.pollExternal.enabled)
        qCInfo(lcDaemon, "polling %lld endpoints", qlonglong(m_settings.pollExternal.endpoints.size()));
    SocketAddress served = m_settings.exporter.scrapeExposeEndpoint;
    served.port = m_http->port();
    qCInfo(lcDaemon, "serving http://%ls/metrics", qUtf16Printable(served.toString()));
    return std::nullopt;
}

void Daemon::stop()
{
    if (m_poller)
        m_poller->stop();
    if (m_receivers)
        m_receivers->stop();
    m_poller.reset();
    m_http.reset();
    m_content.reset();
}

quint64 Daemon::pushesTaken() const
{
    return m_counters.unixSocket.pushes.load(std::memory_order_relaxed)
        + m_counters.tcpSocket.pushes.load(std::memory_order_relaxed);
}

} // namespace ExporterProxy
