// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/sampletimes.h"

#include <algorithm>
#include <chrono>

namespace ExporterProxy {

SampleTimes::SampleTimes(Timestamp arrival)
{
    const qint64 now = std::chrono::floor<std::chrono::milliseconds>(arrival).time_since_epoch().count();
    m_oldest = now - OldestAge;
    m_newest = now + MaxAhead;
}

void SampleTimes::say(QByteArrayList &notes, const Finding &finding, const char *what)
{
    if (finding.samples == 0)
        return;
    const QByteArray samples = finding.samples == 1
        ? QByteArrayLiteral("one sample (line ")
        : QByteArray::number(finding.samples) + " samples (the first on line ";
    notes << samples + QByteArray::number(finding.firstLine) + ") " + what;
}

QByteArrayList SampleTimes::notes() const
{
    QByteArrayList notes;
    say(notes, m_leftOut,
        "left out: a time before March 1973 or beyond the year 5138, which no server stores");
    say(notes, m_old,
        "had a time more than an hour old when the text arrived: a server drops that, unless its "
        "out_of_order_time_window reaches so far back");
    say(notes, m_ahead,
        "had a time more than ten minutes ahead of this host's clock when the text arrived: a server drops "
        "that");
    return notes;
}

QByteArray implausibleTime(QByteArrayView written, QByteArrayView unit, bool isEarly)
{
    constexpr qsizetype MaxShown = 40; // as many digits as somebody likes to send
    const bool isLong = written.size() > MaxShown;
    return '"' + written.first(std::min(written.size(), MaxShown)).toByteArray() + (isLong ? "...\"" : "\"")
        + " in " + unit.toByteArray() + " is " + (isEarly ? "before March 1973" : "beyond the year 5138")
        + ": a server would drop the sample";
}

} // namespace ExporterProxy
