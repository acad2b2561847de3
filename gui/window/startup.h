// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <variant>

namespace ExporterProxy::Monitor {

/// The output of a monitor that opens no window, printed by main().
struct EarlyExit
{
    int status = 0;
    QString output; ///< for standard output
    QString errors; ///< for standard error; both end in a newline unless they are empty

    /// Prints both and returns the status.
    int print() const;
};

/// The content of the command line.
struct CommandLine
{
    QStringList addresses; ///< of daemons, as given; those of the last time if there are none
};

/// Reads the command line; `arguments` begin with the program's name. Needs no application object, so that
/// `--help`, `--version` and errors need no display. Ignores Qt's own options (`-style`, `-platform` and so
/// on). Returns an EarlyExit for `--help`, `--version` and errors.
std::variant<CommandLine, EarlyExit> parseCommandLine(const QStringList &arguments);

/// Until stopExplainingStartupFaults(), a process that cannot open a display says so in a sentence and exits
/// with status 1. Qt would abort with a core dump.
void explainStartupFaults();
void stopExplainingStartupFaults();

} // namespace ExporterProxy::Monitor
