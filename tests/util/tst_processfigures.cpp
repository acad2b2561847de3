// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/processfigures.h"

#include "common/util/timestamp.h"

#include <memory>
#include <QDeadlineTimer>
#include <QTest>
#include <sys/resource.h>
#include <unistd.h>

using namespace ExporterProxy;

class TestProcessFigures : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void memoryGrowsWithWhatIsUsed()
    {
        const ProcessFigures before = readProcessFigures();
        constexpr std::size_t size = 64 << 20;
        const std::unique_ptr<char[]> used(new char[size]);
        for (std::size_t i = 0; i < size; i += 1024)
            static_cast<volatile char *>(used.get())[i] = 'x'; // so that no compiler does without the memory
        const ProcessFigures after = readProcessFigures();
        QVERIFY(after.residentBytes - before.residentBytes > 60 << 20);
        QVERIFY(after.virtualBytes >= after.residentBytes);
    }

    void descriptorsAreCounted()
    {
        const qint64 before = readProcessFigures().openFds;
        QVERIFY(before >= 3);
        const int fds[] = {::dup(0), ::dup(0), ::dup(0)};
        QCOMPARE(readProcessFigures().openFds, before + 3);
        for (const int fd : fds)
            ::close(fd);
        QCOMPARE(readProcessFigures().openFds, before);
        rlimit limit{};
        QCOMPARE(::getrlimit(RLIMIT_NOFILE, &limit), 0);
        if (limit.rlim_cur != RLIM_INFINITY)
            QCOMPARE(readProcessFigures().maxFds, qint64(limit.rlim_cur));
    }

    void theProcessStartedAMomentAgo()
    {
        const double now = std::chrono::duration<double>(wallClock().time_since_epoch()).count();
        const double started = readProcessFigures().startTimeSeconds;
        QVERIFY2(started < now + 2 && started > now - 3600, qPrintable(QString::number(now - started)));
        QCOMPARE(readProcessFigures().startTimeSeconds, started);
    }

    void cpuTimeRises()
    {
        const double before = readProcessFigures().cpuSeconds;
        QVERIFY(before >= 0);
        for (const QDeadlineTimer patience(10'000);
             !patience.hasExpired();) { // waiting idly takes no CPU time
            if (readProcessFigures().cpuSeconds > before)
                break;
        }
        QVERIFY(readProcessFigures().cpuSeconds > before);
    }

    void readingIsCheap()
    {
        ProcessFigures figures;
        QBENCHMARK
        {
            figures = readProcessFigures();
        }
        QVERIFY(figures.residentBytes > 0);
    }
};

QTEST_APPLESS_MAIN(TestProcessFigures)
#include "tst_processfigures.moc"
