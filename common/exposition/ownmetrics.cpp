// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/ownmetrics.h"

#include "common/exposition/metricstext.h"
#include "common/util/version.h"

#include <algorithm>
#include <utility>

namespace ExporterProxy {

namespace {

std::chrono::milliseconds unixTime(Timestamp time)
{
    return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
}

/// What a page of the process usually takes, for the first reservation; and what the lines of one application
/// usually take beside its name.
constexpr std::size_t UsualProcessSize = 8 * 1024;
constexpr std::size_t UsualAppSize = 420;

using Apps = std::span<const std::shared_ptr<const AppSnapshot>>;

/// Neighbouring applications with what their lines are made of.
struct AppBlock
{
    Apps apps;
    std::span<const AppState> states;
    std::vector<QByteArray> names = {}; ///< as a label's value, escaped once for the many lines that carry it
};

/// A family that has a line for each application.
struct AppFamily
{
    std::string_view name;
    std::string_view type;
    std::string_view help;
    void (*write)(MetricsText &text, const AppBlock &block);
};

/// A line for each application: `value` makes its value of the snapshot.
void appSamples(MetricsText &text, const AppBlock &block, auto &&value)
{
    for (std::size_t i = 0; i < block.apps.size(); ++i)
        text.sample({"app=\"", bytesOf(block.names[i]), "\""}, value(*block.apps[i]));
}

void addUps(MetricsText &text, const AppBlock &block)
{
    for (std::size_t i = 0; i < block.apps.size(); ++i)
        text.sample({"app=\"", bytesOf(block.names[i]), "\""}, int(isUp(block.states[i])));
}

void addIntervals(MetricsText &text, const AppBlock &block)
{
    for (std::size_t i = 0; i < block.apps.size(); ++i) {
        if (block.apps[i]->interval.count() > 0)
            text.sample({"app=\"", bytesOf(block.names[i]), "\""}, block.apps[i]->interval);
    }
}

void addLastUpdates(MetricsText &text, const AppBlock &block)
{
    QByteArray source;
    QByteArray escaped;
    for (std::size_t i = 0; i < block.apps.size(); ++i) {
        const AppSnapshot &app = *block.apps[i];
        if (app.lastUpdate == Never)
            continue;
        if (app.source != source) { // most share one of two sources
            source = app.source;
            escaped = labelValue(source);
        }
        text.sample({"app=\"", bytesOf(block.names[i]), "\",source=\"", bytesOf(escaped), "\""},
                    unixTime(onWallClock(app.lastUpdate)));
    }
}

constexpr std::array<AppFamily, 6> AppFamilies = {{
    {"exporter_proxy_app_up", "gauge", "Whether the application sends as it should.", addUps},
    {"exporter_proxy_app_bytes", "gauge", "Size of the application's text.",
     [](MetricsText &text, const AppBlock &block) {
         appSamples(text, block, [](const AppSnapshot &app) { return app.text.size(); });
     }},
    {"exporter_proxy_app_interval_seconds", "gauge",
     "The application's rhythm: a poll's interval, or what its pushes have shown.", addIntervals},
    {"exporter_proxy_app_rejected_total", "counter",
     "Pushes of the application that were refused, or polls that failed.",
     [](MetricsText &text, const AppBlock &block) {
         appSamples(text, block, [](const AppSnapshot &app) { return app.rejected; });
     }},
    {"exporter_proxy_app_updates_total", "counter", "Texts taken from the application.",
     [](MetricsText &text, const AppBlock &block) {
         appSamples(text, block, [](const AppSnapshot &app) { return app.updates; });
     }},
    {"exporter_proxy_app_last_update_timestamp_seconds", "gauge",
     "When the application's text was taken, in seconds since 1970.", addLastUpdates},
}};

// The places of the pieces: those of AppFamilies are between.
constexpr quint32 TotalsPlace = 0;
constexpr quint32 FirstFamilyPlace = 1;
constexpr quint32 MergePlace = FirstFamilyPlace + quint32(AppFamilies.size());
constexpr quint32 ProcessPlace = MergePlace + 1;

QByteArray renderTotals(const AppView &view, const std::array<quint64, AppStateCount> &counts)
{
    constexpr std::size_t usual = 1536;
    MetricsText text(usual);
    text.family("exporter_proxy_apps", "gauge", "Number of applications in each state.");
    for (std::size_t i = 0; i < AppStateCount; ++i)
        text.sample({"state=\"", appStateName(AppState(i)), "\""}, counts[i]);
    text.family("exporter_proxy_stored_bytes", "gauge", "Size of all applications' texts together.");
    text.sample({}, view.totalSize);
    text.family(
        "exporter_proxy_charged_bytes", "gauge",
        "What counts towards exporter_proxy_max_total_bytes: the texts, and what pages keep for them.");
    text.sample({}, view.charged);
    return text.take();
}

void addReceivers(MetricsText &text, const ProxyCounters &counters)
{
    using Receiver = std::pair<std::string_view, const ReceiverCounters *>;
    const Receiver receivers[] = {{"receiver=\"unix\"", &counters.unixSocket},
                                  {"receiver=\"tcp\"", &counters.tcpSocket}};
    std::vector<std::pair<std::string_view, const SourceCounters *>> sources(std::begin(receivers),
                                                                             std::end(receivers));
    if (counters.receivesOnHttp)
        sources.emplace_back("receiver=\"http\"", &counters.httpPushes);
    text.family("exporter_proxy_pushes_total", "counter", "Messages taken.");
    for (const auto &[label, source] : sources)
        text.sample({label}, source->accepted.load(std::memory_order_relaxed));
    text.family("exporter_proxy_push_errors_total", "counter", "Messages refused.");
    for (const auto &[label, source] : sources) {
        for (std::size_t i = 0; i < RejectReasonNames.size(); ++i)
            text.sample({label, ",reason=\"", RejectReasonNames[i], "\""},
                        source->errors[i].load(std::memory_order_relaxed));
    }
    text.family("exporter_proxy_repaired_total", "counter",
                "Texts that were mended before they were stored, by what was wrong with them.");
    text.sample({"kind=\"bom\""}, counters.repairs.bom.load(std::memory_order_relaxed));
    text.sample({"kind=\"crlf\""}, counters.repairs.crlf.load(std::memory_order_relaxed));
    if (counters.droppedLogLines) {
        text.family("exporter_proxy_log_lines_dropped_total", "counter",
                    "Log lines that standard error did not take.");
        text.sample({}, counters.droppedLogLines->load(std::memory_order_relaxed));
    }
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

void addConfig(MetricsText &text, const ProxyCounters &counters, bool configOk)
{
    text.family("exporter_proxy_config_last_reload_successful", "gauge",
                "Whether the configuration was good when it was read last.");
    text.sample({}, int(configOk));
    if (counters.configLoadedAt == Never)
        return;
    text.family("exporter_proxy_config_last_reload_success_timestamp_seconds", "gauge",
                "When the configuration in use was read, in seconds since 1970.");
    text.sample({}, unixTime(onWallClock(counters.configLoadedAt)));
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

/// A family with a sample for each report whose figure is not 0; none if all are.
void addReportFamily(MetricsText &text, std::span<const MergeReport> reports, std::string_view name,
                     std::string_view help, auto &&figure)
{
    const auto isShown = [&figure](const MergeReport &report) { return figure(report) > 0; };
    if (std::ranges::none_of(reports, isShown))
        return;
    text.family(name, "gauge", help);
    for (const MergeReport &report : reports) {
        if (isShown(report))
            text.sample({"app=\"", bytesOf(labelValue(report.app)), "\""}, figure(report));
    }
}

void addConflicts(MetricsText &text, std::span<const MergeReport> reports)
{
    const auto hasConflict = [](const MergeReport &report) { return report.helps + report.types > 0; };
    if (std::ranges::none_of(reports, hasConflict))
        return;
    text.family("exporter_proxy_merge_conflicts", "gauge",
                "Families of the application whose HELP or TYPE on the page is another application's.");
    for (const MergeReport &report : reports) {
        if (!hasConflict(report))
            continue;
        const QByteArray app = labelValue(report.app);
        if (report.helps > 0)
            text.sample({"app=\"", bytesOf(app), "\",kind=\"help\""}, report.helps);
        if (report.types > 0)
            text.sample({"app=\"", bytesOf(app), "\",kind=\"type\""}, report.types);
    }
}

QByteArray renderMergeMetrics(std::span<const MergeReport> reports)
{
    if (reports.empty())
        return {};
    MetricsText text(1024 + reports.size() * UsualAppSize);
    addConflicts(text, reports);
    addReportFamily(
        text, reports, "exporter_proxy_merge_dropped_series",
        "Series of the application that are not on the page, because it has them twice or another "
        "application whose name comes first has them.",
        [](const MergeReport &report) { return report.hidden; });
    addReportFamily(
        text, reports, "exporter_proxy_merge_reserved_samples",
        "Samples of the application that are not on the page, because their names are the proxy's own.",
        [](const MergeReport &report) { return report.reserved; });
    addReportFamily(text, reports, "exporter_proxy_merge_unreadable",
                    "Whether the application's text cannot be parsed; always 1.",
                    [](const MergeReport &report) { return int(!report.fault.isEmpty()); });
    return text.take();
}

} // namespace

OwnMetrics::OwnMetrics(PageStore &store)
    : m_pieces([this](const PieceKey &a, const PieceKey &b) { return isBefore(a, b); }, store, LeafSize)
{
}

bool OwnMetrics::isBefore(const PieceKey &a, const PieceKey &b) const
{
    if (a.family != b.family)
        return a.family < b.family;
    if (a.app == b.app || b.app == PieceKey::Heading)
        return false;
    return a.app == PieceKey::Heading || m_blocks[a.app].place < m_blocks[b.app].place;
}

void OwnMetrics::follow(const AppView &view, Timestamp now)
{
    const bool isOther = m_groups.follow(view);
    const bool isDue =
        now < m_checkedAt || std::chrono::floor<std::chrono::milliseconds>(now) >= m_holdsUntil;
    if (!isOther && !isDue)
        return;
    for (const quint32 id : m_groups.gone()) {
        for (quint32 i = 0; i < AppFamilies.size(); ++i)
            m_pieces.set({FirstFamilyPlace + i, id}, {});
        m_blocks[id] = {};
    }
    m_blocks.resize(m_groups.idCount());
    const std::span<const AppGroups::Group> groups = m_groups.groups();
    // Before a piece is put in: their order is that of the places.
    for (std::size_t i = 0; i < groups.size(); ++i)
        m_blocks[groups[i].id].place = i;
    if (isDue)
        m_holdsUntil = Moment::max();
    m_checkedAt = now;
    std::array<quint64, AppStateCount> counts{};
    quint32 families = 0;
    for (const AppGroups::Group &group : groups) {
        Block &block = m_blocks[group.id];
        if (group.isChanged || isDue)
            refresh(group, view, now);
        for (const AppState state : block.states)
            ++counts[std::size_t(state)];
        families |= block.families;
    }
    m_pieces.set({TotalsPlace, PieceKey::Heading}, renderTotals(view, counts));
    for (quint32 i = 0; i < AppFamilies.size(); ++i) {
        if (const quint32 bit = 1u << i; (families ^ m_families) & bit)
            m_pieces.set({FirstFamilyPlace + i, PieceKey::Heading},
                         families & bit ? heading(i) : QByteArray());
    }
    m_families = families;
}

void OwnMetrics::setReports(std::span<const MergeReport> reports, quint64 generation)
{
    if (std::exchange(m_reported, generation) != generation)
        m_pieces.set({MergePlace, PieceKey::Heading}, renderMergeMetrics(reports));
}

QByteArray OwnMetrics::heading(std::size_t family)
{
    MetricsText text(256);
    text.family(AppFamilies[family].name, AppFamilies[family].type, AppFamilies[family].help);
    return text.take();
}

/// Looks at the states of the group's applications, and makes its lines anew if they can be others.
void OwnMetrics::refresh(const AppGroups::Group &group, const AppView &view, Timestamp now)
{
    Block &block = m_blocks[group.id];
    AppBlock made{Apps(view.apps).subspan(group.begin, group.count), {}};
    std::vector<AppState> states;
    states.reserve(made.apps.size());
    std::size_t expected = made.apps.size() * UsualAppSize;
    for (const auto &app : made.apps) {
        states.push_back(appStateAt(*app, now));
        m_holdsUntil = std::min(m_holdsUntil, appStateHoldsUntil(*app, now));
        expected += AppFamilies.size() * std::size_t(app->name.size()) + std::size_t(app->source.size());
    }
    if (!group.isChanged && states == block.states)
        return;
    block.states = std::move(states);
    block.families = 0;
    made.states = block.states;
    made.names.reserve(made.apps.size());
    for (const auto &app : made.apps)
        made.names.push_back(labelValue(app->name));
    MetricsText text(expected);
    std::array<qsizetype, AppFamilies.size() + 1> ends{};
    for (std::size_t i = 0; i < AppFamilies.size(); ++i) {
        text.continueFamily(AppFamilies[i].name);
        AppFamilies[i].write(text, made);
        ends[i + 1] = text.size();
        if (ends[i + 1] > ends[i])
            block.families |= 1u << i;
    }
    const QByteArray lines = text.take();
    for (std::size_t i = 0; i < AppFamilies.size(); ++i)
        m_pieces.set({FirstFamilyPlace + quint32(i), group.id},
                     QByteArrayView(lines).sliced(ends[i], ends[i + 1] - ends[i]));
}

void OwnMetrics::setProcess(const QByteArray &text)
{
    m_pieces.set({ProcessPlace, PieceKey::Heading}, text);
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
