// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settings.h"
#include "common/util/result.h"

#include <QStringList>

namespace ExporterProxy {

/// A contradiction between settings that are valid by themselves.
struct SettingsConflict
{
    /// The names of the settings, as "section.key"; for a table below [freshness], freshnessLevel() and
    /// ".key". The message is reported at the first of them that was set.
    QStringList settings;
    qsizetype endpoint = -1; ///< index of the endpoint at which the message is reported, or -1
    qsizetype earlierEndpoint = -1; ///< index of the endpoint that it contradicts, or -1
    QString message; ///< one sentence that names the settings
};

/// The names of tables below [freshness]: "freshness.push", `freshness.app."NAME"`.
QString freshnessLevel(QLatin1StringView key);
QString freshnessAppLevel(const QString &name);

/// Finds the contradictions in the settings.
QList<SettingsConflict> checkSettings(const Settings &settings);

/// Finds a contradiction within one endpoint.
Result<> checkEndpoint(const PollEndpoint &endpoint);

} // namespace ExporterProxy
