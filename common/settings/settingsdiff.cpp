// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/settingsdiff.h"

#include "common/settings/settingsfields.h"

#include <algorithm>
#include <array>

namespace ExporterProxy {

namespace {

/// Threads and their shares of the connections are dealt out once; the state file is locked and restored from
/// before anything is received.
constexpr std::array RestartSettings = {QLatin1StringView("exporter.worker_threads"),
                                        QLatin1StringView("exporter.concurrent_requests"),
                                        QLatin1StringView("state.file")};

} // namespace

QStringList changedSettings(const Settings &from, const Settings &to)
{
    QStringList names;
    for (const auto &field : settingsFields()) {
        if (field.read(from) != field.read(to))
            names << field.name();
    }
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

} // namespace ExporterProxy
