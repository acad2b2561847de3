// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/net/nettesting.h"

#include <sys/socket.h>

using namespace ExporterProxy;
using namespace ExporterProxy::NetTesting;
using namespace std::chrono_literals;

namespace {

constexpr Clock::time_point Start{1h};
constexpr qint64 MiB = qint64{1} << 20;
constexpr qint64 Allowed = 100 * MiB;

QByteArray textOf(qint64 size)
{
    return QByteArray(qsizetype(size), Qt::Uninitialized); // memory that is not touched costs nothing
}

std::shared_ptr<Page> pageOf(const std::vector<QByteArray> &parts)
{
    auto page = std::make_shared<Page>();
    for (const QByteArray &part : parts)
        page->append(part);
    return page;
}

/// The memory of two doors' connections.
class Bench
{
public:
    Bench()
        : m_engine(Allowed)
        , m_door(*m_engine.set)
        , memory(m_engine.pending, [this] { ++woken; })
    {
        memory.watch(m_senders);
        memory.watch(m_readers);
    }

    /// A connection that is inside a message, of which nothing has come.
    TestConnection &sender(Clock::time_point progressAt = Start)
    {
        return add(m_senders, Phase::Receiving, progressAt);
    }
    void receive(TestConnection &sender, qint64 bytes, Clock::time_point now)
    {
        memory.noteInput(sender, bytes, now);
    }

    /// A connection that waits for its peer to take in this page.
    TestConnection &reader(std::shared_ptr<const Page> page, Clock::time_point progressAt = Start)
    {
        TestConnection &reader = add(m_readers, Phase::Responding, progressAt);
        reader.page = std::move(page);
        return reader;
    }

    /// Weighs the pages, whenever that was done last.
    void weigh() { memory.update(m_weighAt += 1h); }

    PendingBytes &pending() { return m_engine.pending; }

    int woken = 0;
    std::vector<const Connection *> dropped; ///< in that order

private:
    TestConnection &add(Deadlines &deadlines, Phase phase, Clock::time_point progressAt)
    {
        auto owned = std::make_unique<TestConnection>(m_door, &dropped);
        TestConnection &connection = *owned;
        connection.progressAt = progressAt;
        connection.onDrop = [this, &connection, &deadlines] {
            memory.noteInput(connection, 0, {});
            deadlines.enter(connection, Phase::Lingering, Start);
        };
        deadlines.add(std::move(owned), Start);
        deadlines.enter(connection, phase, Start);
        return connection;
    }

    Engine m_engine;
    TestDoor m_door;
    Deadlines m_senders{PhaseTimes{}};
    Deadlines m_readers{PhaseTimes{}};
    Clock::time_point m_weighAt = Start;

public:
    ConnectionMemory memory;
};

using Dropped = std::vector<const Connection *>;

} // namespace

class TestConnectionMemory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void messagesMayHoldAllThatIsAllowed()
    {
        Bench bench;
        TestConnection &sender = bench.sender();
        bench.receive(sender, Allowed, Start + 1h);
        QCOMPARE(sender.heldInput(), Allowed);
        QVERIFY(!bench.memory.isExceeded());
        QVERIFY(bench.dropped.empty());
        bench.receive(sender, Allowed + 1, Start + 1h);
        QCOMPARE(bench.dropped, Dropped{&sender});
        QVERIFY(!bench.memory.isExceeded());
        QCOMPARE(sender.heldInput(), 0);
    }

    void theMessageWithMostBytesTimesStallGoesFirst()
    {
        Bench bench;
        // 30 MiB × 1 s, 10 MiB × 4 s and 20 MiB × 1 s.
        TestConnection &large = bench.sender(Start + 9s);
        TestConnection &old = bench.sender(Start + 6s);
        TestConnection &other = bench.sender(Start + 9s);
        bench.receive(large, 30 * MiB, Start + 10s);
        bench.receive(old, 10 * MiB, Start + 10s);
        bench.receive(other, 20 * MiB, Start + 10s);
        // 41 MiB of no stall, as it grows: only what has to go does.
        TestConnection &growing = bench.sender(Start + 10s);
        bench.receive(growing, 41 * MiB, Start + 10s);
        QCOMPARE(bench.dropped, Dropped{&old});
        bench.receive(growing, 55 * MiB, Start + 10s);
        QCOMPARE(bench.dropped, (Dropped{&old, &large}));
        QCOMPARE(growing.heldInput(), 55 * MiB);
        QCOMPARE(other.heldInput(), 20 * MiB);
    }

    void amongThoseThatGrowTheLargestGoes()
    {
        Bench bench;
        TestConnection &small = bench.sender(Start);
        TestConnection &large = bench.sender(Start);
        bench.receive(small, 40 * MiB, Start);
        bench.receive(large, 61 * MiB, Start);
        QCOMPARE(bench.dropped, Dropped{&large});
        QCOMPARE(small.heldInput(), 40 * MiB);
    }

    void aMessageThatEndsMakesRoomForOthers()
    {
        Bench bench;
        TestConnection &first = bench.sender();
        TestConnection &second = bench.sender();
        bench.receive(first, 70 * MiB, Start);
        bench.receive(first, 0, Start);
        bench.receive(second, 70 * MiB, Start);
        QVERIFY(bench.dropped.empty());
    }

    void aPageCountsOnceHoweverManyReadIt()
    {
        Bench bench;
        auto page = pageOf({textOf(45 * MiB)});
        for (int i = 0; i < 2; ++i)
            bench.memory.noteReader(bench.reader(page), Start);
        page.reset();
        bench.weigh();
        QVERIFY(!bench.memory.isTight()); // less than half, and both together more
        page = pageOf({textOf(10 * MiB)});
        bench.memory.noteReader(bench.reader(page), Start);
        page.reset();
        bench.weigh();
        QVERIFY(bench.memory.isTight());
        QVERIFY(bench.dropped.empty());
    }

    void aPageThatACacheHoldsCountsNothing()
    {
        Bench bench;
        // Tight it would be at half of what is allowed; the second one would exceed that.
        const auto small = pageOf({textOf(60 * MiB)});
        bench.memory.noteReader(bench.reader(small), Start);
        bench.weigh();
        QVERIFY(!bench.memory.isTight());
        auto cached = pageOf({textOf(101 * MiB)});
        for (int i = 0; i < 2; ++i)
            bench.memory.noteReader(bench.reader(cached), Start);
        bench.weigh();
        QVERIFY(!bench.memory.isTight());
        // Once it is out of date it does.
        cached.reset();
        bench.weigh();
        QCOMPARE(bench.dropped.size(), 2U);
        QVERIFY(!bench.memory.isExceeded());
    }

    void theStoresTextsInAPageCountNothingWhenItMatters()
    {
        Bench bench;
        const QByteArray stored = textOf(90 * MiB);
        bench.memory.noteReader(bench.reader(pageOf({stored, textOf(20 * MiB)})), Start);
        bench.weigh();
        QVERIFY(bench.dropped.empty());
        QVERIFY(!bench.memory.isExceeded());
    }

    void theSharedTextsOfTwoPagesCount()
    {
        Bench bench;
        TestConnection *readers[2];
        {
            const QByteArray text = textOf(60 * MiB); // in both; counts twice, as is safe
            for (TestConnection *&reader : readers)
                reader = &bench.reader(pageOf({text}));
        }
        readers[1]->progressAt = Start - 1s;
        bench.memory.noteReader(*readers[0], Start);
        bench.weigh();
        QCOMPARE(bench.dropped, Dropped{readers[1]});
    }

    void aPageOfItsOwnCountsAtOnce()
    {
        Bench bench;
        bench.memory.noteReader(bench.reader(pageOf({textOf(50 * MiB)})), Start);
        QVERIFY(!bench.memory.isTight());
        bench.memory.noteReader(bench.reader(pageOf({textOf(MiB)})), Start);
        QVERIFY(bench.memory.isTight());
    }

    void theReaderThatReadsIsLast()
    {
        Bench bench;
        const Clock::time_point now = Start + 10s;
        TestConnection &reading = bench.reader(pageOf({textOf(60 * MiB)}), now - 1ms);
        TestConnection &stalled = bench.reader(pageOf({textOf(30 * MiB)}), now - 5s);
        bench.memory.noteReader(reading, now);
        bench.memory.noteReader(stalled, now);
        QVERIFY(bench.dropped.empty());
        TestConnection &third = bench.reader(pageOf({textOf(20 * MiB)}), now);
        bench.memory.noteReader(third, now);
        QCOMPARE(bench.dropped, Dropped{&stalled});
        QVERIFY(reading.page);
        QVERIFY(third.page);
    }

    void allReadersOfThePageHaveToGoForItsMemory()
    {
        Bench bench;
        auto page = pageOf({textOf(80 * MiB)});
        TestConnection &first = bench.reader(page);
        bench.memory.noteReader(first, Start);
        bench.memory.noteReader(bench.reader(std::move(page)), Start);
        TestConnection &sender = bench.sender(Start + 1h);
        bench.weigh();
        bench.receive(sender, 20 * MiB, Start + 1h);
        QVERIFY(bench.dropped.empty());
        bench.receive(sender, 21 * MiB, Start + 1h);
        QCOMPARE(bench.dropped.size(), 2U);
        QVERIFY(!first.page);
        QCOMPARE(sender.heldInput(), 21 * MiB);
        QVERIFY(!bench.memory.isExceeded());
    }

    void pagesAreWeighedAgainWhileTheyAreRead()
    {
        Bench bench;
        const Clock::time_point never = Clock::time_point::max();
        QCOMPARE(bench.memory.nextUpdate(), never);
        TestConnection &reader = bench.reader(pageOf({textOf(MiB)}));
        bench.memory.noteReader(reader, Start);
        const Clock::time_point first = bench.memory.nextUpdate();
        QVERIFY(first > Start && first <= Start + 100ms);
        bench.memory.update(first - 1ns);
        QCOMPARE(bench.memory.nextUpdate(), first);
        bench.memory.update(first);
        QVERIFY(bench.memory.nextUpdate() > first);
        reader.page.reset();
        bench.memory.update(bench.memory.nextUpdate());
        QCOMPARE(bench.memory.nextUpdate(), never);
    }

    void anotherHolderIsAskedIfItHoldsMore()
    {
        Bench bench;
        int asked = 0;
        PendingBytes::Holder other(bench.pending(), [&] { ++asked; });
        other.set(60 * MiB);
        TestConnection &sender = bench.sender();
        bench.receive(sender, 41 * MiB, Start + 1h);
        QCOMPARE(asked, 1);
        QVERIFY(bench.dropped.empty());
        QVERIFY(bench.memory.isExceeded());
    }

    void makesRoomWhenAnotherHolderAsks()
    {
        Bench bench;
        TestConnection &sender = bench.sender();
        bench.receive(sender, 60 * MiB, Start);
        PendingBytes::Holder other(bench.pending(), [] {});
        other.set(41 * MiB);
        bench.memory.update(Start + 1s);
        QVERIFY(bench.dropped.empty()); // nobody has asked
        QVERIFY(!other.isToShed());
        QVERIFY(!other.isToShed());
        QCOMPARE(bench.woken, 1); // until it has done it
        bench.memory.update(Start + 1s);
        QCOMPARE(bench.dropped, Dropped{&sender});
        QVERIFY(!bench.memory.isExceeded());
    }

    void whatIsStoredLeavesLess()
    {
        Bench bench;
        bench.pending().setMaxTotalSize(40 * MiB);
        TestConnection &sender = bench.sender();
        bench.receive(sender, 41 * MiB, Start);
        QCOMPARE(bench.dropped, Dropped{&sender});
    }

    void whatTheKernelHoldsForAReaderCounts()
    {
        Bench bench;
        int ends[2] = {-1, -1};
        QCOMPARE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
        const Descriptor peer(ends[0]);
        // It has its whole response, as far as this side is concerned, and is idle.
        TestConnection &reader = bench.reader(nullptr, Start - 1h);
        reader.channel().open(Descriptor(ends[1]));
        const QByteArray text = textOf(100'000);
        const iovec piece{const_cast<char *>(text.constData()), std::size_t(text.size())};
        const auto respond = [&] {
            if (reader.channel().write({&piece, 1}).size != std::size_t(text.size()))
                qFatal("the kernel has not taken all of it");
            bench.memory.noteReader(reader, Start);
            bench.weigh();
        };
        const PendingBytes::Holder other(bench.pending(), [] {});
        respond();
        QVERIFY(other.room() <= Allowed - text.size());

        // What has been read is no longer held, and it is not weighed for ever.
        QByteArray taken(text.size(), Qt::Uninitialized);
        QCOMPARE(::recv(peer.get(), taken.data(), std::size_t(taken.size()), 0), text.size());
        bench.weigh();
        QCOMPARE(other.room(), Allowed);
        QCOMPARE(bench.memory.nextUpdate(), Clock::time_point::max());

        // It is what has to go, and not the message that grows.
        respond();
        reader.onDrop = [&reader, drop = reader.onDrop] {
            drop();
            reader.channel().reset();
        };
        TestConnection &sender = bench.sender(Start + 1h);
        bench.receive(sender, Allowed, Start + 1h);
        QCOMPARE(bench.dropped, Dropped{&reader});
        QCOMPARE(sender.heldInput(), Allowed);
    }

    void aConnectionIsDroppedOnceAlthoughDroppingAnotherTakesMemory()
    {
        Bench bench;
        TestConnection &first = bench.sender(Start - 2s);
        TestConnection &second = bench.sender(Start - 1s);
        bench.receive(first, 60 * MiB, Start);
        bench.receive(second, 30 * MiB, Start);
        // Its answer is a page that waits for its peer, for which there is no memory either.
        first.onDrop = [&, drop = first.onDrop] {
            drop();
            bench.memory.noteReader(bench.reader(pageOf({textOf(80 * MiB)})), Start);
        };
        PendingBytes::Holder other(bench.pending(), [] {});
        other.set(Allowed + 1); // so that nothing that is dropped here is enough
        bench.receive(second, 50 * MiB, Start);
        QCOMPARE(bench.dropped, (Dropped{&first, &second}));
    }
};

QTEST_APPLESS_MAIN(TestConnectionMemory)
#include "tst_connectionmemory.moc"
