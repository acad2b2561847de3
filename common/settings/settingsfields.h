// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settingvalue.h"

namespace ExporterProxy {

/// One setting as it is written in TOML, and where it is held in `Owner`.
template<typename Owner>
struct SettingField
{
    QLatin1StringView section; ///< "receiver"; of a polled endpoint's fields "poll_external.endpoint"
    QLatin1StringView key;
    SettingType type;
    QLatin1StringView description; ///< for people: a line without a final full stop
    SettingValue (*read)(const Owner &);
    void (*write)(Owner &, const SettingValue &); ///< of a value that was checked against `type`

    /// "receiver.format".
    QString name() const { return section + u'.' + key; }
};

/// Every setting there is but the tables of endpoints and those below [freshness], section by section.
/// Loading, `--set`, checking, the suggestions for unknown keys and the documentation all walk this one
/// table: a new setting is a member of Settings and a row here.
std::span<const SettingField<Settings>> settingsFields();

/// The keys of a table [[poll_external.endpoint]].
std::span<const SettingField<PollEndpoint>> pollEndpointFields();

/// The keys of [freshness.push], [freshness.poll] and [freshness.app."NAME"]; their section is empty. Each
/// may be left out, which no value of the setting says.
std::span<const SettingField<FreshnessOverrides>> freshnessOverrideFields();

inline constexpr QLatin1StringView FreshnessSection("freshness");
inline constexpr QLatin1StringView FreshnessPushKey("push");
inline constexpr QLatin1StringView FreshnessPollKey("poll");
inline constexpr QLatin1StringView FreshnessAppKey("app");

/// The section and the key of the array of tables of endpoints.
inline constexpr QLatin1StringView PollSection("poll_external");
inline constexpr QLatin1StringView EndpointKey("endpoint");
inline constexpr QLatin1StringView EndpointSection("poll_external.endpoint");

} // namespace ExporterProxy
