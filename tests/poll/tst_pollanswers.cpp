// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/poll/polling.h"
#include "tests/poll/rawserver.h"

#include <QSocketNotifier>
#include <QTest>
#include <sys/socket.h>

using namespace ExporterProxy;
using namespace std::chrono_literals;

namespace {

constexpr int Patience = 20'000;

/// How a server ends a connection behind its answer.
enum class Ending { Close, Reset, Open };

void endConnection(QTcpSocket *socket, Ending ending)
{
    if (ending == Ending::Open)
        return;
    if (ending == Ending::Close)
        return socket->disconnectFromHost();
    socket->flush();
    const linger none{1, 0};
    ::setsockopt(int(socket->socketDescriptor()), SOL_SOCKET, SO_LINGER, &none, sizeof none);
    socket->abort();
}

} // namespace

Q_DECLARE_METATYPE(Ending)

/// Answers as raw bytes: what is taken, and what is not to be believed.
class TestPollAnswers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void framingThatCannotBeBelievedIsAFailure_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<Ending>("ending");
        QTest::addColumn<QByteArray>("reason");
        const auto row = [](const char *name, const QByteArray &answer, Ending ending,
                            const QByteArray &reason) { QTest::newRow(name) << answer << ending << reason; };
        const QByteArray ok = "HTTP/1.1 200 OK\r\n";
        const QByteArray chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
        const QByteArray cut = "connection closed before the answer was complete";
        const QByteArray wrongChunk = "the answer has a malformed chunk size: ";
        const QByteArray wrongLength = "the answer has a malformed Content-Length: ";

        row("no length, reset", ok + "\r\nx 2\n", Ending::Reset,
            "connection reset before the answer was complete");
        row("no length, HTTP/1.0, reset", "HTTP/1.0 200 OK\r\n\r\nx 2\n", Ending::Reset,
            "connection reset before the answer was complete");
        row("fewer bytes than its length", ok + "Content-Length: 5\r\n\r\nx 2\n", Ending::Close, cut);
        row("fewer bytes than its length, reset", ok + "Content-Length: 5\r\n\r\nx 2\n", Ending::Reset, cut);
        row("a length that is a word", ok + "Content-Length: abc\r\n\r\nx 2\n", Ending::Close,
            wrongLength + "abc");
        row("an empty length", ok + "Content-Length:\r\n\r\nx 2\n", Ending::Close, wrongLength);
        row("a negative length", ok + "Content-Length: -4\r\n\r\nx 2\n", Ending::Close, wrongLength + "-4");
        row("a length with a sign", ok + "Content-Length: +4\r\n\r\nx 2\n", Ending::Close,
            wrongLength + "+4");
        row("a length with a unit", ok + "Content-Length: 4 bytes\r\n\r\nx 2\n", Ending::Close,
            wrongLength + "4 bytes");
        row("a hexadecimal length", ok + "Content-Length: 0x4\r\n\r\nx 2\n", Ending::Close,
            wrongLength + "0x4");
        row("a length of 2^64", ok + "Content-Length: 18446744073709551616\r\n\r\nx 2\n", Ending::Close,
            wrongLength + "18446744073709551616");
        row("a list of lengths", ok + "Content-Length: 4, 4\r\n\r\nx 2\n", Ending::Close,
            wrongLength + "4, 4");
        row("two lengths", ok + "Content-Length: 4\r\nContent-Length: 2\r\n\r\nx 2\n", Ending::Close,
            "the answer has two lengths: 4 and 2");
        row("a length, and chunked",
            ok + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nx 2\n\r\n0\r\n\r\n",
            Ending::Close, "the answer has a Content-Length, and is chunked as well");
        row("chunked, and a length",
            ok + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n4\r\nx 2\n\r\n0\r\n\r\n",
            Ending::Close, "the answer has a Content-Length, and is chunked as well");
        row("a chunk size that is a word", chunked + "xyz\r\nx 2\n\r\n0\r\n\r\n", Ending::Close,
            wrongChunk + "xyz");
        row("a negative chunk size", chunked + "-4\r\nx 2\n\r\n0\r\n\r\n", Ending::Close, wrongChunk + "-4");
        row("a chunk size with a sign", chunked + "+4\r\nx 2\n\r\n0\r\n\r\n", Ending::Close,
            wrongChunk + "+4");
        row("an empty chunk size", chunked + "\r\nx 2\n\r\n0\r\n\r\n", Ending::Close, wrongChunk);
        row("a chunk size as C writes it", chunked + "0x4\r\nx 2\n\r\n0\r\n\r\n", Ending::Close,
            wrongChunk + "0x4");
        row("a chunk size behind a blank", chunked + " 4\r\nx 2\n\r\n0\r\n\r\n", Ending::Close,
            wrongChunk + " 4");
        row("a chunk size of 2^63", chunked + "8000000000000000\r\nx 2\n\r\n0\r\n\r\n", Ending::Close,
            wrongChunk + "8000000000000000");
        row("a chunk size of 2^64", chunked + "10000000000000000\r\nx 2\n\r\n0\r\n\r\n", Ending::Close,
            wrongChunk + "10000000000000000");
        row("a chunk size that ends in a lone LF", chunked + "4\nx 2\n\r\n0\r\n\r\n", Ending::Close,
            wrongChunk + '4');
        row("an endless chunk size", chunked + QByteArray(300, '0'), Ending::Open,
            "the answer has an endless chunk size");
        row("a chunk with nothing behind it", chunked + "4\r\nx 2\n0\r\n\r\n", Ending::Close,
            "a chunk of the answer is not as long as it says");
        row("a chunk longer than its size", chunked + "2\r\nx 2\n\r\n0\r\n\r\n", Ending::Close,
            "a chunk of the answer is not as long as it says");
        row("a chunk shorter than its size", chunked + "5\r\nx 2\n\r\n0\r\n\r\n", Ending::Close,
            "a chunk of the answer is not as long as it says");
        row("a chunk that is cut", chunked + "40\r\nx 2\n", Ending::Close, cut);
        row("no last chunk", chunked + "4\r\nx 2\n\r\n", Ending::Close, cut);
        row("no last chunk, reset", chunked + "4\r\nx 2\n\r\n", Ending::Reset, cut);
        row("no end of the last chunk", chunked + "4\r\nx 2\n\r\n0\r\n", Ending::Close, cut);
        row("an endless trailer", chunked + "0\r\n" + QByteArray("A: b\r\n").repeated(50'000), Ending::Open,
            "the answer's trailer is larger than 256 KiB");
        row("gzip, chunked as transfer coding",
            ok + "Transfer-Encoding: gzip, chunked\r\n\r\n4\r\nx 2\n\r\n0\r\n\r\n", Ending::Close,
            "the answer has a Transfer-Encoding that is not understood: gzip, chunked");
        row("identity as transfer coding", ok + "Transfer-Encoding: identity\r\n\r\nx 2\n", Ending::Close,
            "the answer has a Transfer-Encoding that is not understood: identity");
        row("chunked twice",
            ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nx 2\n\r\n0\r\n\r\n",
            Ending::Close, "the answer has a Transfer-Encoding that is not understood: chunked");
        row("chunked in HTTP/1.0",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nx 2\n\r\n0\r\n\r\n", Ending::Close,
            "the answer has a Transfer-Encoding that is not understood: chunked");
        row("no HTTP", "x 2\n", Ending::Open, "the answer is not HTTP");
        row("another version of HTTP", "HTTP/2.0 200 OK\r\n\r\nx 2\n", Ending::Close,
            "the answer is of another version of HTTP: HTTP/2.0");
        row("no status", "HTTP/1.1\r\n\r\nx 2\n", Ending::Close,
            "the answer begins with a malformed status line: HTTP/1.1");
        row("a status of four digits", "HTTP/1.1 2000 OK\r\n\r\nx 2\n", Ending::Close,
            "the answer begins with a malformed status line: HTTP/1.1 2000 OK");
        row("a header without a colon", ok + "Content-Length\r\n\r\nx 2\n", Ending::Close,
            "the answer has a malformed header line: Content-Length");
        row("a trailer without a colon", chunked + "4\r\nx 2\n\r\n0\r\nno field\r\n\r\n", Ending::Close,
            "the answer has a malformed header line: no field");
        row("a chunk size with a blank before its extension", chunked + "4 ;a=b\r\nx 2\n\r\n0\r\n\r\n",
            Ending::Close, wrongChunk + "4 ;a=b");
        row("a NUL in a header", ok + "X-A: a" + QByteArray(1, '\0') + "b\r\n\r\nx 2\n", Ending::Close,
            "the answer has a control character in its header X-A");
        row("a cut head", ok + "Content-Length: 4\r\n", Ending::Close, cut);
        row("an endless header line", ok + "X-A: " + QByteArray(400 << 10, 'a'), Ending::Open,
            "the answer's head is larger than 256 KiB");
        row("endless headers", ok + QByteArray("X-A: b\r\n").repeated(50'000), Ending::Open,
            "the answer's head is larger than 256 KiB");
        row("endless interim answers", QByteArray("HTTP/1.1 103 Early Hints\r\n\r\n").repeated(20'000),
            Ending::Open, "the answer's head is larger than 256 KiB");
        row("nothing but an interim answer", "HTTP/1.1 103 Early Hints\r\n\r\n", Ending::Close, cut);
        row("a switch of protocols", "HTTP/1.1 101 Switching Protocols\r\n\r\n", Ending::Open,
            "status 101 Switching Protocols");
    }
    void framingThatCannotBeBelievedIsAFailure()
    {
        QFETCH(QByteArray, answer);
        QFETCH(Ending, ending);
        QFETCH(QByteArray, reason);
        int requests = 0;
        RawServer server([&](QTcpSocket *socket, const QByteArray &) {
            const bool isFirst = ++requests == 1;
            socket->write(isFirst ? RawServer::ok("x 1\n") : answer);
            endConnection(socket, isFirst ? Ending::Open : ending);
        });
        Polling polling;
        polling.add("a", server.url(), 50ms);
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.failures("a") > 0, Patience);
        QCOMPARE(polling.app("a")->lastErrorReason, reason);
        QCOMPARE(polling.app("a")->text, "x 1\n");
        QCOMPARE(polling.updates("a"), 1u);
        QCOMPARE(appStateAt(*polling.app("a"), wallClock()), AppState::Failing);
    }

    void whatPrometheusTakesIsTaken_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<Ending>("ending");
        const auto row = [](const char *name, const QByteArray &answer, Ending ending = Ending::Open) {
            QTest::newRow(name) << answer << ending;
        };
        const QByteArray ok = "HTTP/1.1 200 OK\r\n";
        const QByteArray chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
        row("103 before it", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + RawServer::ok("x 2\n"));
        row("100 and 102 before it",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + RawServer::ok("x 2\n"));
        QByteArray many;
        for (int i = 0; i < 1000; ++i)
            many += "X-H" + QByteArray::number(i) + ": value\r\n";
        row("a thousand headers", RawServer::ok("x 2\n", many));
        row("a header line of 200 KB", RawServer::ok("x 2\n", "X-A: " + QByteArray(200'000, 'a') + "\r\n"));
        row("a blank before the colon", ok + "Content-Length : 4\r\n\r\nx 2\n");
        row("a chunk size with blanks behind it", chunked + "4 \t\r\nx 2\n\r\n0\r\n\r\n");
        row("the same length twice", RawServer::ok("x 2\n", "content-length: 4\r\n"));
        row("a folded header", RawServer::ok("x 2\n", "X-A: a,\r\n b\r\n"));
        row("lines of the head that end in a lone LF", "HTTP/1.1 200 OK\nContent-Length: 4\n\nx 2\n");
        row("a chunk size with zeros and an extension", chunked + "0004;name=\"v\"\r\nx 2\n\r\n0\r\n\r\n");
        row("a trailer", chunked + "4\r\nx 2\n\r\n0\r\nX-Checksum: 1\r\n\r\n");
        row("CHUNKED", ok + "Transfer-Encoding: CHUNKED\r\n\r\n4\r\nx 2\n\r\n0\r\n\r\n");
        row("more bytes than its length", RawServer::ok("x 2\n") + "HTTP/1.1 500 No\r\n\r\n");
        row("a length, and reset behind it", RawServer::ok("x 2\n"), Ending::Reset);
        row("until an orderly end", ok + "\r\nx 2\n", Ending::Close);
        row("a status without words", "HTTP/1.1 200\r\nContent-Length: 4\r\n\r\nx 2\n");
    }
    void whatPrometheusTakesIsTaken()
    {
        QFETCH(QByteArray, answer);
        QFETCH(Ending, ending);
        RawServer server([&](QTcpSocket *socket, const QByteArray &) {
            socket->write(answer);
            endConnection(socket, ending);
        });
        Polling polling;
        polling.add("a", server.url(), 50ms);
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.updates("a") >= 3, Patience);
        QCOMPARE(polling.app("a")->text, "x 2\n");
        QCOMPARE(polling.failures("a"), 0u);
    }

    void nothingDependsOnHowAnAnswerIsCut()
    {
        const QByteArray answer = "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nX-A: a,\r\n b\r\n"
                                  "Transfer-Encoding: chunked\r\n\r\n4\r\nx 2\n\r\n0\r\nA: b\r\n\r\n";
        ResponseReader reader(1000);
        QByteArray body;
        ResponseReader::Event event = ResponseReader::Event::NeedMore;
        for (const char &c : answer) {
            QByteArrayView input(&c, 1);
            do {
                event = reader.next(input);
                if (event == ResponseReader::Event::Body)
                    body += reader.body().toByteArray();
                QVERIFY2(event != ResponseReader::Event::Fault, reader.fault().constData());
            } while (!input.isEmpty());
        }
        QCOMPARE(event, ResponseReader::Event::End);
        QCOMPARE(body, "x 2\n");
        QCOMPARE(reader.head().field("x-a"), "a,   b");
    }

    void aConnectionIsKeptAndUsedAgain()
    {
        RawServer server(RawServer::always(RawServer::ok("x 1\n"), false));
        Polling polling;
        polling.add("a", server.url(), 20ms);
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.updates("a") >= 10, Patience);
        QCOMPARE(server.connections, 1);
    }

    void aConnectionThatIsKeptIsNotWatched()
    {
        RawServer server(RawServer::always(RawServer::ok("x 1\n"), false));
        EndpointManager manager({}, true);
        EndpointReply *reply = manager.fetch(QNetworkRequest(QUrl(QString::fromUtf8(server.url()))));
        QTRY_VERIFY_WITH_TIMEOUT(reply->isFinished(), Patience);
        delete reply;
        const auto notifiers = manager.findChildren<QSocketNotifier *>();
        QVERIFY(!notifiers.isEmpty());
        for (const QSocketNotifier *notifier : notifiers)
            QVERIFY(!notifier->isEnabled());
    }

    void aHostThatDoesNotAnswerIsTriedByIpv4Too()
    {
        // A full queue of connections: the kernel drops what comes beyond, as a network that leads nowhere.
        QTcpServer server;
        server.setListenBacklogSize(1);
        QVERIFY(server.listen(QHostAddress::LocalHost));
        server.pauseAccepting();
        std::vector<std::unique_ptr<QTcpSocket>> crowd;
        for (int i = 0; i < 8; ++i) {
            crowd.push_back(std::make_unique<QTcpSocket>());
            crowd.back()->connectToHost(QHostAddress::LocalHost, server.serverPort());
        }
        QTRY_VERIFY_WITH_TIMEOUT(crowd.front()->state() == QAbstractSocket::ConnectedState, Patience);
        EndpointManager manager({}, true);
        EndpointReply *reply = manager.fetch(
            QNetworkRequest(QUrl(QStringLiteral("http://localhost:%1/metrics").arg(server.serverPort()))));
        QTRY_COMPARE_WITH_TIMEOUT(manager.findChildren<QTcpSocket *>().size(), 2, Patience);

        connect(&server, &QTcpServer::newConnection, &server, [&server] {
            while (QTcpSocket *socket = server.nextPendingConnection())
                connect(socket, &QTcpSocket::readyRead, socket,
                        [socket] { socket->write(RawServer::ok("x 1\n")); });
        });
        crowd.clear();
        server.resumeAccepting();
        QTRY_VERIFY_WITH_TIMEOUT(reply->isFinished(), Patience);
        QCOMPARE(reply->error(), QNetworkReply::NoError);
        QCOMPARE(reply->readAll(), "x 1\n");
        QTRY_COMPARE_WITH_TIMEOUT(manager.findChildren<QTcpSocket *>().size(), 1, Patience);
    }

    void aConnectionThatIsUsedRarelyIsNotKept()
    {
        RawServer server(RawServer::always(RawServer::ok("x 1\n"), false));
        Polling polling;
        polling.add("a", server.url(), 1h);
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.updates("a") == 1, Patience);
        QVERIFY(server.heads.value(0).contains("Connection: close"));
    }

    void aServerThatClosesWhatIsIdleCostsNoPoll()
    {
        // The answer says that the connection stays, and then it is closed: at once, or when it is used
        // again.
        int requests = 0;
        RawServer server([&](QTcpSocket *socket, const QByteArray &) {
            if (++requests % 3 != 2)
                socket->write(RawServer::ok("x 1\n"));
            if (requests % 3 != 1)
                socket->disconnectFromHost();
        });
        Polling polling;
        polling.add("a", server.url(), 20ms);
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.updates("a") >= 10, Patience);
        QCOMPARE(polling.failures("a"), 0u);
        QVERIFY(requests >= 12);
    }

    void afterATimeoutTheNextPollConnectsAnew()
    {
        // The first connection serves one request and is dead from then on.
        RawServer *known = nullptr;
        RawServer server([&](QTcpSocket *socket, const QByteArray &) {
            if (known->connections > 1 || known->heads.size() == 1)
                socket->write(RawServer::ok("x 1\n"));
        });
        known = &server;
        Polling polling;
        polling.add("a", server.url(), 100ms, 300ms);
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.updates("a") >= 4, Patience);
        QCOMPARE(polling.errors("a", PollFailure::Timeout), 1u);
        QCOMPARE(server.connections, 2);
    }
};

QTEST_GUILESS_MAIN(TestPollAnswers)
#include "tst_pollanswers.moc"
