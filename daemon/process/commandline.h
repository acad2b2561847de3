// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settingsloader.h"

namespace ExporterProxy {

/// The configuration that is read where no other is named, if it exists.
inline constexpr char DefaultConfigFile[] = "/etc/exporter-proxy/config.toml";

/// The status of a process that ends because of its command line or configuration.
inline constexpr int BadUsageStatus = 2;

/// What the process has to say instead of running, for main() to print.
struct EarlyExit
{
    int status = 0;
    QString output; ///< for standard output
    QString errors; ///< for standard error; both end in a newline where they are not empty

    /// Prints both and returns the status.
    int print() const;
};

/// What the command line asks for.
struct CommandLine
{
    QString configFile; ///< empty: the environment's or the default one
    QList<SettingOverride> overrides;
    bool checkOnly = false; ///< --check-config
};

/// Reads the command line; `arguments` begin with the program's name. `--help`, `--version` and errors give
/// an EarlyExit.
std::variant<CommandLine, EarlyExit> parseCommandLine(const QStringList &arguments);

/// The settings to run with.
struct ResolvedSettings
{
    Settings settings;
    QString origin; ///< for the log: a file's name as it was given, or "built-in defaults"
    QString configFile; ///< that was read; empty: none was
};

/// Reads the file of the command line, else of $EXPORTER_PROXY_CONFIG, else `defaultFile` if it exists, and
/// puts the command line's settings above it. Errors, and the outcome of `--check-config`, give an EarlyExit.
std::variant<ResolvedSettings, EarlyExit>
resolveSettings(const CommandLine &commandLine,
                const QString &defaultFile = QString::fromLatin1(DefaultConfigFile));

} // namespace ExporterProxy
