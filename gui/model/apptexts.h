// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/apps/appslisting.h"

#include <QString>

namespace ExporterProxy::Monitor::AppTexts {

// Values in words, translated and in the user's locale. The table, the details and the notifications use the
// same words.

/// "fresh", "late", …. For Unknown `word`, which is what the daemon calls it, on one line and not too long,
/// or "other" if `word` is empty.
QString state(AppState state, const QString &word = {});
QString stateMeaning(AppState state); ///< what the state means, a sentence
QString kind(const QString &word); ///< "push", "poll"; any other word as the daemon sent it

/// "3 m 50 s", "2 h 5 m", "12 d 3 h": at most two units, in whole numbers. Negative durations are shown as 0.
QString duration(std::chrono::milliseconds duration);
QString age(std::chrono::milliseconds age); ///< "3 m 50 s ago"
QString interval(std::chrono::milliseconds interval); ///< "≈ 15 s"; empty for 0, which is not known
QString size(qint64 bytes); ///< "12.3 KiB", in powers of 1024
QString number(qint64 number);
QString number(quint64 number); ///< with the locale's separators
inline QString number(int small)
{
    return number(qint64(small));
}
QString localTime(Timestamp time); ///< date and time with seconds, in this host's time zone
QString utcTime(Timestamp time); ///< "2022-05-22 23:51:52.939 UTC"

} // namespace ExporterProxy::Monitor::AppTexts
