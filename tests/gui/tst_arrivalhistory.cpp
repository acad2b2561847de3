// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/arrivalhistory.h"

#include <QTest>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;
using namespace std::chrono_literals;

namespace {

constexpr Timestamp Start{std::chrono::hours(24 * 365 * 50)};

CoarseTime coarse(Timestamp time)
{
    return std::chrono::floor<std::chrono::milliseconds>(time);
}

/// Arrivals at these seconds after the start.
ArrivalHistory arrivals(std::initializer_list<int> atSeconds)
{
    ArrivalHistory history;
    quint64 updates = 0;
    for (const int second : atSeconds)
        history.note(++updates, Start + std::chrono::seconds(second));
    return history;
}

} // namespace

class TestArrivalHistory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nothingIsPaintedOfNothing()
    {
        ArrivalHistory history;
        history.note(0, Never);
        QCOMPARE(history.size(), 0);
        const PaintedHistory painted = history.painted(5s, coarse(Start));
        QVERIFY(painted.arrivals.isEmpty());
        QVERIFY(painted.gaps.isEmpty());
    }

    void theLastSixtyAreHeld()
    {
        ArrivalHistory history;
        for (int i = 0; i < 1000; ++i)
            history.note(quint64(i), Start + i * 5s);
        QCOMPARE(history.size(), ArrivalHistory::Capacity);
        QVERIFY(history.at(0) == coarse(Start + 940 * 5s));
        QVERIFY(history.at(59) == coarse(Start + 999 * 5s));
    }

    void whatIsListedAgainIsNoArrival()
    {
        ArrivalHistory history;
        for (int i = 0; i < 5; ++i)
            history.note(7, Start);
        QCOMPARE(history.size(), 1);
    }

    void severalBetweenTwoListingsArePlacedEvenly()
    {
        ArrivalHistory history;
        history.note(10, Start);
        history.note(14, Start + 4s);
        QCOMPARE(history.size(), 5);
        for (int i = 0; i < 5; ++i)
            QVERIFY(history.at(i) == coarse(Start + i * 1s));
    }

    void aMillionBetweenTwoListingsFillIt()
    {
        ArrivalHistory history;
        history.note(1, Start);
        history.note(1'000'001, Start + 1000s);
        QCOMPARE(history.size(), ArrivalHistory::Capacity);
        QVERIFY(history.at(59) == coarse(Start + 1000s));
        QVERIFY(history.at(0) > coarse(Start + 999s));
    }

    void aDaemonThatCountsAnewHasSentOne()
    {
        ArrivalHistory history;
        history.note(100, Start);
        history.note(2, Start + 10s);
        QCOMPARE(history.size(), 2);
    }

    void aClockThatWasSetBackBeginsAnew()
    {
        ArrivalHistory history = arrivals({0, 5, 10});
        history.note(4, Start - 1h);
        QCOMPARE(history.size(), 1);
        QVERIFY(history.at(0) == coarse(Start - 1h));
        history.note(5, Start - 1h + 5s);
        QCOMPARE(history.size(), 2);
    }

    void arrivalsMonthsApartAreHeldAsFarAsTheirNumbersReach()
    {
        ArrivalHistory history;
        quint64 updates = 0;
        for (int i = 0; i < 20; ++i)
            history.note(++updates, Start + i * 240h);
        QVERIFY(history.size() >= 4 && history.size() < 20);
        for (int i = 0; i < history.size(); ++i)
            QVERIFY(history.at(i) == coarse(Start + (20 - history.size() + i) * 240h));
        history.note(++updates, Start + 24h * 3650);
        QCOMPARE(history.size(), 1);
        QVERIFY(history.at(0) == coarse(Start + 24h * 3650));
    }

    void theAxisCoversSixtyIntervals()
    {
        const PaintedHistory painted = arrivals({0, 5, 10}).painted(5s, coarse(Start + 10s));
        QVERIFY(painted.span == 300s);
        QCOMPARE(painted.arrivals, (QList<float>{1 - 10.F / 300, 1 - 5.F / 300, 1}));
        QVERIFY(painted.gaps.isEmpty());
    }

    void withoutARhythmTheAxisCoversWhatIsHeld()
    {
        const PaintedHistory painted = arrivals({0, 60, 90}).painted(0s, coarse(Start + 120s));
        QVERIFY(painted.span == 120s);
        QCOMPARE(painted.arrivals, (QList<float>{0, 0.5, 0.75}));
        QVERIFY(painted.gaps.isEmpty());
        QVERIFY(arrivals({0}).painted(0s, coarse(Start)).span == 60s);
    }

    void aMissedRhythmIsAGap()
    {
        const PaintedHistory painted = arrivals({0, 5, 10, 25, 30}).painted(5s, coarse(Start + 45s));
        // From 15, where the next was due, to 25; and from 35 to now.
        QCOMPARE(painted.gaps.size(), 2);
        QCOMPARE(painted.gaps[0], (std::pair<float, float>{1 - 30.F / 300, 1 - 20.F / 300}));
        QCOMPARE(painted.gaps[1], (std::pair<float, float>{1 - 10.F / 300, 1.F}));
    }

    void jitterIsNoGap()
    {
        QVERIFY(arrivals({0, 7, 11, 18}).painted(5s, coarse(Start + 25s)).gaps.isEmpty());
    }

    void longSilenceIsOneGapFromEndToEnd()
    {
        const PaintedHistory painted = arrivals({0, 5}).painted(5s, coarse(Start + 10h));
        QVERIFY(painted.arrivals.isEmpty());
        QCOMPARE(painted.gaps, (QList<std::pair<float, float>>{{0.F, 1.F}}));
    }

    void aClockBehindTheLastArrivalPaintsItNow()
    {
        const PaintedHistory painted = arrivals({0, 5}).painted(5s, coarse(Start - 1h));
        QCOMPARE(painted.arrivals, (QList<float>{1, 1}));
    }
};

QTEST_APPLESS_MAIN(TestArrivalHistory)
#include "tst_arrivalhistory.moc"
