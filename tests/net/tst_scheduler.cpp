// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/net/nettesting.h"

#include <deque>
#include <map>

using namespace ExporterProxy;
using namespace ExporterProxy::NetTesting;
using namespace std::chrono_literals;

namespace {

constexpr Clock::time_point Start{1h};

/// A scheduler in its first turn, and connections to queue.
class Bench
{
public:
    Bench() { scheduler.beginTurn(Start); }

    /// A connection of a peer of its own.
    Connection &operator[](std::size_t index)
    {
        while (m_connections.size() <= index)
            connect(peer());
        return *m_connections[index];
    }

    PeerState &peer() { return m_peers.emplace_back(); }
    Connection &connect(PeerState &peer)
    {
        auto connection = std::make_unique<TestConnection>(m_door);
        connection->setPeer(peer);
        m_connections.push_back(std::move(connection));
        return *m_connections.back();
    }

    /// Has `count` jobs of that kind wait, of any connections.
    void fill(Work kind, int count)
    {
        for (int i = 0; i < count; ++i)
            scheduler.enqueue(connect(peer()), kind);
    }

    /// Does the next job, which takes that long, in a turn that never ends.
    Scheduler::Job doJob(Clock::duration time)
    {
        const Scheduler::Job job = scheduler.next(Start);
        if (!job.connection)
            qFatal("nothing is queued");
        scheduler.note(*job.connection, job.kind, time);
        return job;
    }
    Work doNext(Clock::duration time) { return doJob(time).kind; }

    /// Does it, and has the connection wait again, because it always has something to do.
    Connection *doOnAndOn(Clock::duration time)
    {
        const Scheduler::Job job = doJob(time);
        scheduler.enqueue(*job.connection, job.kind);
        return job.connection;
    }

    Scheduler scheduler;

private:
    Engine m_engine;
    TestDoor m_door{*m_engine.set};
    std::deque<PeerState> m_peers;
    std::vector<std::unique_ptr<Connection>> m_connections;
};

} // namespace

class TestScheduler : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aTurnHasABudget()
    {
        Bench bench;
        bench.fill(Work::Push, 3);
        QVERIFY(bench.scheduler.next(Start).connection);
        const Clock::time_point end = Start + Scheduler::TurnBudget;
        QVERIFY(!bench.scheduler.isOver(end - 1ns));
        QVERIFY(bench.scheduler.next(end - 1ns).connection);
        QVERIFY(bench.scheduler.isOver(end));
        QVERIFY(!bench.scheduler.next(end).connection);
        QVERIFY(bench.scheduler.isBusy());

        bench.scheduler.beginTurn(end);
        QVERIFY(bench.scheduler.next(end).connection);
        QVERIFY(!bench.scheduler.isBusy());
        QVERIFY(!bench.scheduler.next(end).connection);
    }

    void withinAKindWhoHasWaitedLongestComesFirst()
    {
        Bench bench;
        for (const std::size_t index : {2u, 0u, 1u})
            bench.scheduler.enqueue(bench[index], Work::Page);
        for (const std::size_t index : {2u, 0u, 1u}) {
            const Scheduler::Job job = bench.scheduler.next(Start);
            QCOMPARE(job.connection, &bench[index]);
            QCOMPARE(job.kind, Work::Page);
        }
    }

    void kindsShareTheTimeAndNotTheNumberOfJobs()
    {
        Bench bench;
        for (const Work kind : {Work::Scrape, Work::Push, Work::Page})
            bench.fill(kind, 200);
        const std::array<Clock::duration, WorkKinds> times{1ms, 2ms, 10ms}; // of one job
        std::array<int, WorkKinds> jobs{};
        for (int i = 0; i < 160; ++i) {
            const Scheduler::Job job = bench.scheduler.next(Start);
            bench.scheduler.note(*job.connection, job.kind, times[std::size_t(job.kind)]);
            ++jobs[std::size_t(job.kind)];
        }
        QCOMPARE(jobs, (std::array<int, WorkKinds>{100, 50, 10}));
    }

    void aScrapeWaitsForNoMoreThanOneJobOfAnotherKind()
    {
        Bench bench;
        bench.fill(Work::Push, 100);
        bench.fill(Work::Page, 100);
        for (int i = 0; i < 20; ++i)
            bench.doNext(1ms);
        const Scheduler::Job job = bench.scheduler.next(Start);
        bench.fill(Work::Scrape, 1); // comes while that job is done
        bench.scheduler.note(*job.connection, job.kind, 7ms);
        QCOMPARE(bench.doNext(1ms), Work::Scrape);
    }

    void aKindThatWasIdleHasSavedUpNothing()
    {
        Bench bench;
        bench.fill(Work::Push, 100);
        for (int i = 0; i < 50; ++i)
            QCOMPARE(bench.doNext(1ms), Work::Push);
        bench.fill(Work::Page, 100);
        int pages = 0;
        for (int i = 0; i < 20; ++i)
            pages += bench.doNext(1ms) == Work::Page;
        QCOMPARE(pages, 10);
    }

    void aKindOwesNothingForTimeThatNoOtherWanted()
    {
        Bench bench;
        bench.fill(Work::Scrape, 1000);
        for (int i = 0; i < 1000; ++i)
            bench.doNext(1ms);
        bench.fill(Work::Push, 100);
        bench.fill(Work::Scrape, 1);
        QCOMPARE(bench.doNext(1ms), Work::Scrape);
    }

    void aNewcomerGoesBeforeAllThatAlwaysHaveSomethingToDo()
    {
        Bench bench;
        PeerState &peer = bench.peer();
        for (int i = 0; i < 40; ++i)
            bench.scheduler.enqueue(bench.connect(peer), Work::Push);
        for (int i = 0; i < 1000; ++i)
            bench.doOnAndOn(1ms);
        // Of the same peer, and of another one; again and again, as long as it takes little.
        for (Connection *const light : {&bench.connect(peer), &bench.connect(bench.peer())}) {
            for (int times = 0; times < 100; ++times) {
                const Scheduler::Job other = bench.scheduler.next(Start);
                bench.scheduler.enqueue(*light, Work::Push); // while the other one has its turn
                bench.scheduler.note(*other.connection, other.kind, 1ms);
                bench.scheduler.enqueue(*other.connection, other.kind);
                QCOMPARE(bench.doJob(10us).connection, light);
            }
        }
    }

    void newcomersDoNotStarveTheOthers()
    {
        Bench bench;
        PeerState &peer = bench.peer();
        Connection &heavy = bench.connect(peer);
        bench.scheduler.enqueue(heavy, Work::Push);
        for (int i = 0; i < 100; ++i)
            bench.doOnAndOn(1ms);
        int jobs = 0;
        for (int i = 0; i < 10; ++i)
            bench.scheduler.enqueue(bench.connect(peer), Work::Push);
        for (int i = 0; i < 100; ++i) {
            const Scheduler::Job job = bench.doJob(1ms);
            const bool isHeavy = job.connection == &heavy;
            jobs += isHeavy;
            bench.scheduler.enqueue(isHeavy ? heavy : bench.connect(peer), Work::Push);
        }
        QVERIFY2(std::abs(jobs - 50) <= 1, qPrintable(QString::number(jobs)));
    }

    void connectionsOfAPeerShareByTime()
    {
        Bench bench;
        PeerState &peer = bench.peer();
        std::map<const Connection *, Clock::duration> had;
        Connection &heavy = bench.connect(peer);
        bench.scheduler.enqueue(heavy, Work::Push);
        for (int i = 0; i < 3; ++i)
            bench.scheduler.enqueue(bench.connect(peer), Work::Push);
        for (int i = 0; i < 4000; ++i) {
            const Scheduler::Job job = bench.scheduler.next(Start);
            const Clock::duration time = job.connection == &heavy ? 10ms : 1ms;
            bench.scheduler.note(*job.connection, job.kind, time);
            bench.scheduler.enqueue(*job.connection, job.kind);
            had[job.connection] += time;
        }
        for (const auto &[connection, time] : had)
            QVERIFY(std::chrono::abs(time - had[&heavy]) <= 20ms);
    }

    void peersShareByTimeHoweverManyConnectionsTheyHave()
    {
        Bench bench;
        PeerState &many = bench.peer();
        for (int i = 0; i < 40; ++i)
            bench.scheduler.enqueue(bench.connect(many), Work::Scrape);
        Connection &alone = bench.connect(bench.peer());
        bench.scheduler.enqueue(alone, Work::Scrape);
        int jobs = 0;
        for (int i = 0; i < 1000; ++i)
            jobs += bench.doOnAndOn(1ms) == &alone;
        QVERIFY2(std::abs(jobs - 500) <= 1, qPrintable(QString::number(jobs)));
        // Nor if each of them is new each time.
        jobs = 0;
        for (int i = 0; i < 1000; ++i) {
            const Scheduler::Job job = bench.doJob(1ms);
            const bool isAlone = job.connection == &alone;
            jobs += isAlone;
            bench.scheduler.enqueue(isAlone ? alone : bench.connect(many), Work::Scrape);
        }
        QVERIFY2(std::abs(jobs - 500) <= 1, qPrintable(QString::number(jobs)));
    }

    void aJobMayRunAtOnceWhileNobodyWaitsAndTheTurnHasTimeLeft()
    {
        Bench bench;
        const Clock::time_point end = Start + Scheduler::TurnBudget;
        QVERIFY(bench.scheduler.mayRunNow(Start));
        QVERIFY(bench.scheduler.mayRunNow(end - 1ns));
        QVERIFY(!bench.scheduler.mayRunNow(end));
        bench.fill(Work::Page, 1);
        QVERIFY(!bench.scheduler.mayRunNow(Start));
        bench.doNext(1ms);
        QVERIFY(bench.scheduler.mayRunNow(Start));
    }

    void jobsOfConnectionsThatAreGoneAreForgotten()
    {
        Bench bench;
        for (const Work kind : {Work::Push, Work::Page}) {
            for (std::size_t i = 0; i < 3; ++i)
                bench.scheduler.enqueue(bench[i], kind);
        }
        bench.scheduler.eraseIf([&](const Connection *each) { return each != &bench[1]; });
        for (int i = 0; i < 2; ++i) {
            QVERIFY(bench.scheduler.isBusy());
            const Scheduler::Job job = bench.scheduler.next(Start);
            QCOMPARE(job.connection, &bench[1]);
            bench.scheduler.note(*job.connection, job.kind, 1ms);
        }
        QVERIFY(!bench.scheduler.isBusy());
        QVERIFY(!bench.scheduler.next(Start).connection);
    }
};

QTEST_APPLESS_MAIN(TestScheduler)
#include "tst_scheduler.moc"
