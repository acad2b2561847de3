// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/settingschecks.h"

#include "common/model/appmodel.h"
#include "common/settings/pollnames.h"
#include "common/util/showntext.h"

#include <QHash>
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

/// Two endpoints of one name would overwrite each other's text at every poll.
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

} // namespace

QList<SettingsConflict> checkSettings(const Settings &settings)
{
    QList<SettingsConflict> conflicts;
    checkLimits(settings.limits, conflicts);
    checkThatThereIsWork(settings, conflicts);
    checkNames(settings.pollExternal.endpoints, conflicts);
    return conflicts;
}

QString endpointFault(const PollEndpoint &endpoint)
{
    if (endpoint.username.isEmpty() != endpoint.passwordFile.isEmpty())
        return QStringLiteral("username and password_file go together; %1 is missing")
            .arg(endpoint.username.isEmpty() ? QStringLiteral("username") : QStringLiteral("password_file"));
    if (endpoint.username.contains(u':')) // RFC 7617: what follows would be read as the password
        return QStringLiteral("username must not have a colon");
    const bool inUrl = !QUrl(endpoint.url).userInfo().isEmpty();
    if (int(inUrl) + int(!endpoint.username.isEmpty()) + int(!endpoint.bearerTokenFile.isEmpty()) > 1)
        return QStringLiteral(
            "only one of username, bearer_token_file and a user in the url can be used at a time");
    return {};
}

} // namespace ExporterProxy
