// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/timestamp.h"

#include <QByteArrayList>
#include <QByteArrayView>
#include <QtGlobal>

namespace ExporterProxy {

/// The times that a text states for its samples, compared with when the text arrived. A server stores what is
/// neither too old nor too new, and drops the rest: with a warning in its own log, while the scrape succeeds.
///
/// Times are milliseconds since 1970.
class SampleTimes
{
public:
    /// The times at which something can have been measured: from March 1973 to the year 5138. Seconds that
    /// are read as milliseconds are before the range, and microseconds are behind it, whatever a host's clock
    /// says.
    static constexpr qint64 First = 100'000'000'000;
    static constexpr qint64 End = 100'000'000'000'000;
    static constexpr bool isPlausible(qint64 time) { return time >= First && time < End; }

    /// A server's storage takes samples that are an hour older than its newest one, unless it is configured
    /// to take older ones (Prometheus: tsdb/head_append.go).
    static constexpr qint64 OldestAge = 3'600'000;
    /// A server's scrape takes samples that are ten minutes ahead of its clock (Prometheus:
    /// scrape/scrape.go).
    static constexpr qint64 MaxAhead = 600'000;

    /// `arrival` is when the text arrived, by the wall clock.
    explicit SampleTimes(Timestamp arrival);

    /// Takes note of a plausible time of a sample on that line, which is counted from 1.
    void add(qint64 time, qsizetype line)
    {
        if (time < m_oldest)
            m_old.add(line);
        else if (time > m_newest)
            m_ahead.add(line);
    }

    /// Takes note of a sample that was left out, because its time is not plausible.
    void addLeftOut(qsizetype line) { m_leftOut.add(line); }

    /// Returns what is to be said of the times: whole sentences, without a full stop.
    QByteArrayList notes() const;

private:
    struct Finding
    {
        qsizetype samples = 0;
        qsizetype firstLine = 0;

        void add(qsizetype line)
        {
            if (samples++ == 0)
                firstLine = line;
        }
    };
    static void say(QByteArrayList &notes, const Finding &finding, const char *what);

    qint64 m_oldest;
    qint64 m_newest;
    Finding m_old;
    Finding m_ahead;
    Finding m_leftOut;
};

/// Returns why a time that is not plausible cannot be meant: "\"5\" in seconds is before March 1973: …".
/// `written` is as the text has it, `unit` what it counts there.
QByteArray implausibleTime(QByteArrayView written, QByteArrayView unit, bool isEarly);

} // namespace ExporterProxy
