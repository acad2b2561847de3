// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settings.h"

#include <QByteArray>
#include <QLoggingCategory>

namespace ExporterProxy {

Q_DECLARE_LOGGING_CATEGORY(lcDaemon) ///< start, stop, limits
Q_DECLARE_LOGGING_CATEGORY(lcReceive) ///< pushes and their connections
Q_DECLARE_LOGGING_CATEGORY(lcHttp) ///< connections of the HTTP port

/// Sends everything that is logged to standard error, one line an event: with a time and a word for the
/// level, or with the kernel's priority (sd-daemon(3)) if that is the journal. Control characters are shown,
/// not sent: no sender can forge a line or reach the terminal. Call once, before any thread starts.
void installLogging(LogLevel level);

/// Lets through what is at least of this level. May be called at any time, on any thread.
void setLogLevel(LogLevel level);

/// A text from outside as it may stand in one line of a log or an answer: controls, what turns the order of
/// letters around (breaksLine()), and what is not UTF-8, as \xNN for each byte.
QByteArray printable(QByteArrayView text);

} // namespace ExporterProxy
