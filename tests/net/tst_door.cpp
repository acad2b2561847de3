// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/net/nettesting.h"

#include "daemon/net/listensocket.h"

#include <arpa/inet.h>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <QTemporaryDir>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

using namespace ExporterProxy;
using namespace ExporterProxy::NetTesting;
using namespace std::chrono_literals;

namespace {

/// A Unix socket that nobody accepts from by itself: who has connected waits in its queue at once.
class Listener
{
public:
    Listener()
        : m_path(m_folder.filePath(QStringLiteral("socket")))
        , m_socket(
              listenOnUnix({m_path, QStringLiteral("current_user"), QStringLiteral("current_group")}).take())
    {
    }

    int descriptor() const { return m_socket->descriptor(); }

    Descriptor connect() const
    {
        Descriptor client(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const QByteArray path = QFile::encodeName(m_path);
        std::memcpy(address.sun_path, path.constData(), std::size_t(path.size()));
        if (::connect(client.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
            qFatal("cannot connect");
        return client;
    }
    std::vector<Descriptor> connect(int count) const
    {
        std::vector<Descriptor> clients;
        for (int i = 0; i < count; ++i)
            clients.push_back(connect());
        return clients;
    }

private:
    QTemporaryDir m_folder;
    const QString m_path;
    const std::unique_ptr<ListenSocket> m_socket;
};

/// Leaves the process without a free descriptor.
class NoDescriptors
{
public:
    NoDescriptors()
    {
        ::getrlimit(RLIMIT_NOFILE, &m_before);
        rlimit limit = m_before;
        limit.rlim_cur = rlim_t(Descriptor(::fcntl(0, F_DUPFD_CLOEXEC, 0)).get()); // the lowest that is free
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &m_before); }
    NoDescriptors(const NoDescriptors &) = delete;
    NoDescriptors &operator=(const NoDescriptors &) = delete;

private:
    rlimit m_before{};
};

/// A door that reads what comes, and closes with its clients.
struct Bench
{
    explicit Bench(int maxConnections = 10, const PhaseTimes &times = {})
        : door(*engine.set, maxConnections, times)
    {
        door.onProceed = [this](TestConnection &connection) {
            char bytes[100];
            const Channel::Transfer transfer = connection.channel().read(bytes);
            newest = &connection;
            if (transfer.status == Channel::Status::Ok)
                received += QByteArrayView(bytes, qsizetype(transfer.size));
            else if (transfer.status != Channel::Status::WouldBlock)
                connection.close();
        };
    }

    void turn() { engine.set->turn(); }
    TestConnection *first(Phase phase)
    {
        return static_cast<TestConnection *>(door.deadlines().first(phase));
    }

    Engine engine;
    Listener listener;
    QByteArray received;
    TestConnection *newest = nullptr; ///< that had a turn
    TestDoor door;
};

/// Connects over the loopback interface from one of its addresses.
Descriptor connectFrom(const char *address, quint16 port)
{
    Descriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in own{};
    own.sin_family = AF_INET;
    inet_pton(AF_INET, address, &own.sin_addr);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(client.get(), reinterpret_cast<const sockaddr *>(&own), sizeof own) != 0
        || ::connect(client.get(), reinterpret_cast<const sockaddr *>(&to), sizeof to) != 0)
        qFatal("cannot connect");
    ::fcntl(client.get(), F_SETFL, O_NONBLOCK);
    return client;
}

bool hasEnded(const Descriptor &client)
{
    char byte = 0;
    return ::recv(client.get(), &byte, 1, 0) == 0;
}

void say(const Descriptor &client, QByteArrayView bytes)
{
    QCOMPARE(::send(client.get(), bytes.data(), std::size_t(bytes.size()), MSG_NOSIGNAL), bytes.size());
}

} // namespace

class TestDoorOfSockets : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void letsInWhoeverWaits()
    {
        Bench bench;
        bench.door.listenOn(bench.listener.descriptor());
        auto clients = bench.listener.connect(3);
        say(clients[1], "a");
        QCOMPARE(bench.door.openConnections(), 0);
        bench.turn();
        QCOMPARE(bench.door.openConnections(), 3);
        QCOMPARE(bench.door.open, 3);
        QCOMPARE(bench.received, "a");
        say(clients[2], "b");
        bench.turn();
        QCOMPARE(bench.received, "ab");
        clients.pop_back();
        bench.turn();
        QCOMPARE(bench.door.openConnections(), 2);
        QCOMPARE(bench.door.open, 2);
    }

    void whoIsTooManyWaitsUntilAnotherLeaves()
    {
        Bench bench(2);
        bench.door.listenOn(bench.listener.descriptor());
        auto clients = bench.listener.connect(4);
        say(clients[2], "third");
        say(clients[3], "fourth");
        bench.turn();
        QCOMPARE(bench.door.openConnections(), 2);
        QVERIFY(bench.received.isEmpty());

        clients[0] = Descriptor();
        bench.turn();
        bench.turn();
        QCOMPARE(bench.received, "third");
        QCOMPARE(bench.door.openConnections(), 2);
        clients[1] = Descriptor();
        bench.turn();
        bench.turn();
        QCOMPARE(bench.received, "thirdfourth");
        QCOMPARE(bench.door.turnedAway, 0);
        QCOMPARE(bench.door.failures(), 0U);
    }

    void roomIsMadeForWhoeverWaitsAndForNobodyElse()
    {
        Bench bench(2);
        bench.door.listenOn(bench.listener.descriptor());
        auto clients = bench.listener.connect(2);
        bench.turn();
        TestConnection *const oldest = bench.first(Phase::Fresh);
        oldest->enter(Phase::Idle, Clock::now());
        bench.turn();
        QVERIFY(!hasEnded(clients[0]));

        clients.push_back(bench.listener.connect());
        bench.turn();
        QCOMPARE(bench.door.openConnections(), 2);
        QVERIFY(hasEnded(clients[0]));
        QVERIFY(!hasEnded(clients[2]));
    }

    void whoIsOfLeastUseGivesWayFirst()
    {
        struct State
        {
            Phase phase;
            Clock::duration stalled;
        };
        // In the order in which they have to go; the last one is being served.
        const std::vector<State> states{
            {Phase::Lingering, 0s},    {Phase::Receiving, 2s},  {Phase::Fresh, 2s},    {Phase::Idle, 0s},
            {Phase::Receiving, 500ms}, {Phase::Responding, 2s}, {Phase::Preparing, 1h}};
        Bench bench(int(states.size()));
        bench.door.listenOn(bench.listener.descriptor());
        auto clients = bench.listener.connect(int(states.size()));
        bench.turn();
        const Clock::time_point now = Clock::now();
        std::vector<TestConnection *> connections;
        for (Connection *each = bench.first(Phase::Fresh); each; each = each->next())
            connections.push_back(static_cast<TestConnection *>(each));
        QCOMPARE(connections.size(), states.size());
        for (std::size_t i = 0; i < states.size(); ++i) {
            connections[i]->enter(states[i].phase, now - states[i].stalled);
            connections[i]->progressAt = now - states[i].stalled;
        }
        std::vector<Descriptor> newcomers;
        for (std::size_t i = 0; i + 1 < states.size(); ++i) {
            newcomers.push_back(bench.listener.connect());
            say(newcomers.back(), "a");
            bench.turn();
            QCOMPARE(bench.received.size(), qsizetype(i + 1));
            QVERIFY2(hasEnded(clients[i]), qPrintable(QString::number(i)));
            QVERIFY(!hasEnded(clients[i + 1]));
            bench.newest->enter(Phase::Preparing, now);
        }
        newcomers.push_back(bench.listener.connect());
        bench.turn();
        QVERIFY(!hasEnded(clients.back()));
        QCOMPARE(bench.door.openConnections(), int(states.size()));
    }

    void noPeerKeepsMoreThanHalfOfThePlacesWhileOthersWantThem()
    {
        const auto socket = listenOnTcp({QStringLiteral("127.0.0.1"), 0}, FirstWord::AtLeisure).take();
        const QByteArray name = socket->name();
        const quint16 port = name.mid(name.lastIndexOf(':') + 1).toUShort();
        Bench bench(8);
        bench.door.isTurningAway = true;
        bench.door.listenOn(socket->descriptor());
        const auto connect = [&](const char *from) {
            Descriptor client = connectFrom(from, port);
            bench.turn();
            while (TestConnection *const fresh = bench.first(Phase::Fresh))
                fresh->enter(Phase::Preparing, Clock::now()); // in which it gives way to nobody
            return client;
        };
        std::vector<Descriptor> many;
        for (int i = 0; i < 8; ++i)
            many.push_back(connect("127.0.0.2"));
        // The same peer gets no more; others get half.
        many.push_back(connect("127.0.0.2"));
        QCOMPARE(bench.door.turnedAway, 1);
        std::vector<Descriptor> others;
        for (std::size_t i = 0; i < 4; ++i) {
            others.push_back(connect("127.0.0.3"));
            QCOMPARE(bench.door.turnedAway, 1);
            QVERIFY(hasEnded(many[i]));
        }
        others.push_back(connect("127.0.0.4"));
        QCOMPARE(bench.door.turnedAway, 2);
        QVERIFY(!hasEnded(many[4]));
        QCOMPARE(bench.door.openConnections(), 8);
    }

    void aPeerOfManyIdleConnectionsGivesUpThoseThatAreIdleForLongest()
    {
        // As a Prometheus that has more targets here than there are places.
        Bench bench(20);
        bench.door.listenOn(bench.listener.descriptor());
        std::vector<Descriptor> clients = bench.listener.connect(20);
        bench.turn();
        while (TestConnection *const fresh = bench.first(Phase::Fresh))
            fresh->enter(Phase::Idle, Clock::now());
        for (std::size_t round = 0; round < 40; ++round) {
            clients.push_back(bench.listener.connect());
            say(clients.back(), "a");
            bench.turn();
            QCOMPARE(bench.received.size(), qsizetype(round + 1));
            QVERIFY(hasEnded(clients[round]));
            QVERIFY(!hasEnded(clients[round + 1]));
            bench.newest->enter(Phase::Idle, Clock::now());
        }
    }

    void whoIsTooManyMayBeTurnedAway()
    {
        Bench bench(1);
        bench.door.isTurningAway = true;
        bench.door.listenOn(bench.listener.descriptor());
        auto clients = bench.listener.connect(1);
        bench.turn();
        bench.first(Phase::Fresh)->enter(Phase::Preparing, Clock::now());
        for (int i = 0; i < 2; ++i)
            clients.push_back(bench.listener.connect());
        bench.turn();
        QCOMPARE(bench.door.openConnections(), 1);
        QCOMPARE(bench.door.turnedAway, 2);
        QVERIFY(!hasEnded(clients[0]));
        QVERIFY(hasEnded(clients[1]));
        QVERIFY(hasEnded(clients[2]));
    }

    void whoWaitsIsLetInOnceAnotherHasStalled()
    {
        Bench bench(1);
        bench.door.listenOn(bench.listener.descriptor());
        const auto clients = bench.listener.connect(2);
        bench.turn();
        QVERIFY(!hasEnded(clients[0])); // it has just come
        const Clock::time_point retry = bench.door.nextDeadline();
        QVERIFY(retry < Clock::now() + 1s);
        bench.first(Phase::Fresh)->progressAt = Clock::now() - 1min;
        bench.first(Phase::Fresh)->enter(Phase::Receiving, Clock::now() - 1min);
        bench.door.sweep(retry);
        bench.turn();
        QVERIFY(hasEnded(clients[0]));
        QVERIFY(!hasEnded(clients[1]));
    }

    void whatIsAcceptedKeepsToTheTurn()
    {
        Bench bench;
        int proceeded = 0;
        bench.door.onProceed = [&proceeded](TestConnection &) {
            ++proceeded;
            for (const auto end = Clock::now() + Scheduler::TurnBudget; Clock::now() < end;) { }
        };
        bench.door.listenOn(bench.listener.descriptor());
        const auto clients = bench.listener.connect(3);
        bench.turn();
        QCOMPARE(bench.door.openConnections(), 3);
        for (int turns = 1; turns <= 3; ++turns) {
            QCOMPARE(proceeded, turns); // the others wait for their turn in line with everybody
            bench.turn();
        }
    }

    void withoutDescriptorsItRestsUntilAConnectionCloses()
    {
        Bench bench;
        bench.door.listenOn(bench.listener.descriptor());
        auto clients = bench.listener.connect(1);
        bench.turn();
        clients.push_back(bench.listener.connect());
        const NoDescriptors none;
        bench.turn();
        QCOMPARE(bench.door.openConnections(), 1);
        QCOMPARE(bench.door.failures(), 1U);
        QCOMPARE(bench.door.warnings.size(), 1);
        bench.turn();
        QCOMPARE(bench.door.failures(), 1U); // it rests

        bench.first(Phase::Fresh)->close();
        bench.turn();
        QCOMPARE(bench.door.openConnections(), 1);
        QVERIFY(hasEnded(clients[0]));
        QVERIFY(!hasEnded(clients[1]));
    }

    void withoutDescriptorsItRestsForATime()
    {
        Bench bench;
        bench.door.listenOn(bench.listener.descriptor());
        const auto clients = bench.listener.connect(1);
        QCOMPARE(bench.door.nextDeadline(), Clock::time_point::max());
        {
            const NoDescriptors none;
            bench.turn();
            QCOMPARE(bench.door.failures(), 1U);
        }
        const Clock::time_point retry = bench.door.nextDeadline();
        QVERIFY(retry < Clock::now() + 1s);
        bench.door.sweep(retry - 1ns);
        QCOMPARE(bench.door.nextDeadline(), retry);
        QCOMPARE(bench.door.openConnections(), 0);
        bench.door.sweep(retry);
        QCOMPARE(bench.door.nextDeadline(), Clock::time_point::max());
        bench.turn();
        QCOMPARE(bench.door.openConnections(), 1);
        QCOMPARE(bench.door.failures(), 1U);
    }

    void aConnectionThatBecomesIdleEndsNoRest()
    {
        Bench bench;
        bench.door.listenOn(bench.listener.descriptor());
        auto clients = bench.listener.connect(1);
        bench.turn();
        clients.push_back(bench.listener.connect());
        const NoDescriptors none;
        bench.turn();
        QCOMPARE(bench.door.failures(), 1U);
        bench.first(Phase::Fresh)->enter(Phase::Idle, Clock::now());
        bench.turn();
        QCOMPARE(bench.door.failures(), 1U); // it has freed no descriptor
    }

    void whoWaitsIsLetInBeforeListeningStops()
    {
        Bench bench;
        bench.door.listenOn(bench.listener.descriptor());
        auto clients = bench.listener.connect(5);
        say(clients[4], "last");
        bench.door.stopListening(Clock::now() + 10s);
        QCOMPARE(bench.door.openConnections(), 5);
        QCOMPARE(bench.received, "last");
        clients.push_back(bench.listener.connect());
        bench.turn();
        QCOMPARE(bench.door.openConnections(), 5);
        say(clients[0], " words");
        bench.turn();
        QCOMPARE(bench.received, "last words"); // open connections stay
    }

    void stoppingEndsInTimeAndWhenThereIsNoRoom()
    {
        Bench bench(1);
        bench.door.listenOn(bench.listener.descriptor());
        const auto clients = bench.listener.connect(3);
        bench.door.stopListening(Clock::now());
        QCOMPARE(bench.door.openConnections(), 0);

        bench.door.listenOn(bench.listener.descriptor());
        bench.door.stopListening(Clock::time_point::max());
        QCOMPARE(bench.door.openConnections(), 1);
        bench.first(Phase::Fresh)->close();
        bench.turn();
        QCOMPARE(bench.door.openConnections(), 0);
    }

    void whoWaitsCanBeLeftToTheNext()
    {
        Bench bench;
        bench.door.listenOn(bench.listener.descriptor());
        const auto clients = bench.listener.connect(2);
        say(clients[0], "a");
        bench.door.leaveListening();
        bench.turn();
        QCOMPARE(bench.door.openConnections(), 0);

        TestDoor next(*bench.engine.set);
        next.onProceed = bench.door.onProceed;
        next.listenOn(bench.listener.descriptor());
        bench.turn();
        QCOMPARE(next.openConnections(), 2);
        QCOMPARE(bench.door.openConnections(), 0);
        QCOMPARE(bench.received, "a");
    }

    void whatIsAdoptedIsReadAtOnce()
    {
        Bench bench;
        int ends[2] = {-1, -1};
        QCOMPARE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
        Descriptor peer(ends[0]);
        say(peer, "a");
        bench.door.adopt(Descriptor(ends[1]), Clock::now());
        QCOMPARE(bench.received, "a");
        QCOMPARE(bench.door.openConnections(), 1);
        say(peer, "b");
        bench.turn();
        QCOMPARE(bench.received, "ab");
        peer = Descriptor();
        bench.turn();
        QCOMPARE(bench.door.openConnections(), 0);
        QCOMPARE(bench.door.open, 0);
    }

    void whatIsAdoptedWaitsBehindOthers()
    {
        Bench bench;
        const auto adopt = [&bench] {
            int ends[2] = {-1, -1};
            if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
                qFatal("cannot make a pair of sockets");
            bench.door.adopt(Descriptor(ends[1]), Clock::now());
            return Descriptor(ends[0]);
        };
        const Descriptor first = adopt();
        QByteArrayList order;
        bench.first(Phase::Fresh)->onProceed = [&order](TestConnection &) { order << "first"; };
        bench.first(Phase::Fresh)->queue(Work::Push);
        bench.door.onProceed = [&order](TestConnection &) { order << "second"; };
        const Descriptor second = adopt();
        QVERIFY(order.isEmpty());
        bench.turn();
        QCOMPARE(order, (QByteArrayList{"first", "second"}));
    }

    void whoExceedsItsTimeIsClosed()
    {
        PhaseTimes times{};
        times[std::size_t(Phase::Fresh)] = 2s;
        Bench bench(10, times);
        bench.door.listenOn(bench.listener.descriptor());
        const auto clients = bench.listener.connect(2);
        bench.turn();
        TestConnection *const first = bench.first(Phase::Fresh);
        const auto *const second = static_cast<TestConnection *>(first->next());
        first->enter(Phase::Idle, Clock::now());
        QCOMPARE(bench.door.nextDeadline(), second->since() + 2s);
        bench.door.sweep(second->since() + 2s - 1ns);
        QCOMPARE(bench.door.openConnections(), 2);
        bench.door.sweep(second->since() + 2s);
        QCOMPARE(bench.door.openConnections(), 1);
        QVERIFY(!hasEnded(clients[0]));
        QVERIFY(hasEnded(clients[1]));
    }

    void aDoorThatEndsClosesItsConnections()
    {
        Bench bench;
        auto door = std::make_unique<TestDoor>(*bench.engine.set);
        door->listenOn(bench.listener.descriptor());
        const auto clients = bench.listener.connect(2);
        bench.turn();
        QCOMPARE(door->openConnections(), 2);
        for (const Phase phase : {Phase::Receiving, Phase::Preparing}) {
            auto *const connection = static_cast<TestConnection *>(door->deadlines().first(Phase::Fresh));
            connection->queue(Work::Page);
            connection->enter(phase, Clock::now());
            bench.engine.set->memory().noteInput(*connection, 1000, Clock::now());
        }
        const PendingBytes::Holder other(bench.engine.pending, [] {});
        QCOMPARE(other.room(), bench.engine.pending.allowed() - 2000);
        door.reset();
        QVERIFY(hasEnded(clients[0]));
        QVERIFY(hasEnded(clients[1]));
        QVERIFY(!bench.engine.set->scheduler().isBusy());
        QCOMPARE(other.room(), bench.engine.pending.allowed());
    }
};

QTEST_APPLESS_MAIN(TestDoorOfSockets)
#include "tst_door.moc"
