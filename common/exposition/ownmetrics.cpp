// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/ownmetrics.h"

#include "common/exposition/metricstext.h"
#include "common/util/version.h"

#include <utility>

namespace ExporterProxy {

namespace {

/// What the lines of one application usually take beside its name, and what a page of the process usually
/// takes: for the first reservation.
constexpr std::size_t UsualAppSize = 420;
constexpr std::size_t UsualProcessSize = 8 * 1024;

/// Every application's name as a label's value, escaped once for the many lines that carry it.
class EscapedNames
{
public:
    explicit EscapedNames(const AppView &view)
    {
        std::size_t longest = 0;
        for (const auto &app : view.apps)
            longest += std::size_t(app->name.size()) * LabelValueGrowth;
        m_bytes = QByteArray(qsizetype(longest), Qt::Uninitialized);
        m_names.reserve(view.apps.size());
        char *at = m_bytes.data();
        for (const auto &app : view.apps) {
            char *end = putLabelValue(at, app->name);
            m_names.emplace_back(at, std::size_t(end - at));
            at = end;
        }
    }

    std::string_view operator[](std::size_t index) const { return m_names[index]; }

private:
    QByteArray m_bytes;
    std::vector<std::string_view> m_names;
};

/// A line for each application: `value` makes its value of the snapshot.
void appSamples(MetricsText &text, const AppView &view, const EscapedNames &names, auto &&value)
{
    for (std::size_t i = 0; i < view.apps.size(); ++i)
        text.sample({"app=\"", names[i], "\""}, value(*view.apps[i]));
}

void addStates(MetricsText &text, const AppView &view, Timestamp now)
{
    std::array<quint64, AppStateCount> counts{};
    for (const auto &app : view.apps)
        ++counts[std::size_t(appStateAt(*app, now))];
    text.family("exporter_proxy_apps", "gauge", "Number of applications in each state.");
    for (std::size_t i = 0; i < AppStateCount; ++i)
        text.sample({"state=\"", appStateName(AppState(i)), "\""}, counts[i]);
}

void addIntervals(MetricsText &text, const AppView &view, const EscapedNames &names)
{
    const auto isKnown = [](const auto &app) { return app->interval.count() > 0; };
    if (std::none_of(view.apps.begin(), view.apps.end(), isKnown))
        return;
    text.family("exporter_proxy_app_interval_seconds", "gauge",
                "The application's rhythm: a poll's interval, or what its pushes have shown.");
    for (std::size_t i = 0; i < view.apps.size(); ++i) {
        if (isKnown(view.apps[i]))
            text.sample({"app=\"", names[i], "\""}, view.apps[i]->interval);
    }
}

void addLastUpdates(MetricsText &text, const AppView &view, const EscapedNames &names)
{
    text.family("exporter_proxy_app_last_update_timestamp_seconds", "gauge",
                "When the application's text was taken, in seconds since 1970.");
    QByteArray source;
    QByteArray escaped;
    for (std::size_t i = 0; i < view.apps.size(); ++i) {
        const AppSnapshot &app = *view.apps[i];
        if (app.lastUpdate == Never)
            continue;
        if (app.source != source) { // most share one of two sources
            source = app.source;
            escaped = labelValue(source);
        }
        text.sample({"app=\"", names[i], "\",source=\"", bytesOf(escaped), "\""},
                    std::chrono::floor<std::chrono::milliseconds>(app.lastUpdate.time_since_epoch()));
    }
}

void addReceivers(MetricsText &text, const ProxyCounters &counters)
{
    using Receiver = std::pair<std::string_view, const ReceiverCounters *>;
    const Receiver receivers[] = {{"receiver=\"unix\"", &counters.unixSocket},
                                  {"receiver=\"tcp\"", &counters.tcpSocket}};
    text.family("exporter_proxy_pushes_total", "counter", "Messages taken.");
    for (const auto &[label, receiver] : receivers)
        text.sample({label}, receiver->accepted.load(std::memory_order_relaxed));
    text.family("exporter_proxy_push_errors_total", "counter", "Messages refused.");
    for (const auto &[label, receiver] : receivers) {
        for (std::size_t i = 0; i < RejectReasonNames.size(); ++i)
            text.sample({label, ",reason=\"", RejectReasonNames[i], "\""},
                        receiver->errors[i].load(std::memory_order_relaxed));
    }
    text.family("exporter_proxy_repaired_total", "counter",
                "Texts that were mended before they were stored, by what was wrong with them.");
    text.sample({"kind=\"bom\""}, counters.repairs.bom.load(std::memory_order_relaxed));
    text.sample({"kind=\"crlf\""}, counters.repairs.crlf.load(std::memory_order_relaxed));
    text.family("exporter_proxy_connections", "gauge", "Connections of senders open now.");
    for (const auto &[label, receiver] : receivers)
        text.sample({label}, receiver->connections.load(std::memory_order_relaxed));
    if (counters.limits.maxConnections >= 0) {
        text.family("exporter_proxy_max_connections", "gauge",
                    "How many connections a receiver holds open at most.");
        for (const auto &[label, receiver] : receivers)
            text.sample({label}, counters.limits.maxConnections);
    }
}

void addAcceptFailures(MetricsText &text, const ProxyCounters &counters)
{
    text.family("exporter_proxy_accept_errors_total", "counter",
                "How often accepting connections had to rest, by what had run out.");
    const std::pair<std::string_view, const AcceptFailures *> listeners[] = {
        {"listener=\"unix\"", &counters.unixSocket.acceptFailures},
        {"listener=\"tcp\"", &counters.tcpSocket.acceptFailures},
        {"listener=\"http\"", &counters.httpAcceptFailures}};
    for (const auto &[label, failures] : listeners) {
        for (std::size_t i = 0; i < AcceptFailureNames.size(); ++i)
            text.sample({label, ",reason=\"", AcceptFailureNames[i], "\""},
                        failures->counts[i].load(std::memory_order_relaxed));
    }
}

void addPolls(MetricsText &text, const std::map<QByteArray, PollCounters> &polls)
{
    if (polls.empty())
        return;
    const auto hasEnded = [](const auto &poll) { return poll.second.lastDurationSeconds >= 0; };
    if (std::any_of(polls.begin(), polls.end(), hasEnded)) {
        text.family("exporter_proxy_poll_duration_seconds", "gauge", "How long the last poll took.");
        for (const auto &poll : polls) {
            if (hasEnded(poll))
                text.sample({"app=\"", bytesOf(labelValue(poll.first)), "\""},
                            poll.second.lastDurationSeconds);
        }
    }
    text.family("exporter_proxy_poll_errors_total", "counter", "Polls that failed.");
    for (const auto &[name, poll] : polls) {
        const QByteArray app = labelValue(name);
        for (std::size_t i = 0; i < PollFailureNames.size(); ++i)
            text.sample({"app=\"", bytesOf(app), "\",reason=\"", PollFailureNames[i], "\""},
                        poll.failures(PollFailure(i)));
    }
}

/// A family of one sample without labels; none if the figure is negative, which means not known.
void addFigure(MetricsText &text, std::string_view name, std::string_view type, std::string_view help,
               auto value)
{
    if (value < 0)
        return;
    text.family(name, type, help);
    text.sample({}, value);
}

std::chrono::milliseconds unixTime(Timestamp time)
{
    return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
}

void addConfig(MetricsText &text, const ProxyCounters &counters, bool configOk)
{
    text.family("exporter_proxy_config_last_reload_successful", "gauge",
                "Whether the configuration was good when it was read last.");
    text.sample({}, int(configOk));
    if (counters.configLoadedAt == Never)
        return;
    text.family("exporter_proxy_config_last_reload_success_timestamp_seconds", "gauge",
                "When the configuration in use was read, in seconds since 1970.");
    text.sample({}, unixTime(counters.configLoadedAt));
}

void addState(MetricsText &text, const StateCounters &state)
{
    if (!state.isKept)
        return;
    text.family("exporter_proxy_state_restore_failed", "gauge",
                "Whether the state file could not be used at the start.");
    text.sample({}, int(state.restoreFailed));
    text.family("exporter_proxy_state_restored_apps", "gauge",
                "Applications that were restored from the state file at the start.");
    text.sample({}, state.restoredApps);
    text.family("exporter_proxy_state_last_write_successful", "gauge",
                "Whether the last write of the state file ended well.");
    text.sample({}, int(state.lastSuccessful));
    if (state.lastWrite != Never) {
        text.family("exporter_proxy_state_last_write_timestamp_seconds", "gauge",
                    "When the state file was written last, in seconds since 1970.");
        text.sample({}, unixTime(state.lastWrite));
    }
    if (state.bytes > 0) {
        text.family("exporter_proxy_state_last_write_bytes", "gauge",
                    "Size of the state file that was written last.");
        text.sample({}, state.bytes);
    }
    text.family("exporter_proxy_state_writes_total", "counter", "Writes of the state file that ended well.");
    text.sample({}, state.writes);
    text.family("exporter_proxy_state_write_errors_total", "counter",
                "Writes of the state file that failed.");
    text.sample({}, state.errors);
}

void addLimits(MetricsText &text, const LimitFigures &limits)
{
    addFigure(text, "exporter_proxy_max_apps", "gauge", "How many applications are held at most.",
              limits.maxApps);
    addFigure(text, "exporter_proxy_max_total_bytes", "gauge",
              "How many bytes may be charged for the stored texts together.", limits.maxTotalBytes);
}

void addProcess(MetricsText &text, const ProcessFigures &figures)
{
    addFigure(text, "exporter_proxy_process_cpu_seconds_total", "counter",
              "User and system CPU time of the proxy in seconds.", figures.cpuSeconds);
    addFigure(text, "exporter_proxy_process_resident_memory_bytes", "gauge", "Resident memory in bytes.",
              figures.residentBytes);
    addFigure(text, "exporter_proxy_process_virtual_memory_bytes", "gauge", "Virtual memory in bytes.",
              figures.virtualBytes);
    addFigure(text, "exporter_proxy_process_open_fds", "gauge", "Open file descriptors.", figures.openFds);
    addFigure(text, "exporter_proxy_process_max_fds", "gauge", "The limit of open file descriptors.",
              figures.maxFds);
    addFigure(text, "exporter_proxy_process_start_time_seconds", "gauge",
              "When the proxy was started, in seconds since 1970.", figures.startTimeSeconds);
}

} // namespace

QByteArray renderAppMetrics(const AppView &view, Timestamp now)
{
    const EscapedNames names(view);
    std::size_t expected = 1024 + view.apps.size() * UsualAppSize;
    for (const auto &app : view.apps)
        expected += 5 * std::size_t(app->name.size()) + std::size_t(app->source.size());
    MetricsText text(expected);
    addStates(text, view, now);
    text.family("exporter_proxy_stored_bytes", "gauge", "Size of all applications' texts together.");
    text.sample({}, view.totalSize);
    text.family(
        "exporter_proxy_charged_bytes", "gauge",
        "What counts towards exporter_proxy_max_total_bytes: the texts, and what pages keep for them.");
    text.sample({}, view.charged);
    if (view.apps.empty())
        return text.take();
    text.family("exporter_proxy_app_up", "gauge", "Whether the application sends as it should.");
    appSamples(text, view, names, [now](const AppSnapshot &app) { return int(isUp(appStateAt(app, now))); });
    text.family("exporter_proxy_app_bytes", "gauge", "Size of the application's text.");
    appSamples(text, view, names, [](const AppSnapshot &app) { return app.text.size(); });
    addIntervals(text, view, names);
    text.family("exporter_proxy_app_rejected_total", "counter",
                "Pushes of the application that were refused, or polls that failed.");
    appSamples(text, view, names, [](const AppSnapshot &app) { return app.rejected; });
    text.family("exporter_proxy_app_updates_total", "counter", "Texts taken from the application.");
    appSamples(text, view, names, [](const AppSnapshot &app) { return app.updates; });
    const auto isUpdated = [](const auto &app) { return app->lastUpdate != Never; };
    if (std::any_of(view.apps.begin(), view.apps.end(), isUpdated))
        addLastUpdates(text, view, names);
    return text.take();
}

QByteArray renderProcessMetrics(const ProxyCounters &counters, const ProcessFigures &figures, bool configOk)
{
    MetricsText text(UsualProcessSize);
    text.family("exporter_proxy_build_info", "gauge",
                "The proxy's version and the version of Qt it runs on; always 1.");
    text.sample({"version=\"", VersionString, "\",qt=\"", qVersion(), "\""}, 1);
    addReceivers(text, counters);
    addAcceptFailures(text, counters);
    addPolls(text, counters.polls);
    text.family("exporter_proxy_scrapes_total", "counter",
                "Requests for the metrics page that were answered.");
    text.sample({}, counters.scrapes);
    text.family("exporter_proxy_scrape_bytes_total", "counter", "Bytes of metrics pages sent, as encoded.");
    text.sample({"encoding=\"identity\""}, counters.scrapeBytesPlain);
    text.sample({"encoding=\"gzip\""}, counters.scrapeBytesGzip);
    addConfig(text, counters, configOk);
    addLimits(text, counters.limits);
    addState(text, counters.state);
    addProcess(text, figures);
    return text.take();
}

} // namespace ExporterProxy
