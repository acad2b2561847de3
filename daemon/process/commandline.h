// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settingsloader.h"

#include <variant>

namespace ExporterProxy {

/// The configuration that is read by default, if it exists.
inline constexpr char DefaultConfigFile[] = "/etc/exporter-proxy/config.toml";

/// The exit status after an error in the command line or the configuration.
inline constexpr int BadUsageStatus = 2;

/// The output of a process that exits instead of running, to be printed by main().
struct EarlyExit
{
    int status = 0;
    QString output; ///< for standard output; ends in a newline if not empty
    QString errors; ///< for standard error; ends in a newline if not empty

    /// Prints both and returns the status.
    int print() const;
};

/// The parsed command line.
struct CommandLine
{
    QString configFile; ///< empty for that of the environment or the default one
    QList<SettingOverride> overrides;
    bool checkOnly = false; ///< --check-config
};

/// Parses the command line; the first of `arguments` is the program's name. Returns an EarlyExit for
/// `--help`,
/// `--version` and errors.
std::variant<CommandLine, EarlyExit> parseCommandLine(const QStringList &arguments);

/// The settings to run with, and their origin.
struct ResolvedSettings
{
    Settings settings;
    QString origin; ///< for the log: the name of the file as given, or "built-in defaults"
    QString configFile; ///< the file that was read; empty if none was
};

/// Reads the file of the command line, else of $EXPORTER_PROXY_CONFIG, else `defaultFile` if it exists, and
/// applies the overrides of the command line. Returns an EarlyExit for errors and for `--check-config`.
std::variant<ResolvedSettings, EarlyExit>
resolveSettings(const CommandLine &commandLine,
                const QString &defaultFile = QString::fromLatin1(DefaultConfigFile));

/// Logs a warning if everybody on the host may read the configuration, and it has a password in a URL or
/// fields of a request's head, which often are secrets.
void warnOfReadableSecrets(const ResolvedSettings &resolved);

} // namespace ExporterProxy
