// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/settingschecks.h"

#include "common/model/appmodel.h"
#include "common/settings/settings.h"
#include "common/settings/settingsfields.h"
#include "common/util/showntext.h"

#include <array>
#include <QHash>
#include <QSet>
#include <QUrl>

namespace ExporterProxy {

namespace {

const QString PollSwitch = QStringLiteral("poll_external.poll_other_scrape_endpoints");
const QString PollUrls = QStringLiteral("poll_external.other_scrape_endpoints");
const QString PollTables = QStringLiteral("poll_external.endpoint");

void checkLimits(const Settings::Limits &limits, QList<SettingsConflict> &conflicts)
{
    if (limits.maxMessageSize <= limits.maxTotalSize)
        return;
    const QString message = QStringLiteral("limits.max_message_size");
    const QString total = QStringLiteral("limits.max_total_size");
    conflicts << SettingsConflict{
        {message, total}, -1, -1, message + QStringLiteral(": is larger than ") + total};
}

void checkThatThereIsWork(const Settings &settings, QList<SettingsConflict> &conflicts)
{
    const QString unix_ = QStringLiteral("receiver.receive_on_unix_socket");
    const QString tcp = QStringLiteral("receiver.receive_on_tcp_socket");
    if (!settings.receiver.receiveOnUnixSocket && !settings.receiver.receiveOnTcpSocket
        && !settings.pollExternal.enabled)
        conflicts << SettingsConflict{
            {tcp, unix_, PollSwitch},
            -1,
            -1,
            QStringLiteral("nothing to receive or poll: %1, %2 and %3 are all false")
                .arg(unix_, tcp, PollSwitch)};
    if (settings.pollExternal.enabled && settings.pollExternal.endpoints.isEmpty())
        conflicts << SettingsConflict{
            {PollSwitch, PollUrls, PollTables},
            -1,
            -1,
            QStringLiteral("%1: there is nothing to poll: %2 is empty and there is no [[%3]]")
                .arg(PollSwitch, PollUrls, PollTables)};
}

QString shownUrl(const PollEndpoint &endpoint)
{
    return quotedText(endpoint.url);
}

/// Two endpoints of the same name would overwrite each other's text at every poll.
void checkNames(const QList<PollEndpoint> &endpoints, QList<SettingsConflict> &conflicts)
{
    const QList<PollEndpointName> names = pollEndpointNames(endpoints);
    QHash<QByteArray, qsizetype> known;
    for (qsizetype i = 0; i < names.size(); ++i) {
        const QByteArray &name = names[i].name;
        if (const auto fault = nameFault(name))
            conflicts << SettingsConflict{
                {}, i, -1, shownUrl(endpoints[i]) + QStringLiteral(": ") + QString::fromUtf8(*fault)};
        const auto first = known.constFind(name);
        if (first == known.constEnd()) {
            known.insert(name, i);
            continue;
        }
        const PollEndpoint &earlier = endpoints[*first];
        const QString quoted = quotedText(QString::fromUtf8(name));
        const QString message = earlier.url == endpoints[i].url
            ? QStringLiteral("%1 is polled twice, both times as %2").arg(shownUrl(earlier), quoted)
            : QStringLiteral("%1 and %2 are both polled as %3")
                  .arg(shownUrl(earlier), shownUrl(endpoints[i]), quoted);
        conflicts << SettingsConflict{{}, i, *first, message};
    }
}

/// One limit of [freshness] and the setting that it comes from.
struct AgeLimit
{
    std::chrono::milliseconds age{0};
    QString setting;
    int strength = 0; ///< rises from the general limits to those of a kind and of an application
};
using AgeLimits = std::array<AgeLimit, 3>; ///< stale, expire, forget

void applyLevel(AgeLimits &limits, const FreshnessOverrides &overrides, const QString &level, int strength)
{
    const std::array ages = {overrides.staleAfter, overrides.expireAfter, overrides.forgetAfter};
    const auto fields = freshnessOverrideFields(); // in the same order
    for (std::size_t i = 0; i < ages.size(); ++i) {
        if (ages[i])
            limits[i] = {*ages[i], level + u'.' + fields[i].key, strength};
    }
}

QString secondsOf(const AgeLimit &limit)
{
    return settingText({SettingKind::Seconds}, qint64(limit.age.count()));
}

/// The limits must not decrease: an application whose text was removed cannot become stale.
void checkOrder(const AgeLimits &limits, QSet<QStringList> &known, QList<SettingsConflict> &conflicts)
{
    const AgeLimit *earlier = nullptr;
    for (const AgeLimit &later : limits) {
        if (later.age.count() == 0)
            continue;
        if (earlier && earlier->age > later.age) {
            const bool blameLater = later.strength >= earlier->strength;
            const AgeLimit &blamed = blameLater ? later : *earlier;
            const AgeLimit &other = blameLater ? *earlier : later;
            const QStringList settings{blamed.setting, other.setting};
            const QString message =
                (blameLater ? QStringLiteral("%1: %2 s is less than the %3 s of %4")
                            : QStringLiteral("%1: %2 s is more than the %3 s of %4"))
                    .arg(blamed.setting, secondsOf(blamed), secondsOf(other), other.setting);
            if (!known.contains(settings)) {
                known.insert(settings); // a mistake in the general limits is reported once
                conflicts << SettingsConflict{settings, -1, -1, message};
            }
        }
        earlier = &later;
    }
}

void checkFreshness(const Settings &settings, QList<SettingsConflict> &conflicts)
{
    const FreshnessRules &rules = settings.freshness;
    AgeLimits general;
    applyLevel(general, {rules.staleAfter, rules.expireAfter, rules.forgetAfter}, FreshnessSection, 0);
    AgeLimits push = general;
    applyLevel(push, rules.push, freshnessLevel(FreshnessPushKey), 1);
    AgeLimits poll = general;
    applyLevel(poll, rules.poll, freshnessLevel(FreshnessPollKey), 1);
    QSet<QStringList> known;
    checkOrder(push, known, conflicts);
    checkOrder(poll, known, conflicts);
    if (rules.apps.empty())
        return;

    QSet<QByteArray> polled;
    if (settings.pollExternal.enabled) {
        for (const PollEndpointName &endpoint : pollEndpointNames(settings.pollExternal.endpoints))
            polled.insert(endpoint.name);
    }
    for (const auto &[name, overrides] : rules.apps) {
        AgeLimits limits = polled.contains(name) ? poll : push;
        applyLevel(limits, overrides, freshnessAppLevel(QString::fromUtf8(name)), 2);
        checkOrder(limits, known, conflicts);
    }
}

} // namespace

QString freshnessLevel(QLatin1StringView key)
{
    return FreshnessSection + u'.' + key;
}

QString freshnessAppLevel(const QString &name)
{
    return freshnessLevel(FreshnessAppKey) + QStringLiteral(".\"") + name + u'"';
}

QList<SettingsConflict> checkSettings(const Settings &settings)
{
    QList<SettingsConflict> conflicts;
    checkLimits(settings.limits, conflicts);
    checkThatThereIsWork(settings, conflicts);
    checkNames(settings.pollExternal.endpoints, conflicts);
    checkFreshness(settings, conflicts);
    return conflicts;
}

Result<> checkEndpoint(const PollEndpoint &endpoint)
{
    if (endpoint.username.isEmpty() != endpoint.passwordFile.isEmpty())
        return Failure{QStringLiteral("username and password_file go together; %1 is missing")
                           .arg(endpoint.username.isEmpty() ? QStringLiteral("username")
                                                            : QStringLiteral("password_file"))};
    if (endpoint.username.contains(u':')) // RFC 7617: what follows would be read as the password
        return Failure{QStringLiteral("username must not have a colon")};
    if (endpoint.certFile.isEmpty() != endpoint.keyFile.isEmpty())
        return Failure{
            QStringLiteral("cert_file and key_file go together; %1 is missing")
                .arg(endpoint.certFile.isEmpty() ? QStringLiteral("cert_file") : QStringLiteral("key_file"))};
    const bool inUrl = !QUrl(endpoint.url).userInfo().isEmpty();
    if (int(inUrl) + int(!endpoint.username.isEmpty()) + int(!endpoint.bearerTokenFile.isEmpty()) > 1)
        return Failure{QStringLiteral(
            "only one of username, bearer_token_file and a user in the url can be used at a time")};
    return {};
}

} // namespace ExporterProxy
