// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settings.h"

#include <QStringList>

namespace ExporterProxy {

/// A contradiction between settings each of which is good by itself.
struct SettingsConflict
{
    QStringList settings; ///< those involved, as "section.key", of a level of [freshness] as freshnessLevel()
                          ///< has it with ".key"; the first that was set is to blame
    qsizetype endpoint = -1; ///< index of the endpoint that is to blame; -1: none is
    qsizetype earlierEndpoint = -1; ///< index of the one it contradicts
    QString message; ///< one sentence that names the settings
};

/// How a table below [freshness] is called: "freshness.push", `freshness.app."NAME"`.
QString freshnessLevel(QLatin1StringView key);
QString freshnessAppLevel(const QString &name);

/// What stands against these settings as a whole.
QList<SettingsConflict> checkSettings(const Settings &settings);

/// What stands against one endpoint whose values are good by themselves; empty: nothing.
QString endpointFault(const PollEndpoint &endpoint);

} // namespace ExporterProxy
