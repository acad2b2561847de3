// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/apps/appslisting.h"

#include <memory>

namespace ExporterProxy {

inline AppRecord app(const QString &name, AppState state = AppState::Fresh)
{
    AppRecord record;
    record.name = name;
    record.source = QStringLiteral("127.0.0.1:6554");
    record.state = state;
    record.updates = 1;
    record.bytes = 100;
    record.lastUpdate = wallClock();
    return record;
}

/// As a daemon answers: in the order of the names.
inline std::shared_ptr<const AppsListing> listing(std::vector<AppRecord> apps)
{
    auto made = std::make_shared<AppsListing>();
    made->now = wallClock();
    std::sort(apps.begin(), apps.end(),
              [](const AppRecord &a, const AppRecord &b) { return a.name < b.name; });
    made->apps = std::move(apps);
    return made;
}

/// "app0000" and so on.
inline std::vector<AppRecord> manyApps(int count, int from = 0)
{
    std::vector<AppRecord> apps;
    for (int i = from; i < from + count; ++i)
        apps.push_back(app(QStringLiteral("app%1").arg(i, 4, 10, QLatin1Char('0'))));
    return apps;
}

} // namespace ExporterProxy
