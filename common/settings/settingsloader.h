// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settings.h"
#include "common/util/result.h"

namespace ExporterProxy {

/// The largest configuration that is read, in bytes: enough for thousands of endpoints, too small for a log
/// that was named by mistake.
inline constexpr qsizetype MaxConfigSize = 1 << 20;

/// A setting from the command line, which overrides the file's.
struct SettingOverride
{
    QString option; ///< as given, for messages: "--set receiver.format=json", "--log-level debug"
    QString name; ///< "receiver.format"
    QString value; ///< a TOML value; a text that is none is read as a string

    /// Parses the argument of `--set`. If it is not section.key=value, loadSettings() fails.
    static SettingOverride fromAssignment(const QString &assignment);
};

/// Reads a configuration: `toml` is the content of a file (the defaults if it is empty), `fileName` is how
/// messages name it. The error has one line for each mistake, in the order of the file, then of the
/// overrides: `config.toml:12:1: unknown key "receiver.fromat"; did you mean "format"?`. Lines and columns
/// count from 1, columns in characters. No line shows a URL's user or password.
Result<Settings> loadSettings(QByteArrayView toml, const QString &fileName,
                              const QList<SettingOverride> &overrides = {});

} // namespace ExporterProxy
