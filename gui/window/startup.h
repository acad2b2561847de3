// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <variant>

namespace ExporterProxy::Monitor {

/// What the monitor has to say instead of opening its window, for main() to print.
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
    QStringList addresses; ///< of daemons, as they were given; none: those of the last time
};

/// Reads the command line; `arguments` begin with the program's name. Needs no application object, so that
/// `--help`, `--version` and mistakes are answered where there is no display. What Qt itself takes (`-style`,
/// `-platform` and so on) is passed over. `--help`, `--version` and errors give an EarlyExit.
std::variant<CommandLine, EarlyExit> parseCommandLine(const QStringList &arguments);

/// Qt aborts, with a core dump, where it cannot open a display. From here to stopExplainingStartupFaults()
/// the process says in a sentence that there is none, and ends with status 1.
void explainStartupFaults();
void stopExplainingStartupFaults();

} // namespace ExporterProxy::Monitor
