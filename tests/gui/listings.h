// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/apps/appslisting.h"

#include <algorithm>
#include <memory>

namespace ExporterProxy::Monitor {

/// The moment at which the listings of the tests were answered.
inline constexpr Timestamp ListedAt{std::chrono::hours(24 * 365 * 50)};

inline AppRecord appNamed(const QString &name, AppState state = AppState::Fresh,
                          std::chrono::milliseconds age = std::chrono::seconds(1))
{
    AppRecord app;
    app.name = name;
    app.source = QStringLiteral("127.0.0.1:6554");
    app.lastUpdate = ListedAt - age;
    app.interval = std::chrono::seconds(5);
    app.bytes = 100;
    app.series = 10;
    app.updates = 1;
    app.state = state;
    return app;
}

/// A listing of these applications, in the order that a listing has.
inline std::shared_ptr<const AppsListing> listingOf(std::vector<AppRecord> apps, Timestamp now = ListedAt)
{
    std::sort(apps.begin(), apps.end(), [](const auto &a, const auto &b) { return a.name < b.name; });
    AppsListing listing;
    listing.now = now;
    listing.apps = std::move(apps);
    return std::make_shared<const AppsListing>(std::move(listing));
}

/// Makes a listing of applications that have only a name.
inline std::shared_ptr<const AppsListing> named(const QStringList &names)
{
    std::vector<AppRecord> apps;
    for (const QString &name : names)
        apps.push_back(appNamed(name));
    return listingOf(std::move(apps));
}

} // namespace ExporterProxy::Monitor
