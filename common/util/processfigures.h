// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

namespace ExporterProxy {

/// The resources that this process uses, from getrusage(2), getrlimit(2) and proc(5). A figure that could not
/// be read is negative.
struct ProcessFigures
{
    double cpuSeconds = -1; ///< user and system, of all threads
    qint64 residentBytes = -1;
    qint64 virtualBytes = -1;
    qint64 openFds = -1;
    qint64 maxFds = -1; ///< the soft limit; negative if there is none
    double startTimeSeconds = -1; ///< since 1970-01-01 UTC; read once
};

/// Reads all figures. Takes some ten microseconds on Linux 6.2 and later; earlier versions need the time to
/// count the descriptors. Any thread.
ProcessFigures readProcessFigures();

} // namespace ExporterProxy
