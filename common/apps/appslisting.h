// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"

#include <memory>
#include <QByteArray>
#include <QString>
#include <QStringList>
#include <vector>

namespace ExporterProxy {

/// One application as the JSON of `/apps` shows it: the part of an AppSnapshot that a reader of the page has.
struct AppRecord
{
    QString name; ///< identifies the application within one daemon
    QString source; ///< "127.0.0.1:6554", a socket's path, "external_poll: host:port"
    QString lastErrorReason; ///< empty if there was none
    QStringList conflicts; ///< a sentence each for what a merged page could not show as it was sent
    Timestamp lastUpdate = Never; ///< by the daemon's clock; Never if there is no text yet
    Timestamp lastErrorAt = Never;
    std::chrono::milliseconds interval{0}; ///< its rhythm; 0 if it is not known
    qint64 bytes = 0;
    qint64 series = 0;
    quint64 updates = 0;
    quint64 rejected = 0;
    QString kind = QStringLiteral("push"); ///< how its texts arrive: SourceKindInfo::name, or a newer one
    QString stateWord; ///< if `state` is Unknown, what the listing calls it; else empty
    AppState state = AppState::Fresh; ///< at AppsListing::now

    bool operator==(const AppRecord &) const = default;
};

/// The whole of one `/apps` answer.
struct AppsListing
{
    Timestamp now = Never; ///< the daemon's clock when it answered
    Timestamp started = Never; ///< differs from the last listing's if the daemon was restarted
    quint64 generation = 0;
    QString version;
    /// In the order of QString's operator<, no name twice, so that two listings can be compared in one pass.
    std::vector<AppRecord> apps;

    bool operator==(const AppsListing &) const = default;
};

/// How many applications a listing may have: ten times what a daemon holds by default. A page beyond it is
/// not one of an exporter-proxy, or of one that no table could show.
inline constexpr std::size_t MaxListedApps = 100'000;

/// The result of readAppsJson().
struct AppsReading
{
    std::shared_ptr<const AppsListing> listing; ///< null if it could not be read
    /// If it is null, the reason in English without a full stop: "not JSON: …", "JSON, but not of an
    /// exporter-proxy: no \"apps\"".
    QString fault;
};

/// Reads the JSON of `/apps`, as renderAppsJson() writes it (RFC 8259). A newer daemon may say more: members
/// that are not known are skipped, kinds and states that are not known are kept as words. A value of another
/// type is a fault. Whatever the order of the page, the listing is in the order of AppsListing::apps. Takes
/// the bytes, because the parser wants room behind them. Any thread; time linear in the size.
AppsReading readAppsJson(QByteArray json);

} // namespace ExporterProxy
