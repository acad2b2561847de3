// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/process/commandline.h"

namespace ExporterProxy {

class Daemon;

/// Reads the configuration again while the daemon runs, and says in the log what came of it. Main thread.
class Reloader
{
public:
    /// `daemon` must outlive it. `configFile`: the one that was read at the start; empty: none was, and none
    /// is read later. The command line's settings stand above it as they did then.
    Reloader(Daemon &daemon, CommandLine commandLine, const QString &configFile);

    /// A file that is bad, or a setting that cannot be put into effect, changes nothing.
    void reload();

private:
    void refuse(const QString &message);

    Daemon &m_daemon;
    CommandLine m_commandLine;
};

} // namespace ExporterProxy
