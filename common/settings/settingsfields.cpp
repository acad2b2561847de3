// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/settingsfields.h"

#include "common/util/showntext.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <type_traits>
#include <utility>
#include <vector>

namespace ExporterProxy {

namespace {

constexpr std::array PushFormatNames = {QLatin1StringView("json"), QLatin1StringView("capnp")};
static_assert(PushFormatNames.size() == std::size_t(PushFormat::CapnProto) + 1);
constexpr std::array PushAnswerNames = {QLatin1StringView("errors"), QLatin1StringView("always")};
static_assert(PushAnswerNames.size() == std::size_t(PushAnswer::Always) + 1);

constexpr std::array LogLevelNames = {QLatin1StringView("debug"), QLatin1StringView("info"),
                                      QLatin1StringView("warning"), QLatin1StringView("error")};
static_assert(LogLevelNames.size() == std::size_t(LogLevel::Error) + 1);

constexpr std::array ExpositionModeNames = {QLatin1StringView("concatenate"), QLatin1StringView("merge")};
static_assert(ExpositionModeNames.size() == std::size_t(ExpositionMode::Merge) + 1);

constexpr std::array ValidationNames = {QLatin1StringView("off"), QLatin1StringView("quarantine")};
static_assert(ValidationNames.size() == std::size_t(ExpositionValidation::Quarantine) + 1);

/// A larger number is a typing error: no poll or push is worth waiting longer than a day.
constexpr qint64 LongestMilliseconds = 86'400'000;

/// Weeks make sense for a job that runs once a month; more than a year is a typing error.
constexpr qint64 LongestAge = 366LL * 86'400'000;

constexpr SettingType Boolean{SettingKind::Boolean};
constexpr SettingType Seconds{SettingKind::Seconds, 1, LongestMilliseconds};
constexpr SettingType Age{SettingKind::Seconds, 0, LongestAge};
constexpr SettingType Mode{SettingKind::Mode, 0, 0777};
constexpr SettingType Text{SettingKind::Text};
constexpr SettingType OptionalText{SettingKind::OptionalText};
constexpr SettingType Address{SettingKind::Address};

constexpr SettingType integer(qint64 minimum, qint64 maximum)
{
    return {SettingKind::Integer, minimum, maximum};
}

constexpr SettingType size(qint64 maximum)
{
    return {SettingKind::Size, 1, maximum};
}

constexpr SettingType choice(std::span<const QLatin1StringView> words)
{
    return {SettingKind::Choice, 0, qint64(words.size()) - 1, words};
}

template<typename Member>
constexpr bool IsNumber = std::is_integral_v<Member> && !std::is_same_v<Member, bool>;

/// Returns whether a member of this type can hold the values of a kind.
template<typename Member>
constexpr bool holds(SettingKind kind)
{
    switch (kind) {
    case SettingKind::Boolean:
        return std::is_same_v<Member, bool> || std::is_same_v<Member, std::optional<bool>>;
    case SettingKind::Integer:
    case SettingKind::Size:
    case SettingKind::Mode:
        return IsNumber<Member>;
    case SettingKind::Seconds:
        return std::is_same_v<Member, std::chrono::milliseconds>;
    case SettingKind::Choice:
        return std::is_enum_v<Member>;
    case SettingKind::Text:
    case SettingKind::OptionalText:
    case SettingKind::SocketPath:
    case SettingKind::LabelName:
    case SettingKind::AppName:
    case SettingKind::Url:
        return std::is_same_v<Member, QString>;
    case SettingKind::Address:
        return std::is_same_v<Member, SocketAddress>;
    case SettingKind::UrlList:
        return std::is_same_v<Member, QList<PollEndpoint>>;
    case SettingKind::Headers:
        return std::is_same_v<Member, HttpHeaders>;
    }
    return false;
}

template<typename Member>
SettingValue valueOf(const Member &member)
{
    if constexpr (std::is_same_v<Member, std::chrono::milliseconds>)
        return qint64(member.count());
    else if constexpr (std::is_enum_v<Member> || IsNumber<Member>)
        return qint64(member);
    else if constexpr (std::is_same_v<Member, std::optional<bool>>)
        return member.value_or(false);
    else
        return member;
}

template<typename Member>
void assign(Member &member, const SettingValue &value)
{
    if constexpr (std::is_same_v<Member, std::chrono::milliseconds>)
        member = Member(std::get<qint64>(value));
    else if constexpr (std::is_enum_v<Member> || IsNumber<Member>)
        member = Member(std::get<qint64>(value)); // the field's range is within the member's
    else if constexpr (std::is_same_v<Member, std::optional<bool>>)
        member = std::get<bool>(value);
    else
        member = std::get<Member>(value);
}

template<typename Member>
constexpr SettingType checked(SettingType type)
{
    // In a constant expression, throwing is an error of the compiler, as intended.
    if (!holds<Member>(type.kind))
        throw "a setting's kind does not fit the member that is to hold it";
    if constexpr (IsNumber<Member>) {
        if (!std::in_range<Member>(type.minimum) || !std::in_range<Member>(type.maximum))
            throw "a setting's range does not fit the member that is to hold it";
    }
    return type;
}

template<auto Group, auto Member>
constexpr SettingField<Settings> setting(const char *section, const char *key, SettingType type,
                                         const char *description)
{
    using Held = std::remove_cvref_t<decltype(std::declval<Settings &>().*Group.*Member)>;
    return {QLatin1StringView(section),
            QLatin1StringView(key),
            checked<Held>(type),
            QLatin1StringView(description),
            [](const Settings &settings) { return valueOf(settings.*Group.*Member); },
            [](Settings &settings, const SettingValue &value) { assign(settings.*Group.*Member, value); }};
}

template<auto Member>
constexpr SettingField<PollEndpoint> endpoint(const char *key, SettingType type, const char *description)
{
    using Held = std::remove_cvref_t<decltype(std::declval<PollEndpoint &>().*Member)>;
    return {EndpointSection,
            QLatin1StringView(key),
            checked<Held>(type),
            QLatin1StringView(description),
            [](const PollEndpoint &owner) { return valueOf(owner.*Member); },
            [](PollEndpoint &owner, const SettingValue &value) { assign(owner.*Member, value); }};
}

template<auto Member>
constexpr SettingField<FreshnessOverrides> freshnessOverride(const char *key, const char *description)
{
    return {QLatin1StringView(),
            QLatin1StringView(key),
            Age,
            QLatin1StringView(description),
            [](const FreshnessOverrides &owner) {
                return valueOf((owner.*Member).value_or(std::chrono::milliseconds{0}));
            },
            [](FreshnessOverrides &owner, const SettingValue &value) {
                assign((owner.*Member).emplace(), value);
            }};
}

using S = Settings;

// Two lines for each row: the setting, then its description.
// clang-format off
constexpr std::array Fields = {
    setting<&S::exporter, &S::Exporter::workerThreads>("exporter", "worker_threads", integer(0, 256),
        "Threads that receive pushes beside the main thread; with 0 the main thread receives them"),
    setting<&S::exporter, &S::Exporter::concurrentRequests>("exporter", "concurrent_requests", integer(1, 1'000'000),
        "Most connections of each receiver at the same time"),
    setting<&S::exporter, &S::Exporter::scrapeExposeEndpoint>("exporter", "scrape_expose_endpoint", Address,
        "Address and port of the HTTP service"),
    setting<&S::exporter, &S::Exporter::selfMetrics>("exporter", "self_metrics", Boolean,
        "Whether the page ends with the proxy's own metrics"),
    setting<&S::exporter, &S::Exporter::admin>("exporter", "admin", Boolean,
        "Whether HTTP requests may reload, stop and wipe"),

    setting<&S::receiver, &S::Receiver::format>("receiver", "format", choice(PushFormatNames),
        "Format of the pushes"),
    setting<&S::receiver, &S::Receiver::answer>("receiver", "answer", choice(PushAnswerNames),
        "Which pushes are answered: refused ones, or all"),
    setting<&S::receiver, &S::Receiver::receiveOnUnixSocket>("receiver", "receive_on_unix_socket", Boolean,
        "Whether pushes are received on the Unix socket"),
    setting<&S::receiver, &S::Receiver::unixSocketPath>("receiver", "receiver_unix_socket", {SettingKind::SocketPath},
        "Path of the Unix socket"),
    setting<&S::receiver, &S::Receiver::unixSocketUser>("receiver", "unix_socket_user", Text,
        "Owner of the Unix socket: a user, or \"current_user\" for the process's own"),
    setting<&S::receiver, &S::Receiver::unixSocketGroup>("receiver", "unix_socket_group", Text,
        "Group of the Unix socket: a group, or \"current_group\" for the process's own"),
    setting<&S::receiver, &S::Receiver::unixSocketMode>("receiver", "unix_socket_mode", Mode,
        "Permissions of the Unix socket, octal: who may write to it may push"),
    setting<&S::receiver, &S::Receiver::receiveOnTcpSocket>("receiver", "receive_on_tcp_socket", Boolean,
        "Whether pushes are received over TCP"),
    setting<&S::receiver, &S::Receiver::tcpSocket>("receiver", "receiver_tcp_socket", Address,
        "Address and port on which pushes are received over TCP"),
    setting<&S::receiver, &S::Receiver::messageTimeout>("receiver", "message_timeout", Seconds,
        "Time without data after which an unfinished push is dropped, in seconds"),
    setting<&S::receiver, &S::Receiver::receiveOnHttp>("receiver", "receive_on_http", Boolean,
        "Whether pushes are received over HTTP"),
    setting<&S::receiver, &S::Receiver::httpHosts>("receiver", "http_hosts", OptionalText,
        "Names by which this host is asked over HTTP to store or remove something, separated by commas"),
    setting<&S::receiver, &S::Receiver::pushgatewayMetrics>("receiver", "pushgateway_metrics", Boolean,
        "Whether groups of the Pushgateway's API get push_time_seconds and push_failure_time_seconds"),

    setting<&S::pollExternal, &S::PollExternal::enabled>("poll_external", "poll_other_scrape_endpoints", Boolean,
        "Whether other exporters are polled"),
    setting<&S::pollExternal, &S::PollExternal::endpoints>("poll_external", "other_scrape_endpoints", {SettingKind::UrlList},
        "URLs of the exporters to poll"),
    setting<&S::pollExternal, &S::PollExternal::allowInvalidCerts>("poll_external", "allow_invalid_certs", Boolean,
        "Whether certificates of https exporters that cannot be verified are accepted"),
    setting<&S::pollExternal, &S::PollExternal::followRedirects>("poll_external", "follow_redirects", Boolean,
        "Whether redirects to another host are followed"),
    setting<&S::pollExternal, &S::PollExternal::pollInterval>("poll_external", "poll_interval", Seconds,
        "Time between two polls of an exporter, in seconds"),
    setting<&S::pollExternal, &S::PollExternal::clientTimeout>("poll_external", "client_timeout", Seconds,
        "Longest duration of a poll, in seconds"),

    // 4 GiB is the limit of both simdjson and Cap'n Proto for one message.
    setting<&S::limits, &S::Limits::maxMessageSize>("limits", "max_message_size", size((qint64{4} << 30) - 1),
        "Largest push, and largest polled page"),
    setting<&S::limits, &S::Limits::maxApps>("limits", "max_apps", integer(1, 100'000'000),
        "Most applications at the same time"),
    setting<&S::limits, &S::Limits::maxTotalSize>("limits", "max_total_size", size(qint64{1} << 50),
        "Most bytes of the texts of all applications together"),

    setting<&S::exposition, &S::Exposition::mode>("exposition", "mode", choice(ExpositionModeNames),
        "How the texts of the applications are combined into one page"),
    setting<&S::exposition, &S::Exposition::appLabel>("exposition", "app_label", {SettingKind::LabelName},
        "Name of a label with the application's name that is added to each sample; empty for none"),
    setting<&S::exposition, &S::Exposition::validation>("exposition", "validation", choice(ValidationNames),
        "What happens to a text that Prometheus would reject"),

    setting<&S::freshness, &FreshnessRules::staleAfter>("freshness", "stale_after", Age,
        "Age at which an application becomes stale, in seconds; 0 for never"),
    setting<&S::freshness, &FreshnessRules::expireAfter>("freshness", "expire_after", Age,
        "Age at which an application's text is removed from the page, in seconds; 0 for never"),
    setting<&S::freshness, &FreshnessRules::forgetAfter>("freshness", "forget_after", Age,
        "Age at which an application is forgotten, in seconds; 0 for never"),
    setting<&S::state, &S::State::file>("state", "file", OptionalText,
        "File that keeps pushed applications across a restart; empty for none"),

    setting<&S::log, &S::Log::level>("log", "level", choice(LogLevelNames),
        "Lowest level of the messages that are logged"),
};

using E = PollEndpoint;

constexpr std::array EndpointFields = {
    endpoint<&E::url>("url", {SettingKind::Url},
        "URL of the exporter's page"),
    endpoint<&E::name>("name", {SettingKind::AppName},
        "Name of the application; by default the URL's host and port"),
    endpoint<&E::interval>("interval", Seconds,
        "Overrides poll_interval, in seconds"),
    endpoint<&E::timeout>("timeout", Seconds,
        "Overrides client_timeout, in seconds"),
    endpoint<&E::headers>("headers", {SettingKind::Headers},
        "Headers sent with each request"),
    endpoint<&E::username>("username", Text,
        "User for basic authentication"),
    endpoint<&E::passwordFile>("password_file", Text,
        "File with the user's password, read at each poll"),
    endpoint<&E::bearerTokenFile>("bearer_token_file", Text,
        "File with a bearer token, read at each poll"),
    endpoint<&E::caFile>("ca_file", Text,
        "PEM file of the authorities that may sign the exporter's certificate"),
    endpoint<&E::certFile>("cert_file", Text,
        "PEM file with the certificate that is shown to the exporter"),
    endpoint<&E::keyFile>("key_file", Text,
        "PEM file with the key of that certificate"),
    endpoint<&E::serverName>("server_name", Text,
        "Name that the exporter's certificate is for, if not the URL's host"),
    endpoint<&E::allowInvalidCerts>("allow_invalid_certs", Boolean,
        "Overrides poll_external.allow_invalid_certs"),
    endpoint<&E::followRedirects>("follow_redirects", Boolean,
        "Overrides poll_external.follow_redirects"),
    endpoint<&E::unixSocket>("unix_socket", {SettingKind::SocketPath},
        "Unix socket to connect to in place of the URL's host; \"@name\" for an abstract one"),
};

using O = FreshnessOverrides;

constexpr std::array FreshnessFields = {
    freshnessOverride<&O::staleAfter>("stale_after",
        "Overrides freshness.stale_after, in seconds"),
    freshnessOverride<&O::expireAfter>("expire_after",
        "Overrides freshness.expire_after, in seconds"),
    freshnessOverride<&O::forgetAfter>("forget_after",
        "Overrides freshness.forget_after, in seconds"),
};
// clang-format on

/// Worker threads are started and connections shared out once; the state file is locked and restored before
/// anything is received.
constexpr std::array RestartSettings = {QLatin1StringView("exporter.worker_threads"),
                                        QLatin1StringView("exporter.concurrent_requests"),
                                        QLatin1StringView("state.file")};

} // namespace

std::span<const SettingField<FreshnessOverrides>> freshnessOverrideFields()
{
    return FreshnessFields;
}

std::span<const SettingField<Settings>> settingsFields()
{
    return Fields;
}

std::span<const SettingField<PollEndpoint>> pollEndpointFields()
{
    return EndpointFields;
}

QStringList changedSettings(const Settings &from, const Settings &to)
{
    QStringList names;
    for (const auto &field : settingsFields()) {
        if (field.read(from) != field.read(to))
            names << field.name();
    }
    // Tables, for which the table of settings has no rows.
    if (from.freshness.push != to.freshness.push)
        names << QStringLiteral("freshness.push");
    if (from.freshness.poll != to.freshness.poll)
        names << QStringLiteral("freshness.poll");
    if (from.freshness.apps != to.freshness.apps)
        names << QStringLiteral("freshness.app");
    return names;
}

QStringList settingsThatNeedRestart(const QStringList &names)
{
    QStringList found;
    std::copy_if(names.begin(), names.end(), std::back_inserter(found), [](const QString &name) {
        return std::find(RestartSettings.begin(), RestartSettings.end(), name) != RestartSettings.end();
    });
    return found;
}

namespace {

QStringList sections()
{
    QStringList names;
    for (const auto &field : settingsFields())
        names << field.section;
    names.removeDuplicates();
    return names;
}

QStringList keysOf(const QString &section)
{
    QStringList keys;
    if (section == EndpointSection) {
        for (const auto &field : pollEndpointFields())
            keys << field.key;
        return keys;
    }
    if (section.startsWith(FreshnessSection + u'.')) {
        for (const auto &field : freshnessOverrideFields())
            keys << field.key;
        return keys;
    }
    for (const auto &field : settingsFields()) {
        if (field.section == section)
            keys << field.key;
    }
    if (section == FreshnessSection)
        keys << FreshnessPushKey << FreshnessPollKey << FreshnessAppKey;
    if (section == PollSection)
        keys << EndpointKey;
    return keys;
}

/// Returns whether one name is the other with words before or after it: "timeout" and "message_timeout".
bool isPartOf(const QString &a, const QString &b)
{
    const auto &[shorter, longer] = std::minmax(
        a, b, [](const QString &left, const QString &right) { return left.size() < right.size(); });
    return !shorter.isEmpty() && (longer.endsWith(u'_' + shorter) || longer.startsWith(shorter + u'_'));
}

/// The key that was probably meant, preceded by its section if that is not `section`.
QString meantKey(const QString &section, const QString &key)
{
    const QStringList own = keysOf(section);
    QStringList others;
    for (const QString &other : sections()) {
        if (other != section) {
            for (const QString &candidate : keysOf(other)) {
                if (candidate == key)
                    return other + u'.' + candidate;
                others << candidate;
            }
        }
    }
    if (QString nearest = nearestWord(key, own); !nearest.isEmpty())
        return nearest;
    QStringList parts;
    std::copy_if(own.begin(), own.end(), std::back_inserter(parts),
                 [&key](const QString &candidate) { return isPartOf(key, candidate); });
    if (parts.size() == 1)
        return parts.front();
    if (const QString nearest = nearestWord(key, others); !nearest.isEmpty())
        return meantKey(section, nearest); // which finds its section
    return {};
}

QString withProposal(const QString &text, const QString &proposal)
{
    return proposal.isEmpty()
        ? text
        : QString(text + QStringLiteral("; did you mean \"") + proposal + QStringLiteral("\"?"));
}

QString folded(QStringView word)
{
    return word.toString().toLower().replace(u'-', u'_');
}

} // namespace

QString unknownKeyText(const QString &section, const QString &key)
{
    const QString name = section.isEmpty() ? key : QString(section + u'.' + key);
    return withProposal(QStringLiteral("unknown key ") + quotedText(name), meantKey(section, key));
}

QString unknownSectionText(const QString &section)
{
    QString meant = nearestWord(section, sections());
    if (meant.isEmpty() && section == EndpointKey)
        meant = EndpointSection;
    return withProposal(QStringLiteral("unknown section ") + quotedText(section), meant);
}

bool isKnownSection(QStringView section)
{
    return sections().contains(section);
}

qsizetype editDistance(QStringView a, QStringView b)
{
    const auto width = std::size_t(b.size()) + 1;
    std::vector<qsizetype> beforeLast(width);
    std::vector<qsizetype> last(width);
    std::vector<qsizetype> row(width);
    for (std::size_t j = 0; j < width; ++j)
        last[j] = qsizetype(j);
    for (qsizetype i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (qsizetype j = 1; j <= b.size(); ++j) {
            const auto at = std::size_t(j);
            const bool same = a[i - 1] == b[j - 1];
            row[at] = std::min({last[at] + 1, row[at - 1] + 1, last[at - 1] + (same ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[at] = std::min(row[at], beforeLast[at - 2] + 1);
        }
        std::swap(beforeLast, last);
        std::swap(last, row);
    }
    return last.back();
}

QString nearestWord(QStringView word, const QStringList &candidates)
{
    QString nearest;
    qsizetype nearestDistance = 0;
    for (const QString &candidate : candidates) {
        const qsizetype allowed = std::max<qsizetype>(1, candidate.size() / 3);
        // Checked first, because the word may be a megabyte long.
        if (std::abs(word.size() - candidate.size()) > allowed)
            continue;
        const qsizetype distance = editDistance(folded(word), folded(candidate));
        if (distance > allowed || distance >= std::min(word.size(), candidate.size()))
            continue;
        if (nearest.isEmpty() || distance < nearestDistance) {
            nearest = candidate;
            nearestDistance = distance;
        }
    }
    return nearest;
}

} // namespace ExporterProxy
