// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settings.h"

#include <QStringList>
#include <variant>

namespace ExporterProxy {

/// The largest configuration that is read, in bytes: thousands of endpoints, but not a log by mistake.
inline constexpr qsizetype MaxConfigSize = 1 << 20;

/// A setting from the command line, stronger than the file's.
struct SettingOverride
{
    QString option; ///< as given, for messages: "--set receiver.format=json", "--log-level debug"
    QString name; ///< "receiver.format"
    QString value; ///< a TOML value; what does not parse as one is taken as a string

    /// What `--set <assignment>` means. An assignment that is not section.key=value is an error when loaded.
    static SettingOverride fromAssignment(const QString &assignment);
};

/// The settings, or all that is wrong with them: one line each, in the order of the file, then of the
/// overrides: `config.toml:12:1: unknown key "receiver.fromat"; did you mean "format"?`. Lines and columns
/// count from 1, columns in characters. No line shows a URL's user or password.
using LoadedSettings = std::variant<Settings, QStringList>;

/// Reads a configuration: `toml` is a file's content (empty: the defaults), `fileName` how messages name it.
LoadedSettings loadSettings(QByteArrayView toml, const QString &fileName,
                            const QList<SettingOverride> &overrides = {});

} // namespace ExporterProxy
