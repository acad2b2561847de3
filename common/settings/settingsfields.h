// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settingvalue.h"

#include <QStringList>

namespace ExporterProxy {

/// One setting: its key in TOML, its type, and access to its member of `Owner`.
template<typename Owner>
struct SettingField
{
    QLatin1StringView section; ///< "receiver"; "poll_external.endpoint" for the fields of an endpoint
    QLatin1StringView key;
    SettingType type;
    QLatin1StringView description; ///< one line without a full stop
    SettingValue (*read)(const Owner &);
    void (*write)(Owner &, const SettingValue &); ///< the value must have been checked against `type`

    /// "receiver.format".
    QString name() const { return section + u'.' + key; }
};

/// All settings, section by section, except the tables of endpoints and those below [freshness]. Loading,
/// `--set`, checks, the proposals for unknown keys and the documentation all use this table: a new setting is
/// a member of Settings and a row here.
std::span<const SettingField<Settings>> settingsFields();

/// The keys of a table [[poll_external.endpoint]].
std::span<const SettingField<PollEndpoint>> pollEndpointFields();

/// The keys of [freshness.push], [freshness.poll] and [freshness.app."NAME"]; their section is empty. read()
/// returns 0 for a key that was left out.
std::span<const SettingField<FreshnessOverrides>> freshnessOverrideFields();

inline constexpr QLatin1StringView FreshnessSection("freshness");
inline constexpr QLatin1StringView FreshnessPushKey("push");
inline constexpr QLatin1StringView FreshnessPollKey("poll");
inline constexpr QLatin1StringView FreshnessAppKey("app");

/// The section and the key of the array of tables of endpoints.
inline constexpr QLatin1StringView PollSection("poll_external");
inline constexpr QLatin1StringView EndpointKey("endpoint");
inline constexpr QLatin1StringView EndpointSection("poll_external.endpoint");

/// The names of the settings that differ, as "section.key", in the order of the table. Tables of endpoints
/// count as poll_external.other_scrape_endpoints, which holds them all.
QStringList changedSettings(const Settings &from, const Settings &to);

/// Returns those of `names` that take effect only after a restart.
QStringList settingsThatNeedRestart(const QStringList &names);

/// `unknown key "receiver.fromat"; did you mean "format"?`: proposes the nearest key of the section, or the
/// right section of a key, or nothing if no key is similar. `section` is empty for a key outside all
/// sections.
QString unknownKeyText(const QString &section, const QString &key);

/// `unknown section "reciever"; did you mean "receiver"?`
QString unknownSectionText(const QString &section);

/// Returns whether there is a section of this name.
bool isKnownSection(QStringView section);

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to turn one word into
/// the other (optimal string alignment). The time is the product of the lengths.
qsizetype editDistance(QStringView a, QStringView b);

/// The candidate that a mistyped word probably meant: the nearest one, the first of several. Empty if no
/// candidate is near, that is if more than a third of its letters, and more than one, differ. Ignores case
/// and the difference between '-' and '_'.
QString nearestWord(QStringView word, const QStringList &candidates);

} // namespace ExporterProxy
