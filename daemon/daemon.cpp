// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/daemon.h"

#include "common/exposition/textgate.h"
#include "common/settings/settings.h"
#include "common/settings/settingsfields.h"
#include "daemon/compat/tlsbackend.h"
#include "daemon/expirytimer.h"
#include "daemon/http/httpservice.h"
#include "daemon/net/connectionset.h"
#include "daemon/poll/poller.h"
#include "daemon/process/logging.h"
#include "daemon/process/processlimits.h"
#include "daemon/proxycontent.h"
#include "daemon/receive/httpreceiver.h"
#include "daemon/receive/receiverpool.h"
#include "daemon/state/statekeeper.h"

namespace ExporterProxy {

namespace {

/// How long connections to a former HTTP address may stay: more than a scrape takes, and than Prometheus
/// waits for one by default.
constexpr std::chrono::seconds HttpRetirement{15};

/// Applications whose text leaves the page are named in the log, up to so many at a time.
constexpr std::size_t MaxWithdrawnLines = 10;

AppModel::Limits modelLimits(const Settings::Limits &limits)
{
    return {.maxApps = limits.maxApps, .maxTotalSize = limits.maxTotalSize};
}

std::vector<PollTarget> pollTargets(const Settings::PollExternal &settings)
{
    std::vector<PollTarget> targets;
    if (!settings.enabled)
        return targets;
    const QList<PollEndpointName> names = pollEndpointNames(settings.endpoints);
    for (qsizetype i = 0; i < settings.endpoints.size(); ++i) {
        PollTarget target{settings.endpoints[i], names[i].name, names[i].source};
        target.allowInvalidCerts = target.endpoint.allowInvalidCerts.value_or(settings.allowInvalidCerts);
        target.followRedirects = target.endpoint.followRedirects.value_or(settings.followRedirects);
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

TextRules textRules(const Settings &settings)
{
    TextRules rules(settings.exposition.validation, settings.exporter.selfMetrics);
    // A text that cannot be parsed cannot be merged, and its sender must be told before it is missing.
    if (settings.exposition.mode == ExpositionMode::Merge)
        rules.validation = ExpositionValidation::Quarantine;
    return rules;
}

} // namespace

Daemon::Daemon(const Settings &settings, std::vector<int> inherited)
    : m_settings(settings)
    , m_model(modelLimits(settings.limits), settings.freshness)
    , m_inherited(std::move(inherited))
    , m_expiry(std::make_unique<ExpiryTimer>(m_model))
    , m_gate(m_counters.repairs, textRules(settings))
    , m_intake(m_gate, m_model)
{
    m_counters.droppedLogLines = &droppedLogLines();
    m_model.setTextCost(textCostOf(pageRules(settings)));
    m_retirement.setSingleShot(true);
    m_retirement.setInterval(HttpRetirement);
    QObject::connect(&m_retirement, &QTimer::timeout, &m_retirement, [this] { m_retiredHttp.clear(); });
}

Daemon::~Daemon()
{
    stop();
}

std::optional<QString> Daemon::start()
{
    const int wanted = m_settings.exporter.concurrentRequests;
    const ConnectionShares shares =
        shareDescriptors(raiseDescriptorLimit(), wanted, m_httpLimits.maxConnections);
    if (shares.receiver < wanted)
        qCWarning(lcDaemon,
                  "the limit of open descriptors leaves room for %d connections to each receiver, not for "
                  "the %d of "
                  "exporter.concurrent_requests; raise it (ulimit -n, LimitNOFILE=)",
                  shares.receiver, wanted);

    noteConfigRead(true);
    noteLimits();
    m_counters.limits.maxConnections = shares.receiver;
    if (!m_settings.state.file.isEmpty()) {
        m_counters.state.isKept = true;
        m_state = std::make_unique<StateKeeper>(m_settings.state.file, m_model, m_counters.state);
        if (const Result<> kept = m_state->start({m_settings.limits.maxApps, m_settings.limits.maxTotalSize});
            !kept)
            return kept.error();
        judgeHeld(); // who switches quarantine on with a restart means what was kept as well
    }

    Result<std::unique_ptr<ConnectionSet>> connections = ConnectionSet::create(m_model.pending());
    if (!connections)
        return connections.error();
    m_connections = connections.take();
    m_connections->joinEventLoop();
    // The HTTP port last: a daemon that answers is one that receives.
    m_receivers =
        std::make_unique<ReceiverPool>(m_intake, m_model.pending(), m_counters, *m_connections, m_inherited);
    if (const Result<> started = m_receivers->start(m_settings, shares.receiver); !started)
        return started.error();
    m_poller = std::make_unique<Poller>(pollTargets(m_settings.pollExternal), m_intake, m_model, m_counters,
                                        m_settings.limits.maxMessageSize);
    m_content = std::make_unique<ProxyContent>(m_model, m_counters, pageRules(m_settings));
    m_httpReceiver = std::make_unique<HttpReceiver>(
        m_intake, m_model, m_counters.httpPushes,
        "http://" + m_settings.exporter.scrapeExposeEndpoint.toString().toUtf8());
    m_httpReceiver->setSettings(m_settings);
    m_counters.receivesOnHttp = m_settings.receiver.receiveOnHttp;
    // Not exporter.concurrent_requests, which is the receivers': few senders do not mean few scrapers.
    m_httpLimits.maxConnections = shares.http;
    m_http = makeHttpService();
    if (const Result<> listening = m_http->listen(m_settings.exporter.scrapeExposeEndpoint); !listening)
        return listening.error();
    m_poller->start();

    for (const QByteArray &name : m_inherited.unusedBy(m_settings.receiver))
        qCWarning(lcDaemon, "the service manager listens on %s, which no setting names: nobody answers there",
                  name.constData());
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

std::unique_ptr<HttpService> Daemon::makeHttpService()
{
    const Compat::WithoutTlsBackend noTls;
    return std::make_unique<HttpService>(*m_connections, *m_content, m_counters, m_httpLimits,
                                         m_httpReceiver.get());
}

void Daemon::setAdminActions(AdminActions actions)
{
    m_httpReceiver->setActions(std::move(actions));
}

Daemon::Reload Daemon::reload(const Settings &settings)
{
    Reload result;
    const QStringList changed = changedSettings(m_settings, settings);
    result.needRestart = settingsThatNeedRestart(changed);
    for (const QString &name : changed) {
        if (!result.needRestart.contains(name))
            result.changed << name;
    }

    // First what can fail. Up to the last of these, nothing has changed.
    Result<ReceiverPool::NewSockets> sockets = m_receivers->openSockets(settings);
    if (!sockets) {
        result.error = sockets.error();
        return result;
    }
    std::unique_ptr<HttpService> http;
    if (settings.exporter.scrapeExposeEndpoint != m_settings.exporter.scrapeExposeEndpoint) {
        http = makeHttpService();
        if (const Result<> listening = http->listen(settings.exporter.scrapeExposeEndpoint); !listening) {
            result.error = listening.error();
            return result;
        }
    }
    if (const Result<> permitted = m_receivers->changePermissions(settings); !permitted) {
        result.error = permitted.error();
        return result;
    }

    const Settings former = std::exchange(m_settings, settings);
    m_settings.exporter.workerThreads = former.exporter.workerThreads;
    m_settings.exporter.concurrentRequests = former.exporter.concurrentRequests;
    m_settings.state = former.state;
    setLogLevel(m_settings.log.level);
    m_model.setLimits(modelLimits(m_settings.limits));
    noteLimits();
    m_model.setFreshness(m_settings.freshness);
    const TextRules rules = textRules(m_settings);
    m_gate.setRules(rules);
    m_receivers->change(m_settings, sockets.take());
    m_httpReceiver->setSettings(m_settings);
    m_counters.receivesOnHttp = m_settings.receiver.receiveOnHttp;
    if (rules != textRules(former))
        judgeHeld(); // no thread is within a push that it judged by the former rules any more
    m_model.setTextCost(textCostOf(pageRules(m_settings)));
    warnIfOverTotal();
    m_content->setPageRules(pageRules(m_settings));
    if (http) {
        retireHttpService();
        m_http = std::move(http);
    }
    setPollTargets();
    return result;
}

void Daemon::judgeHeld()
{
    const std::vector<WithdrawnText> withdrawn = judgeHeldTexts(m_gate, m_model, timeNow());
    for (std::size_t i = 0; i < std::min(withdrawn.size(), MaxWithdrawnLines); ++i)
        qCWarning(lcDaemon, "the text of %s leaves the page: %s", withdrawn[i].app.constData(),
                  withdrawn[i].fault.constData());
    if (withdrawn.size() > MaxWithdrawnLines)
        qCWarning(lcDaemon, "the texts of %zu more applications leave the page, see /apps",
                  withdrawn.size() - MaxWithdrawnLines);
}

void Daemon::setPollTargets()
{
    const Poller::Change change =
        m_poller->setTargets(pollTargets(m_settings.pollExternal), m_settings.limits.maxMessageSize);
    if (change.added || change.removed || change.changed)
        qCInfo(lcDaemon, "polled endpoints: %d added, %d removed, %d changed", change.added, change.removed,
               change.changed);
}

/// Requests on the former address are still answered.
void Daemon::retireHttpService()
{
    m_http->stopListening();
    m_retiredHttp.push_back(std::move(m_http));
    m_retirement.start();
}

/// Pushes of an application that sends as it always did are refused then: that must not be a riddle.
void Daemon::warnIfOverTotal()
{
    const qint64 charged = m_model.view()->charged;
    if (charged <= m_settings.limits.maxTotalSize)
        return;
    qCWarning(lcDaemon,
              "what is held counts %lld bytes by this configuration, more than the %lld of "
              "limits.max_total_size: it stays, but pushes are refused until there is room",
              qlonglong(charged), qlonglong(m_settings.limits.maxTotalSize));
}

void Daemon::noteLimits()
{
    m_counters.limits.maxApps = m_settings.limits.maxApps;
    m_counters.limits.maxTotalBytes = m_settings.limits.maxTotalSize;
}

void Daemon::noteConfigRead(bool isGood)
{
    if (isGood)
        m_counters.configLoadedAt = timeNow();
    if (m_content)
        m_content->setConfigOk(isGood);
}

bool Daemon::stop()
{
    if (m_poller)
        m_poller->stop();
    if (m_receivers)
        m_receivers->stop();
    if (m_state)
        m_state->stop(); // after the last push
    m_poller.reset();
    m_retirement.stop();
    m_retiredHttp.clear();
    m_http.reset();
    m_httpReceiver.reset();
    m_content.reset();
    m_receivers.reset();
    m_connections.reset();
    return m_counters.state.lastSuccessful;
}

quint64 Daemon::pushesTaken() const
{
    return m_counters.unixSocket.accepted.load(std::memory_order_relaxed)
        + m_counters.tcpSocket.accepted.load(std::memory_order_relaxed)
        + m_counters.httpPushes.accepted.load(std::memory_order_relaxed);
}

QByteArray Daemon::statusLine()
{
    const std::shared_ptr<const AppView> view = m_model.view();
    const Timestamp now = timeNow();
    std::array<std::size_t, AppStateCount> counts{};
    for (const auto &app : view->apps)
        ++counts[std::size_t(appStateAt(*app, now))];
    QByteArray line =
        QByteArray::number(view->apps.size()) + (view->apps.size() == 1 ? " application" : " applications");
    for (std::size_t state = std::size_t(AppState::Fresh) + 1; state < AppStateCount; ++state) {
        if (counts[state] > 0)
            line += ", " + QByteArray::number(counts[state]) + ' '
                + QByteArray(appStateName(AppState(state)).data());
    }
    return line;
}

} // namespace ExporterProxy
