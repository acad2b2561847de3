// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/process/commandline.h"

namespace ExporterProxy {

class Daemon;

/// Reads the configuration again while the daemon runs, and logs the result. Main thread.
class Reloader
{
public:
    /// `daemon` must outlive this object. `configFile` is the file that was read at the start; if it is
    /// empty, reload() reads none either. The overrides of the command line apply again.
    Reloader(Daemon &daemon, CommandLine commandLine, const QString &configFile);

    /// Changes nothing if the file has an error or a setting cannot take effect.
    void reload();

private:
    void refuse(const QString &message);

    Daemon &m_daemon;
    CommandLine m_commandLine;
};

} // namespace ExporterProxy
