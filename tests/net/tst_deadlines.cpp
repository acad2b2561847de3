// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/net/nettesting.h"

using namespace ExporterProxy;
using namespace ExporterProxy::NetTesting;
using namespace std::chrono_literals;

namespace {

constexpr Clock::time_point Start{1h};
constexpr Clock::time_point NoDeadline = Clock::time_point::max();

/// Another time for each phase.
constexpr PhaseTimes Times{2s, 330s, 10s, 250ms, 30s, 5s};

/// The connections of a door, of which nothing but the phases is used.
class Bench
{
public:
    explicit Bench(const PhaseTimes &times = Times)
        : deadlines(times)
    {
    }

    Connection &add(Clock::time_point now)
    {
        auto connection = std::make_unique<TestConnection>(m_door);
        Connection &added = *connection;
        deadlines.add(std::move(connection), now);
        return added;
    }
    Connection &add(Phase phase, Clock::time_point now)
    {
        Connection &added = add(now);
        deadlines.enter(added, phase, now);
        return added;
    }

private:
    Engine m_engine;
    TestDoor m_door{*m_engine.set};

public:
    Deadlines deadlines;
};

} // namespace

class TestDeadlines : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void withoutConnectionsNothingIsDue()
    {
        const Bench bench;
        QCOMPARE(bench.deadlines.next(), NoDeadline);
        QVERIFY(!bench.deadlines.due(Start));
        for (std::size_t phase = 0; phase < PhaseCount; ++phase)
            QVERIFY(!bench.deadlines.first(Phase(phase)));
    }

    void aNewConnectionIsFresh()
    {
        Bench bench;
        const Connection &connection = bench.add(Start);
        QCOMPARE(connection.phase(), Phase::Fresh);
        QCOMPARE(connection.since(), Start);
        QCOMPARE(bench.deadlines.first(Phase::Fresh), &connection);
        QCOMPARE(bench.deadlines.next(), Start + Times[0]);
    }

    void eachPhaseHasItsTime_data()
    {
        QTest::addColumn<std::size_t>("phase");
        const char *const names[] = {"Fresh", "Idle", "Receiving", "Preparing", "Responding", "Lingering"};
        static_assert(std::size(names) == PhaseCount);
        for (std::size_t phase = 0; phase < PhaseCount; ++phase)
            QTest::newRow(names[phase]) << phase;
    }
    void eachPhaseHasItsTime()
    {
        QFETCH(std::size_t, phase);
        Bench bench;
        Connection &connection = bench.add(Start - 1s);
        bench.deadlines.enter(connection, Phase(phase), Start);
        QCOMPARE(connection.phase(), Phase(phase));
        QCOMPARE(connection.since(), Start);
        const Clock::time_point deadline = Start + Times[phase];
        QCOMPARE(bench.deadlines.next(), deadline);
        QVERIFY(!bench.deadlines.due(deadline - 1ns));
        QCOMPARE(bench.deadlines.due(deadline), &connection);
        QCOMPARE(bench.deadlines.due(deadline + 24h), &connection);
    }

    void theEarliestDeadlineOfAllPhasesIsNext()
    {
        Bench bench;
        Connection &idle = bench.add(Phase::Idle, Start);
        QCOMPARE(bench.deadlines.next(), Start + 330s);
        Connection &receiving = bench.add(Phase::Receiving, Start + 1s);
        QCOMPARE(bench.deadlines.next(), Start + 11s);
        Connection &fresh = bench.add(Start + 10s);
        QCOMPARE(bench.deadlines.next(), Start + 11s);
        QCOMPARE(bench.deadlines.due(Start + 11s), &receiving);

        bench.deadlines.take(receiving);
        QCOMPARE(bench.deadlines.next(), Start + 12s);
        QCOMPARE(bench.deadlines.due(Start + 12s), &fresh);
        bench.deadlines.take(fresh);
        QCOMPARE(bench.deadlines.due(Start + 330s), &idle);
    }

    void withinAPhaseWhoHasWaitedLongestIsFirst()
    {
        Bench bench;
        std::vector<Connection *> connections;
        for (int i = 0; i < 4; ++i)
            connections.push_back(&bench.add(Phase::Idle, Start + i * 1s));
        for (std::size_t i = 0; i + 1 < connections.size(); ++i)
            QCOMPARE(connections[i]->next(), connections[i + 1]);
        QVERIFY(!connections.back()->next());

        // From the middle, from the end and from the front.
        for (const std::size_t taken : {1u, 3u, 0u}) {
            const std::unique_ptr<Connection> owned = bench.deadlines.take(*connections[taken]);
            QCOMPARE(owned.get(), connections[taken]);
            QVERIFY(!owned->next());
        }
        QCOMPARE(bench.deadlines.first(Phase::Idle), connections[2]);
        QVERIFY(!connections[2]->next());
        Connection &last = bench.add(Phase::Idle, Start + 4s);
        QCOMPARE(connections[2]->next(), &last);
    }

    void enteringAPhaseAnewMovesBehind()
    {
        Bench bench;
        Connection &first = bench.add(Phase::Receiving, Start);
        Connection &second = bench.add(Phase::Receiving, Start + 1s);
        bench.deadlines.enter(first, Phase::Receiving, Start + 2s);
        QCOMPARE(bench.deadlines.first(Phase::Receiving), &second);
        QCOMPARE(second.next(), &first);
        QCOMPARE(first.since(), Start + 2s);
        QCOMPARE(bench.deadlines.next(), Start + 11s);
        QCOMPARE(bench.deadlines.due(Start + 12s), &second);
        bench.deadlines.enter(second, Phase::Lingering, Start + 12s);
        QCOMPARE(bench.deadlines.due(Start + 12s), &first);
    }

    void aTimeOfZeroIsNoDeadline()
    {
        Bench bench(PhaseTimes{});
        for (std::size_t phase = 0; phase < PhaseCount; ++phase)
            bench.add(Phase(phase), Start);
        QCOMPARE(bench.deadlines.next(), NoDeadline);
        QVERIFY(!bench.deadlines.due(Start + 10'000h));
    }

    void anotherTimeHoldsForThoseThatWaitAlready()
    {
        Bench bench;
        Connection &connection = bench.add(Phase::Receiving, Start);
        bench.deadlines.setTime(Phase::Receiving, 3s);
        QCOMPARE(bench.deadlines.next(), Start + 3s);
        QCOMPARE(bench.deadlines.due(Start + 3s), &connection);
        bench.deadlines.setTime(Phase::Receiving, 0s);
        QCOMPARE(bench.deadlines.next(), NoDeadline);
        bench.deadlines.setTime(Phase::Receiving, 60s);
        QCOMPARE(bench.deadlines.next(), Start + 60s);
    }

    void twoHundredThousandAreDestroyedWithoutADeepStack()
    {
        Bench bench;
        for (int i = 0; i < 200'000; ++i)
            bench.add(Start);
        QVERIFY(bench.deadlines.first(Phase::Fresh));
    }
};

QTEST_APPLESS_MAIN(TestDeadlines)
#include "tst_deadlines.moc"
