// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/model/freshness.h"

#include <QList>
#include <QTest>

using namespace ExporterProxy;
using namespace std::chrono_literals;

namespace {

using Gaps = QList<std::chrono::milliseconds>;

Gaps times(qsizetype count, std::chrono::milliseconds gap)
{
    return Gaps(count, gap);
}

/// A burst of pushes some milliseconds apart, then silence until a minute is over.
Gaps burstsOf(int pushes, int bursts)
{
    Gaps gaps;
    for (int i = 0; i < bursts; ++i)
        gaps << times(pushes - 1, 4ms) << 1min - (pushes - 1) * 4ms;
    return gaps;
}

std::chrono::milliseconds learned(const Gaps &gaps)
{
    Timestamp now{12h};
    Rhythm rhythm;
    rhythm.add(now);
    for (const auto gap : gaps)
        rhythm.add(now += gap);
    return rhythm.interval();
}

} // namespace

class TestRhythm : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isLearned_data()
    {
        QTest::addColumn<Gaps>("gaps");
        QTest::addColumn<qint64>("least"); // milliseconds
        QTest::addColumn<qint64>("most");
        const auto row = [](const char *name, const Gaps &gaps, qint64 least, qint64 most) {
            QTest::newRow(name) << gaps << least << most;
        };
        const Gaps steady = times(20, 15s);
        row("of three gaps", times(3, 15s), 15'000, 15'000);
        row("of many", times(1000, 15s), 15'000, 15'000);
        row("faster than a second", times(8, 100ms), 100, 100);
        row("of a day", times(4, 24h), 86'400'000, 86'400'000);
        row("under jitter", Gaps{14s, 16s, 15500ms, 13s, 17s, 15s, 14900ms, 15100ms, 18s, 12s}, 14'000,
            16'000);
        row("over a restart, which pushes early", steady + Gaps{7s} + times(3, 15s), 15'000, 15'000);
        row("over three restarts in a row", steady + Gaps{2s, 2s, 2s}, 15'000, 15'000);
        row("over a pause of an hour", steady + Gaps{1h}, 15'000, 15'000);
        row("over a pause of an hour, later", steady + Gaps{1h} + times(5, 15s), 15'000, 15'000);
        row("over a pause of two months", steady + Gaps{1440h}, 15'000, 15'000);
        row("over a pause at the beginning", Gaps{1h} + times(3, 15s), 15'000, 15'000);
        row("over a burst within the rhythm", steady + times(30, 20ms) + Gaps{14400ms} + steady, 15'000,
            15'000);
        row("over pushes one after the other for a while", steady + times(7, 500ms), 15'000, 15'000);
        row("of bursts as of single pushes", burstsOf(5, 10), 60'000, 60'000);
        row("of long bursts", burstsOf(20, 10), 59'000, 61'000);
        row("anew when it has become slower", steady + times(7, 60s), 60'000, 60'000);
        row("anew when it has become faster", times(20, 60s) + times(40, 5s), 5'000, 5'000);
        row("anew when it has become much faster", times(20, 1h) + times(2000, 15s), 15'000, 15'000);
        row("no finer than the window of a burst", times(1000, 10ms), 50, 60);
        // And what has no rhythm:
        row("not of one push", {}, 0, 0);
        row("not of two gaps", times(2, 15s), 0, 0);
        row("not of a burst at the start", times(12, 4ms), 0, 0);
        row("not of bursts of events", Gaps{1s, 40s, 2s, 300s, 1s, 90s, 3s, 700s, 2s, 15s, 600s, 1s}, 0, 0);
        row("not of bursts that are wide", times(4, 500ms) + Gaps{58s} + times(4, 500ms) + Gaps{58s}, 0, 0);
        row("not while it changes", steady + times(3, 60s), 0, 0);
    }
    void isLearned()
    {
        QFETCH(Gaps, gaps);
        QFETCH(qint64, least);
        QFETCH(qint64, most);
        const qint64 interval = learned(gaps).count();
        QVERIFY2(interval >= least && interval <= most, qPrintable(QString::number(interval)));
    }

    void aClockThatIsSetBackBeginsANewBeat()
    {
        Timestamp now{12h};
        Rhythm rhythm;
        for (int i = 0; i < 10; ++i)
            rhythm.add(now += 15s);
        rhythm.add(now -= 6h);
        QVERIFY(rhythm.interval() == 15s);
        for (int i = 0; i < 10; ++i)
            rhythm.add(now += 15s);
        QVERIFY(rhythm.interval() == 15s);
    }

    void oneIsLateAfterThreeIntervals()
    {
        QVERIFY(lateAfter(0ms) == 0ms); // never: nothing is known
        QVERIFY(lateAfter(15s) == 45s);
        QVERIFY(lateAfter(10ms) == ShortestLate);
        QVERIFY(lateAfter(1001ms) == 3003ms);
    }

    void aPushCostsLittle()
    {
        Rhythm rhythm;
        Timestamp now{12h};
        int salt = 0;
        QBENCHMARK
        {
            rhythm.add(now += std::chrono::milliseconds(14'900 + ++salt * 37 % 200));
        }
        QVERIFY(rhythm.interval() >= 0ms);
        QVERIFY(sizeof rhythm <= 48);
    }
};

QTEST_APPLESS_MAIN(TestRhythm)
#include "tst_rhythm.moc"
