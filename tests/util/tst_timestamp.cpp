// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/state/stateformat.h"
#include "common/util/timestamp.h"

#include <QTest>

using namespace ExporterProxy;
using namespace std::chrono_literals;

class TestTimestamp : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void timeGoesOn()
    {
        const Timestamp first = timeNow();
        const Timestamp wall = wallClock();
        QTRY_VERIFY(timeNow() > first + 2ms);
        QVERIFY(std::chrono::abs(wall - first) < 10s); // it begins as the wall clock
    }

    void neverStaysNever()
    {
        followWallClock();
        QCOMPARE(onWallClock(Never), Never);
        QCOMPARE(ofWallClock(Never), Never);
        const Timestamp now = timeNow();
        QCOMPARE(ofWallClock(onWallClock(now)), now);
    }

    void restoredTimes_data()
    {
        QTest::addColumn<qint64>("saved"); ///< seconds before `written`
        QTest::addColumn<qint64>("written"); ///< seconds before now
        QTest::addColumn<qint64>("age"); ///< seconds
        QTest::newRow("as the wall clock says") << 60LL << 100LL << 160LL;
        QTest::newRow("written in this moment") << 0LL << 0LL << 0LL;
        QTest::newRow("the clock has been set back since: the age at the writing stays")
            << 60LL << -100LL << 60LL;
        QTest::newRow("a clock that began anew") << 60LL << -1'700'000'000LL << 60LL;
        QTest::newRow("a text from the future when it was written") << -60LL << 100LL << 100LL;
    }
    void restoredTimes()
    {
        QFETCH(const qint64, saved);
        QFETCH(const qint64, written);
        QFETCH(const qint64, age);
        const Timestamp now = timeNow();
        const Timestamp writtenAt = onWallClock(now) - std::chrono::seconds(written);
        const Timestamp restored = restoredTime(writtenAt - std::chrono::seconds(saved), writtenAt, now);
        QVERIFY(std::chrono::abs(now - restored - std::chrono::seconds(age)) < 2ms);
        QCOMPARE(restoredTime(Never, writtenAt, now), Never);
    }

    void timesFarApartDoNotOverflow()
    {
        const Timestamp now = timeNow();
        for (const Timestamp saved : {Timestamp::min(), Timestamp::max()}) {
            for (const Timestamp written : {Timestamp::min(), Timestamp::max()})
                QVERIFY(restoredTime(saved, written, now) <= now || saved <= written);
        }
    }
};

QTEST_GUILESS_MAIN(TestTimestamp)
#include "tst_timestamp.moc"
