// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/process/logging.h"

#include <QTest>

using namespace ExporterProxy;
using namespace std::chrono_literals;

namespace {

constexpr LogLimiter::Clock::time_point Start{1'000h};

/// Calls allow() `count` times at `at` and returns how often it said yes.
int allowed(LogLimiter &log, int count, LogLimiter::Clock::time_point at)
{
    int lines = 0;
    for (int i = 0; i < count; ++i)
        lines += int(log.allow(at));
    return lines;
}

} // namespace

class TestLogLimiter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tenAPeriodAreLoggedAndTheOthersCounted()
    {
        LogLimiter log({.burst = 10, .refill = 10, .period = 10s});
        QCOMPARE(allowed(log, 10, Start), 10);
        QVERIFY(!log.flushDue());
        QCOMPARE(allowed(log, 7, Start + 9'999ms), 0);
        QVERIFY(log.flushDue() == Start + 10s);
        QCOMPARE(log.flush(Start + 9'999ms), 0);
        QCOMPARE(log.flush(Start + 10s), 7);
        QVERIFY(!log.flushDue());
        QCOMPARE(log.flush(Start + 20s), 0);
        QCOMPARE(allowed(log, 11, Start + 10s), 10);
    }

    void aPeriodBeginsWithItsFirstMessage()
    {
        LogLimiter log({.burst = 2, .refill = 2, .period = 10s});
        QCOMPARE(allowed(log, 1, Start), 1);
        // On a grid from the start this would be in the middle of the second period.
        QCOMPARE(allowed(log, 3, Start + 15s), 2);
        QCOMPARE(allowed(log, 3, Start + 24'999ms), 0);
        QCOMPARE(allowed(log, 3, Start + 25s), 2);
    }

    void theCountIsToldInTimeDuringAFlood()
    {
        LogLimiter log({.burst = 1, .refill = 1, .period = 10s});
        QCOMPARE(allowed(log, 5, Start), 1);
        // Messages of the next period come before whoever flushes is called.
        QCOMPARE(allowed(log, 3, Start + 10s), 1);
        QCOMPARE(log.flush(Start + 10s), 4 + 2);
    }

    void theNextLineCanTellTheCount()
    {
        LogLimiter log({.burst = 1, .refill = 1, .period = 1s});
        QVERIFY(log.allow(Start));
        QCOMPARE(log.takeWithheld(), 0);
        QCOMPARE(allowed(log, 1'000, Start + 999ms), 0);
        QVERIFY(log.allow(Start + 1s));
        QCOMPARE(log.takeWithheld(), 1'000);
        QCOMPARE(log.takeWithheld(), 0);
        QVERIFY(!log.flushDue());
        QVERIFY(!log.allow(Start + 1'999ms));
        QVERIFY(log.allow(Start + 1h));
        QVERIFY(!log.allow(Start + 1h));
    }

    void aStateIsLoggedWhenItIsNews()
    {
        LogLimiter log({.burst = 10, .refill = 1, .period = 10min});
        QVERIFY(!log.allowNews("", Start)); // all was well before
        QVERIFY(!log.hasNews());
        QVERIFY(log.allowNews("refused", Start));
        QVERIFY(log.hasNews());
        QVERIFY(!log.allowNews("refused", Start + 1h));
        QVERIFY(log.allowNews("", Start + 1h));
        QVERIFY(!log.hasNews());
    }

    void whatFlapsIsLoggedTenTimesAndThenEachTenMinutes()
    {
        LogLimiter log({.burst = 10, .refill = 1, .period = 10min});
        int lines = 0;
        for (int second = 0; second < 24 * 3600; ++second)
            lines += int(log.allowNews(second % 2 == 0 ? "refused" : "", Start + second * 1s));
        QCOMPARE(lines, 10 + 24 * 6 - 1);
        QCOMPARE(log.takeWithheld(), 0);
    }

    void whatWasNotLoggedStaysNews()
    {
        LogLimiter log({.burst = 1, .refill = 1, .period = 10min});
        QVERIFY(log.allowNews("refused", Start));
        QVERIFY(!log.allowNews("", Start + 1s));
        QVERIFY(!log.allowNews("refused", Start + 10min)); // as the log says
        QVERIFY(log.allowNews("timeout", Start + 10min));
    }

    void longRestFillsTheBudgetOnce()
    {
        LogLimiter log({.burst = 3, .refill = 1, .period = 1s});
        QCOMPARE(allowed(log, 9, Start), 3);
        QCOMPARE(allowed(log, 9, Start + 2s), 2);
        QCOMPARE(allowed(log, 9, Start + 10'000h), 3);
    }
};

QTEST_APPLESS_MAIN(TestLogLimiter)
#include "tst_loglimiter.moc"
