// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settings.h"

#include <QLoggingCategory>

namespace ExporterProxy {

Q_DECLARE_LOGGING_CATEGORY(lcDaemon) ///< start, stop, limits
Q_DECLARE_LOGGING_CATEGORY(lcReceive) ///< pushes and their connections
Q_DECLARE_LOGGING_CATEGORY(lcHttp) ///< connections of the HTTP port

/// Writes log messages to standard error, one line each: with the time and the level, or with a priority
/// (sd-daemon(3)) if standard error is the journal. Unsafe characters are escaped, so that no sender can
/// forge a line or control the terminal. A line that cannot be written at once is dropped, and how many were
/// is said with the next one. Call it once, before any thread starts.
void installLogging(LogLevel level);

/// Logs only messages of this level or above. May be called at any time, on any thread.
void setLogLevel(LogLevel level);

} // namespace ExporterProxy
