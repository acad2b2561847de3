// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/model/pendingbytes.h"

#include <memory>
#include <QTest>
#include <thread>

using namespace ExporterProxy;

namespace {

constexpr qint64 MiB = qint64{1} << 20;

/// A part of the daemon that counts how often it is told to shed.
struct Part
{
    explicit Part(PendingBytes &all)
        : holder(all, [this] { ++told; })
    {
    }

    int told = 0;
    PendingBytes::Holder holder;
};

} // namespace

class TestPendingBytes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatMayBePending_data()
    {
        QTest::addColumn<qint64>("total");
        QTest::addColumn<qint64>("stored");
        QTest::addColumn<qint64>("allowed");
        QTest::newRow("all of it while nothing is stored") << 100 * MiB << qint64(0) << 100 * MiB;
        QTest::newRow("what the store leaves") << 100 * MiB << 60 * MiB << 40 * MiB;
        QTest::newRow("enough to update a full store") << 100 * MiB << 100 * MiB << 32 * MiB;
        QTest::newRow("the same with one that is over its limit") << 100 * MiB << 150 * MiB << 32 * MiB;
        QTest::newRow("and with a total that is smaller") << 1 * MiB << qint64(0) << 32 * MiB;
    }
    void whatMayBePending()
    {
        QFETCH(qint64, total);
        QFETCH(qint64, stored);
        const std::atomic<qint64> texts{stored};
        PendingBytes pending(texts, total);
        QTEST(pending.allowed(), "allowed");
        Part part(pending);
        part.holder.set(pending.allowed());
        QVERIFY(!pending.isExceeded());
        part.holder.change(1);
        QVERIFY(pending.isExceeded());
        part.holder.change(-1);
        QVERIFY(!pending.isExceeded());
    }

    void theStoreAndTheLimitCountAsTheyAreNow()
    {
        std::atomic<qint64> texts{0};
        PendingBytes pending(texts, 100 * MiB);
        Part part(pending);
        part.holder.set(50 * MiB);
        texts = 60 * MiB;
        QVERIFY(part.holder.isExceeded());
        pending.setMaxTotalSize(200 * MiB);
        QVERIFY(!part.holder.isExceeded());
        QCOMPARE(part.holder.allowed(), 140 * MiB);
    }

    void whoHoldsMostSheds()
    {
        const std::atomic<qint64> texts{0};
        PendingBytes pending(texts, 100 * MiB);
        Part small(pending);
        Part large(pending);
        Part none(pending);
        small.holder.set(30 * MiB);
        large.holder.set(80 * MiB);
        QVERIFY(pending.isExceeded());
        QVERIFY(!small.holder.isToShed());
        QVERIFY(!none.holder.isToShed());
        QCOMPARE(large.told, 2); // by each of the two
        QVERIFY(large.holder.isToShed());
        QCOMPARE(large.told, 2); // who asks need not be told
        QCOMPARE(small.told + none.told, 0);
    }

    void amongEqualsWhoAsksSheds()
    {
        const std::atomic<qint64> texts{0};
        PendingBytes pending(texts, 100 * MiB);
        Part first(pending);
        Part second(pending);
        first.holder.set(60 * MiB);
        second.holder.set(60 * MiB);
        QVERIFY(first.holder.isToShed());
        QVERIFY(second.holder.isToShed());
        QCOMPARE(first.told + second.told, 0); // otherwise each might leave it to the other
    }

    void whatAPartHeldGoesWithIt()
    {
        const std::atomic<qint64> texts{0};
        PendingBytes pending(texts, 100 * MiB);
        auto gone = std::make_unique<Part>(pending);
        Part stays(pending);
        gone->holder.set(90 * MiB);
        stays.holder.set(20 * MiB);
        QVERIFY(pending.isExceeded());
        gone.reset();
        QVERIFY(!pending.isExceeded());
        QCOMPARE(stays.holder.bytes(), 20 * MiB);
        QVERIFY(stays.holder.isToShed()); // and nobody is told who is not there
    }

    void partsOnManyThreadsAddUp()
    {
        const std::atomic<qint64> texts{0};
        PendingBytes pending(texts, 100 * MiB);
        constexpr int Threads = 4;
        constexpr int Rounds = 10'000;
        std::vector<std::thread> threads;
        for (int i = 0; i < Threads; ++i)
            threads.emplace_back([&pending] {
                Part part(pending);
                for (int round = 0; round < Rounds; ++round) {
                    part.holder.change(40 * MiB);
                    if (part.holder.isExceeded())
                        part.holder.isToShed();
                    part.holder.change(-40 * MiB);
                }
            });
        for (std::thread &thread : threads)
            thread.join();
        Part last(pending);
        last.holder.set(100 * MiB);
        QVERIFY(!pending.isExceeded()); // to the byte
        last.holder.change(1);
        QVERIFY(pending.isExceeded());
    }
};

QTEST_GUILESS_MAIN(TestPendingBytes)
#include "tst_pendingbytes.moc"
