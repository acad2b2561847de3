// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/http/httptesting.h"
#include "tests/memory.h"

#include <algorithm>
#include <ctime>
#include <QCryptographicHash>
#include <QRegularExpression>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace ExporterProxy;
using namespace ExporterProxy::HttpTesting;
using namespace std::chrono_literals;

namespace {

const QByteArray GetMetrics = QByteArrayLiteral("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n");

/// A page of that many pieces of 100 kB, no two of them alike.
std::shared_ptr<const Page> largePage(int pieces)
{
    std::vector<QByteArray> parts;
    for (int i = 0; i < pieces; ++i)
        parts.push_back((QByteArray::number(i) + ' ').repeated(100'000).first(100'000));
    return FixedContent::page(parts);
}

QByteArray hashOf(const QByteArray &bytes)
{
    return QCryptographicHash::hash(bytes, QCryptographicHash::Sha1).toHex();
}

QByteArray bodyOf(const Page &page)
{
    QByteArray body;
    for (const QByteArray &part : page.parts)
        body += part;
    return body;
}

/// A connection that sends and takes nothing in.
class DeafClient
{
public:
    explicit DeafClient(const Served &served)
        : client(served)
    {
        QObject::disconnect(&client.socket(), &QTcpSocket::readyRead, nullptr, nullptr);
        client.socket().setReadBufferSize(1);
    }
    bool isDropped(int timeout = 5'000)
    {
        // A reset is noticed by writing: the socket does not read.
        return QTest::qWaitFor(
            [this] {
                client.socket().write("x");
                client.socket().flush();
                return client.socket().state() != QTcpSocket::ConnectedState;
            },
            timeout);
    }
    Client client;
};

} // namespace

class TestHttpLimits : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void oneConnectionTooManyIsAnswered503()
    {
        HttpLimits limits;
        limits.maxConnections = 2;
        Served served(limits);
        served.content.plain =
            largePage(200); // 20 MB, more than the kernel takes for readers that have begun
        QTest::ignoreMessage(QtWarningMsg, "connection refused: 2 are open");
        std::vector<std::unique_ptr<Client>> busy;
        for (int i = 0; i < 2; ++i) {
            busy.push_back(std::make_unique<Client>(served));
            busy.back()->socket().setReadBufferSize(1);
            busy.back()->send("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
        }
        QTRY_COMPARE(served.counters.scrapes, 2U);
        Client third(served);
        const Response refused = third.receive();
        QCOMPARE(refused.status, 503);
        QCOMPARE(refused.header("retry-after"), "1");
        QVERIFY(third.isClosedByPeer());

        busy.pop_back();
        QTRY_COMPARE(served.service.connections(), 1);
        Client fourth(served);
        QCOMPARE(fourth.get("/-/ready").status, 200);
        QCOMPARE(served.service.connections(), 2);
    }

    void whoIsIdleBetweenRequestsGivesWay()
    {
        HttpLimits limits;
        limits.maxConnections = 2;
        Served served(limits);
        std::vector<std::unique_ptr<Client>> clients;
        for (int i = 0; i < 30; ++i) {
            clients.push_back(std::make_unique<Client>(served));
            QCOMPARE(clients.back()->get("/-/ready").status, 200);
            QVERIFY(served.service.connections() <= 2);
        }
        QVERIFY(clients[0]->isClosedByPeer());
        QCOMPARE(clients[28]->get("/-/ready").status, 200);
        QCOMPARE(clients[29]->get("/-/ready").status, 200);
    }

    void whoDoesNotSendARequestGivesWay_data()
    {
        QTest::addColumn<QByteArray>("sent");
        QTest::addColumn<int>("status");
        QTest::newRow("nothing") << QByteArray() << 0;
        QTest::newRow("half of one") << QByteArray("GET /metrics HT") << 503;
    }
    void whoDoesNotSendARequestGivesWay()
    {
        QFETCH(QByteArray, sent);
        QFETCH(int, status);
        HttpLimits limits;
        limits.maxConnections = 2;
        Served served(limits);
        Client idle(served);
        QCOMPARE(idle.get("/-/ready").status, 200);
        Client silent(served);
        silent.send(sent);
        QTRY_COMPARE(served.service.connections(), 2);
        QTest::qWait(1'200); // so long it may take before it gives way while others are idle
        Client third(served);
        QCOMPARE(third.get("/-/ready").status, 200);
        QCOMPARE(silent.receive(false, status ? 10'000 : 0).status, status);
        QVERIFY(silent.isClosedByPeer());
        QCOMPARE(idle.get("/-/ready").status, 200);
    }

    void aSlowReaderGetsThePageIntactWhileOthersAreServed()
    {
        Served served;
        const auto page = largePage(200); // 20 MB
        served.content.plain = page;
        Client slow(served);
        QObject::disconnect(&slow.socket(), &QTcpSocket::readyRead, nullptr, nullptr);
        slow.socket().setReadBufferSize(100'000);
        slow.send(GetMetrics + GetMetrics);

        Client other(served);
        QByteArray received;
        int answered = 0;
        int turns = 0;
        const auto expected = 2 * page->size;
        QVERIFY(QTest::qWaitFor(
            [&] {
                received += slow.socket().read(70'001);
                if (++turns % 50 == 0 && other.get("/-/ready").status == 200)
                    ++answered;
                return received.size() >= expected + 400;
            },
            60'000));
        QVERIFY(answered > 0);
        // Both pages, each behind its head, and not a byte out of its place.
        const QByteArray body = bodyOf(*page);
        const qsizetype first = received.indexOf("\r\n\r\n") + 4;
        QCOMPARE(hashOf(received.mid(first, page->size)), hashOf(body));
        const qsizetype second = received.indexOf("\r\n\r\n", first + page->size) + 4;
        QVERIFY(received.mid(first + page->size).startsWith("HTTP/1.1 200 OK\r\n"));
        QVERIFY(QTest::qWaitFor([&] {
            received += slow.socket().readAll();
            return received.size() >= second + page->size;
        }));
        QCOMPARE(hashOf(received.mid(second)), hashOf(body));
    }

    void manySlowReadersShareOnePage()
    {
        Served served;
        served.content.plain = largePage(300); // 30 MB
        const MemoryMark mark;
        std::vector<std::unique_ptr<DeafClient>> clients;
        for (int i = 0; i < 20; ++i) {
            clients.push_back(std::make_unique<DeafClient>(served));
            clients.back()->client.send(GetMetrics);
        }
        QTRY_COMPARE(served.counters.scrapes, 20u);
        QVERIFY(mark.grown() < 10'000'000);
    }

    void aPageLivesNoLongerThanItsReaders()
    {
        Served served;
        served.content.plain = largePage(300);
        const std::weak_ptr<const Page> page = served.content.plain;
        auto client = std::make_unique<DeafClient>(served);
        client->client.send(GetMetrics);
        QTRY_COMPARE(served.counters.scrapes, 1u);
        served.content.plain = FixedContent::page({"x 1\n"});
        QVERIFY(!page.expired());
        client.reset(); // in the middle of the page
        QTRY_VERIFY(page.expired());
        QTRY_COMPARE(served.service.connections(), 0);
        Client next(served);
        QCOMPARE(next.get("/metrics").body, "x 1\n");
    }

    void requestsThatAreSentAheadWaitForTheReader()
    {
        Served served;
        served.content.plain = largePage(100);
        const MemoryMark mark;
        DeafClient client(served);
        client.client.send(GetMetrics.repeated(1000));
        QTRY_COMPARE(served.counters.scrapes, 1u);
        Client other(served);
        for (int i = 0; i < 10; ++i)
            QCOMPARE(other.get("/-/ready").status, 200);
        QCOMPARE(served.counters.scrapes, 1u);
        QVERIFY(mark.grown() < 10'000'000);
    }

    void requestsThatAreSentAheadAreAllAnswered_data()
    {
        QTest::addColumn<int>("pieces");
        QTest::newRow("small pages") << 1;
        QTest::newRow("pages that wait for their reader") << 60;
    }
    void requestsThatAreSentAheadAreAllAnswered()
    {
        QFETCH(int, pieces);
        Served served;
        const auto page = largePage(pieces);
        served.content.plain = page;
        Client client(served);
        // More than is read at once, cut in the middle of a request.
        constexpr int Count = 40;
        const QByteArray requests =
            ("GET /metrics HTTP/1.1\r\nHost: h\r\nX: " + QByteArray(1000, 'x') + "\r\n\r\n").repeated(Count);
        client.send(requests.first(20'500));
        QVERIFY(QTest::qWaitFor([&served] { return served.counters.scrapes > 0; }));
        client.send(requests.sliced(20'500));
        const QByteArray body = bodyOf(*page);
        for (int i = 0; i < Count; ++i) {
            const Response response = client.receive();
            QCOMPARE(response.status, 200);
            QVERIFY(response.body == body);
        }
        QVERIFY(client.received().isEmpty());
        QCOMPARE(served.counters.scrapes, quint64(Count));
        QCOMPARE(client.get("/-/ready").status, 200);
    }

    void aClientThatClosesItsSendingHalfGetsTheWholePage_data()
    {
        QTest::addColumn<int>("pieces");
        QTest::addColumn<QByteArray>("requests");
        QTest::addColumn<int>("answers");
        QTest::newRow("a small page") << 1 << GetMetrics << 1;
        QTest::newRow("a large one") << 200 << GetMetrics << 1;
        QTest::newRow("after which the server closes")
            << 200 << QByteArray("GET /metrics HTTP/1.0\r\n\r\n") << 1;
        QTest::newRow("several large ones") << 200 << GetMetrics.repeated(3) << 3;
    }
    void aClientThatClosesItsSendingHalfGetsTheWholePage()
    {
        QFETCH(int, pieces);
        QFETCH(QByteArray, requests);
        QFETCH(int, answers);
        Served served;
        const auto page = largePage(pieces);
        served.content.plain = page;
        DeafClient client(served);
        client.client.send(requests);
        QCOMPARE(::shutdown(int(client.client.socket().socketDescriptor()), SHUT_WR), 0);
        QTRY_COMPARE(served.counters.scrapes, 1u);
        Client other(served); // the server has had its chance to see the end
        QCOMPARE(other.get("/-/ready").status, 200);
        client.client.socket().setReadBufferSize(0);
        QByteArray received;
        QVERIFY(QTest::qWaitFor(
            [&] {
                received += client.client.socket().readAll();
                return client.client.socket().state() == QTcpSocket::UnconnectedState;
            },
            60'000));
        received += client.client.socket().readAll();
        const QByteArray body = bodyOf(*page);
        for (int i = 0; i < answers; ++i) {
            const qsizetype begin = received.indexOf("\r\n\r\n") + 4;
            QVERIFY(received.mid(begin, body.size()) == body);
            received = received.sliced(begin + body.size());
        }
        QVERIFY(received.isEmpty());
        QTRY_COMPARE(served.service.connections(), 1);
    }

    void anIdleConnectionIsClosed()
    {
        HttpLimits limits;
        limits.idleTimeout = 200ms;
        Served served(limits);
        Client client(served);
        QCOMPARE(client.get("/-/ready").status, 200);
        QVERIFY(client.isClosedByPeer());
        QVERIFY(client.received().isEmpty());
        Client silent(served);
        QVERIFY(silent.isClosedByPeer());
        QTRY_COMPARE(served.service.connections(), 0);
    }

    void aRequestThatDripsIsAnswered408_data()
    {
        QTest::addColumn<QByteArray>("begin");
        QTest::newRow("within the head") << QByteArray("GET / HTTP/1.1\r\nX: ");
        QTest::newRow("behind a whole request")
            << "GET /-/ready HTTP/1.1\r\nHost: h\r\n\r\n" + QByteArray("GET /");
    }
    void aRequestThatDripsIsAnswered408()
    {
        QFETCH(QByteArray, begin);
        HttpLimits limits;
        limits.requestTimeout = 300ms;
        Served served(limits);
        Client client(served);
        client.send(begin);
        if (begin.contains("ready"))
            QCOMPARE(client.receive().status, 200);
        QVERIFY(QTest::qWaitFor([&client] {
            client.send("x"); // a byte now and then wins no time
            return client.received().contains("\r\n\r\n");
        }));
        const Response response = client.receive();
        QCOMPARE(response.status, 408);
        QCOMPARE(response.header("connection"), "close");
        QVERIFY(client.isClosedByPeer());
    }

    void aReaderThatTakesNothingIsDropped()
    {
        HttpLimits limits;
        limits.stallTimeout = 300ms;
        Served served(limits);
        served.content.plain = largePage(300);
        QTest::ignoreMessage(QtWarningMsg,
                             QRegularExpression(QStringLiteral("dropped: it reads its response too")));
        DeafClient client(served);
        client.client.send(GetMetrics);
        QTRY_COMPARE(served.counters.scrapes, 1u);
        QTRY_COMPARE(served.service.connections(), 0);
        QVERIFY(client.isDropped());
    }

    void aReaderThatDripsIsDropped()
    {
        HttpLimits limits;
        limits.stallTimeout = 500ms;
        limits.minReadRate = qint64(1) << 30;
        Served served(limits);
        served.content.plain = largePage(1000);
        QTest::ignoreMessage(QtWarningMsg,
                             QRegularExpression(QStringLiteral("dropped: it reads its response too")));
        DeafClient client(served);
        client.client.socket().setReadBufferSize(50'000);
        client.client.send(GetMetrics);
        QTRY_COMPARE(served.counters.scrapes, 1u);
        QVERIFY(QTest::qWaitFor([&] {
            client.client.socket().read(20'000); // goes on, but too slowly
            return served.service.connections() == 0;
        }));
    }

    void readersShareWhatIsMadeForThem()
    {
        Served served;
        served.content.table = QByteArray(30'000'000, 'x');
        DeafClient first(served);
        DeafClient second(served);
        for (DeafClient *client : {&first, &second})
            client->client.send("GET /apps HTTP/1.1\r\nHost: h\r\n\r\n");
        Client other(served);
        QTRY_COMPARE(served.content.tables, 1);
        QCOMPARE(other.get("/apps").body, served.content.table); // behind the other two
        QCOMPARE(served.content.tables, 1);
    }

    void scrapesDoNotStandInLineWithOtherPages()
    {
        Served served;
        served.content.discoveryTime = 20ms;
        constexpr int Many = 50;
        std::vector<std::unique_ptr<Client>> clients;
        for (int i = 0; i < Many; ++i)
            clients.push_back(std::make_unique<Client>(served));
        Client scraper(served);
        QTRY_COMPARE(served.service.connections(), Many + 1);
        for (int i = 0; i < Many; ++i)
            clients[std::size_t(i)]->send("GET /sd HTTP/1.1\r\nHost: h" + QByteArray::number(i) + "\r\n\r\n");
        QCOMPARE(scraper.get("/metrics").status, 200);
        QVERIFY2(served.content.discoveries < Many / 2,
                 qPrintable(QString::number(served.content.discoveries)));
        QCOMPARE(scraper.get("/-/healthy").status, 200);
        QVERIFY2(served.content.discoveries < Many / 2,
                 qPrintable(QString::number(served.content.discoveries)));
        for (int i = 0; i < Many; ++i)
            QCOMPARE(clients[std::size_t(i)]->receive().body, "[\"h" + QByteArray::number(i) + "\"]\n");
        QCOMPARE(served.content.discoveries, Many);
    }

    void whatManyAskForAtOnceIsMadeOnce()
    {
        Served served;
        served.content.discoveryTime = 20ms;
        constexpr int Many = 50;
        std::vector<std::unique_ptr<Client>> clients;
        for (int i = 0; i < Many; ++i)
            clients.push_back(std::make_unique<Client>(served));
        QTRY_COMPARE(served.service.connections(), Many);
        for (const auto &client : clients)
            client->send("GET /sd HTTP/1.1\r\nHost: h\r\n\r\n");
        for (const auto &client : clients)
            QCOMPARE(client->receive().body, "[\"h\"]\n");
        QVERIFY2(served.content.discoveries < Many / 2,
                 qPrintable(QString::number(served.content.discoveries)));
    }

    void whoLeavesWhileHeWaitsForHisTurnIsForgotten()
    {
        Served served;
        served.content.discoveryTime = 20ms;
        std::vector<std::unique_ptr<Client>> clients;
        for (int i = 0; i < 50; ++i) {
            clients.push_back(std::make_unique<Client>(served));
            clients.back()->send("GET /sd HTTP/1.1\r\nHost: h" + QByteArray::number(i) + "\r\n\r\n");
        }
        QTRY_VERIFY(served.content.discoveries > 0);
        clients.clear();
        QTRY_COMPARE(served.service.connections(), 0);
        Client next(served);
        QCOMPARE(next.get("/metrics").status, 200);
    }

    void whoReadsIsTheLastToBeDroppedForMemory()
    {
        Served served({}, qint64(64) << 20);
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("dropped: it reads")));
        // Reads all the time, but no faster than that.
        served.content.plain = largePage(200);
        const QByteArray body = bodyOf(*served.content.plain);
        DeafClient slow(served);
        slow.client.socket().setReadBufferSize(200'000);
        slow.client.send(GetMetrics);
        QByteArray received;
        const auto readOn = [&] { received += slow.client.socket().read(200'000); };
        QVERIFY(QTest::qWaitFor([&] {
            readOn();
            return received.size() > 5'000'000;
        }));
        // 40 others, each with a page of its own, and each newer than his.
        std::vector<std::unique_ptr<DeafClient>> deaf;
        for (int i = 0; i < 40; ++i) {
            served.content.gzip = FixedContent::page({QByteArray(10'000'000, char('a' + i % 26))});
            deaf.push_back(std::make_unique<DeafClient>(served));
            deaf.back()->client.send(
                "GET /metrics?app=a HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
            QTRY_COMPARE(served.counters.scrapes, quint64(2 + i));
            readOn();
        }
        QTRY_VERIFY(!served.pending.isExceeded());
        QTRY_VERIFY(served.service.connections() < 20);
        QVERIFY(QTest::qWaitFor(
            [&] {
                readOn();
                return received.endsWith(body.right(1000));
            },
            60'000));
        QVERIFY(received.endsWith(body));
    }

    void whileMemoryIsTightPagesBecomeNoMoreWithEachRequest()
    {
        Served served({}, qint64(32) << 20);
        std::vector<std::unique_ptr<DeafClient>> deaf;
        std::vector<std::weak_ptr<const Page>> pages;
        for (int i = 0; i < 20; ++i) {
            served.content.plain = FixedContent::page({QByteArray(20'000'000, char('a' + i))});
            pages.push_back(served.content.plain);
            deaf.push_back(std::make_unique<DeafClient>(served));
            deaf.back()->client.send(GetMetrics);
            QTRY_COMPARE(served.counters.scrapes, quint64(1 + i));
        }
        served.content.plain = FixedContent::page({"x 1\n"});
        QVERIFY(std::count_if(pages.begin(), pages.end(), [](const auto &page) { return !page.expired(); })
                < 10);
        Client other(served);
        QTRY_COMPARE(other.get("/metrics").body, "x 1\n"); // a moment later it is up to date
    }

    void textsThatAreStoredAreNotCountedForTheirReaders()
    {
        Served served({}, qint64(32) << 20);
        const auto stores = largePage(600); // 60 MB, in the store
        served.content.plain = FixedContent::page(stores->parts);
        DeafClient client(served);
        client.client.send(GetMetrics);
        QTRY_COMPARE(served.counters.scrapes, 1u);
        served.content.plain = FixedContent::page({"x 1\n"}); // he has an outdated page now
        QTest::qWait(200);
        QVERIFY(!served.pending.isExceeded());
        QCOMPARE(served.service.connections(), 1);
    }

    void aClientThatDoesNotCloseIsLeft()
    {
        HttpLimits limits;
        limits.lingerTimeout = 200ms;
        Served served(limits);
        DeafClient client(served);
        client.client.send("GET /-/ready HTTP/1.0\r\n\r\n");
        QTRY_COMPARE(served.service.connections(), 0);
        QVERIFY(client.isDropped());
    }

    void withoutDescriptorsTheServerRests()
    {
        Served served;
        {
            Client before(served); // so that accepting has once found nothing, as in real life
            QCOMPARE(before.get("/-/ready").status, 200);
        }
        QTRY_COMPARE(served.service.connections(), 0);
        QTcpSocket sockets[3];
        for (QTcpSocket &socket : sockets) {
            socket.connectToHost(QHostAddress(QHostAddress::LocalHost), served.service.port());
            QVERIFY(socket.waitForConnected()); // into the kernel's queue
        }
        rlimit usual{};
        QCOMPARE(::getrlimit(RLIMIT_NOFILE, &usual), 0);
        const int lowestFree = ::dup(0);
        ::close(lowestFree);
        const rlimit none{rlim_t(lowestFree), usual.rlim_max};
        QTest::ignoreMessage(QtWarningMsg,
                             QRegularExpression(QStringLiteral("^cannot accept on 127.0.0.1:\\d+ for now")));
        QCOMPARE(::setrlimit(RLIMIT_NOFILE, &none), 0);
        const std::clock_t begin = std::clock();
        QTest::qWait(500);
        const double used = double(std::clock() - begin) / CLOCKS_PER_SEC;
        QCOMPARE(::setrlimit(RLIMIT_NOFILE, &usual), 0);
        QVERIFY2(used < 0.25, "accepting spins");
        QCOMPARE(served.service.connections(), 0);
        QTRY_COMPARE(served.service.connections(), 3);
        const auto &failures = served.counters.httpAcceptFailures.counts;
        QVERIFY(failures[0].load() > 0); // no_descriptors
        QCOMPARE(failures[1].load(), 0u);
    }

    void aBurstOfConnectionsIsAccepted()
    {
        Served served;
        constexpr int Burst = 400;
        std::vector<std::unique_ptr<QTcpSocket>> sockets;
        for (int i = 0; i < Burst; ++i) {
            sockets.push_back(std::make_unique<QTcpSocket>());
            sockets.back()->connectToHost(QHostAddress(QHostAddress::LocalHost), served.service.port());
        }
        QTRY_COMPARE(served.service.connections(), Burst);
        sockets.clear();
        QTRY_COMPARE(served.service.connections(), 0);
    }
};

QTEST_GUILESS_MAIN(TestHttpLimits)
#include "tst_httplimits.moc"
