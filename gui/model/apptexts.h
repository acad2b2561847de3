// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/apps/appslisting.h"

#include <QString>

namespace ExporterProxy::Monitor::AppTexts {

// How the monitor writes what it knows, translated, in the user's locale: the same words in the table, the
// details and the notifications.

QString state(AppState state); ///< "fresh", "late", …
QString stateMeaning(AppState state); ///< what it says about an application, a sentence
QString kind(SourceKind kind); ///< "push", "poll"

/// "3 m 50 s", "2 h 5 m", "12 d 3 h": two units at most, whole ones. Not negative.
QString duration(std::chrono::milliseconds duration);
QString age(std::chrono::milliseconds age); ///< "3 m 50 s ago"
QString interval(std::chrono::milliseconds interval); ///< "≈ 15 s"; empty: not known
QString size(qint64 bytes); ///< "12.3 KiB": powers of 1024
QString number(qint64 number);
QString number(quint64 number); ///< with the locale's separators
inline QString number(int small)
{
    return number(qint64(small));
}
QString localTime(Timestamp time); ///< date and time with seconds, this host's time zone
QString utcTime(Timestamp time); ///< "2022-05-22 23:51:52.939 UTC"

/// A text from outside made fit for one line of a label: controls, line ends and marks that turn the
/// direction of text around appear as "\u202e". All else stays, at full length.
QString oneLine(const QString &foreign);

} // namespace ExporterProxy::Monitor::AppTexts
