// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/client/daemonclient.h"

#include "tests/gui/daemonprocess.h"
#include "tests/poll/rawserver.h"
#include "tests/wire/json.h"

#include <QFile>
#include <QSignalSpy>
#include <QSslKey>
#include <QSslServer>
#include <QTemporaryDir>
#include <QTest>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Kind = DaemonState::Kind;

namespace {

constexpr int Patience = 30'000;
const QByteArray Listing = json("{'now':'2022-05-22T23:51:52Z','apps':[{'name':'a','state':'late'}]}");

DaemonAddress addressOf(const QString &url)
{
    return DaemonAddress::parse(url).value();
}

/// A client of a server, and what it signalled.
struct Watching
{
    explicit Watching(const DaemonAddress &address)
        : client(address, parser)
    {
    }
    explicit Watching(const RawServer &server)
        : Watching(addressOf(QString::fromLatin1(server.url(""))))
    {
        client.setInterval(100ms);
    }

    Kind kind() const { return client.state().kind; }

    ListingParser parser;
    DaemonClient client;
    QSignalSpy arrived{&client, &DaemonClient::listingArrived};
    QSignalSpy states{&client, &DaemonClient::stateChanged};
    QSignalSpy wanted{&client, &DaemonClient::credentialsWanted};
};

} // namespace

class TestDaemonClient : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aRealDaemonIsWatched()
    {
        DaemonProcess daemon;
        QVERIFY(daemon.start());
        daemon.push(json("{'shop':'x 1\\ny 2\\n'}"));
        Watching w(addressOf(daemon.url()));
        w.client.setInterval(100ms);
        QCOMPARE(w.kind(), Kind::Stopped);
        w.client.start();
        QCOMPARE(w.kind(), Kind::Connecting);
        QTRY_VERIFY_WITH_TIMEOUT(w.client.listing() && w.client.listing()->apps.size() == 1, Patience);
        QCOMPARE(w.kind(), Kind::Connected);
        QVERIFY(w.client.state().lastAnswer != Never);
        const AppRecord app = w.client.listing()->apps.front();
        QCOMPARE(app.name, u"shop"_s);
        QCOMPARE(app.series, 2);
        QCOMPARE(app.updates, 1u);

        daemon.push(json("{'till':'x 1\\n'}"));
        QTRY_COMPARE_WITH_TIMEOUT(w.client.listing()->apps.size(), 2u, Patience);
        QCOMPARE(w.client.listing()->apps.back().name, u"till"_s);
    }

    void aDaemonThatDiesAndComesBackIsFoundAgain()
    {
        DaemonProcess daemon;
        QVERIFY(daemon.start());
        daemon.push(json("{'before':'x 1\\n'}"));
        Watching w(addressOf(daemon.url()));
        w.client.setInterval(100ms);
        w.client.start();
        QTRY_VERIFY_WITH_TIMEOUT(w.client.listing() && !w.client.listing()->apps.empty(), Patience);

        daemon.kill();
        QTRY_COMPARE_WITH_TIMEOUT(w.kind(), Kind::Waiting, Patience);
        QTRY_VERIFY_WITH_TIMEOUT(w.client.state().reason.startsWith(u"connection refused"_s), Patience);
        QVERIFY(w.client.state().retryAt > BootClock::time_point());
        QCOMPARE(w.client.listing()->apps.front().name, u"before"_s);

        QVERIFY(daemon.start()); // on the ports that it had
        daemon.push(json("{'after':'x 1\\n'}"));
        QTRY_COMPARE_WITH_TIMEOUT(w.kind(), Kind::Connected, Patience);
        QTRY_COMPARE_WITH_TIMEOUT(w.client.listing()->apps.front().name, u"after"_s, Patience);
        QCOMPARE(w.client.state().failures, 0);
        QVERIFY(w.client.state().reason.isEmpty());
    }

    void whatIsUnchangedIsNotSentAgain()
    {
        int full = 0;
        RawServer server([&full](QTcpSocket *socket, const QByteArray &head) {
            if (head.contains("If-None-Match: \"one\""))
                return void(socket->write("HTTP/1.1 304 Not Modified\r\nETag: \"one\"\r\n\r\n"));
            ++full;
            socket->write(RawServer::ok(Listing, "ETag: \"one\"\r\n"));
        });
        Watching w(server);
        w.client.start();
        QTRY_VERIFY_WITH_TIMEOUT(server.heads.size() >= 4, Patience);
        QCOMPARE(full, 1);
        QCOMPARE(w.arrived.size(), 1);
        QCOMPARE(w.states.size(), 2); // connecting, connected
        QCOMPARE(server.connections, 1);
        QVERIFY(server.heads[0].startsWith("GET /apps HTTP/1.1\r\n"));
        QVERIFY(server.heads[0].contains("Accept: application/json\r\n"));
        QVERIFY(!server.heads[0].contains("If-None-Match"));
    }

    void theSecondAnswerReplacesTheFirst()
    {
        int answers = 0;
        RawServer server([&answers](QTcpSocket *socket, const QByteArray &) {
            ++answers;
            QByteArray listing = Listing;
            socket->write(RawServer::ok(listing.replace("\"a\"", '"' + QByteArray::number(answers) + '"'),
                                        "ETag: \"" + QByteArray::number(answers) + "\"\r\n"));
        });
        Watching w(server);
        w.client.start();
        QTRY_VERIFY_WITH_TIMEOUT(w.arrived.size() >= 3, Patience);
        QVERIFY(server.heads[2].contains("If-None-Match: \"2\"\r\n"));
    }

    void whatFailsIsSaidInWords_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<bool>("close");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char *name, const QByteArray &answer, const QString &reason,
                            bool close = true) { QTest::newRow(name) << answer << close << reason; };
        row("HTML", RawServer::ok("<html><body>Login</body></html>"),
            u"not an exporter-proxy: not JSON: it begins with \"<html>"_s);
        row("other JSON", RawServer::ok("{\"status\":\"up\"}"),
            u"not an exporter-proxy: JSON, but not of an exporter-proxy: no \"apps\""_s);
        row("malformed JSON", RawServer::ok("{\"apps\":[}"), u"not an exporter-proxy: not JSON: malformed"_s);
        row("nothing", RawServer::ok(""), u"not an exporter-proxy: not JSON: the answer is empty"_s);
        row("a close in place of an answer", "", u"it closed the connection without a whole answer"_s);
        row("a close in the body", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"now\":",
            u"it closed the connection without a whole answer"_s);
        row("404", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            u"it answers with status 404 Not Found"_s);
        row("500", "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nbody",
            u"it answers with status 500 Oops"_s);
        row("304 without a question", "HTTP/1.1 304 Not Modified\r\n\r\n",
            u"it answers with status 304 Not Modified"_s);
        row("a redirect",
            "HTTP/1.1 302 Found\r\nLocation: http://login.example/?a\r\nContent-Length: 0\r\n\r\n",
            u"302: it sends us on to http://login.example/?a"_s);
        row("more than fits, announced", "HTTP/1.1 200 OK\r\nContent-Length: 68719476736\r\n\r\n{",
            u"the answer is larger than 64 MiB"_s, false);
        row("an encoding nobody asked for", RawServer::ok("x", "Content-Encoding: br\r\n"),
            u"encoded in a way that was not asked for"_s);
        row("what calls itself gzip", RawServer::ok(Listing, "Content-Encoding: gzip\r\n"),
            u"the compressed answer is damaged"_s);
        row("authentication of another kind",
            "HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n",
            u"401: it wants a kind of authentication"_s);
    }
    void whatFailsIsSaidInWords()
    {
        QFETCH(QByteArray, answer);
        QFETCH(bool, close);
        QFETCH(QString, reason);
        RawServer server(RawServer::always(answer, close));
        Watching w(server);
        w.client.start();
        QTRY_COMPARE_WITH_TIMEOUT(w.kind(), Kind::Waiting, Patience);
        QVERIFY2(w.client.state().reason.contains(reason), qPrintable(w.client.state().reason));
        QVERIFY(!w.client.listing());
        QCOMPARE(w.arrived.size(), 0);
        QCOMPARE(w.client.state().failures, 1);
    }

    void nobodyListens()
    {
        quint16 port = 0;
        {
            QTcpServer server;
            QVERIFY(server.listen(QHostAddress::LocalHost));
            port = server.serverPort();
        }
        Watching w(addressOf(u"127.0.0.1:%1"_s.arg(port)));
        w.client.start();
        QTRY_COMPARE_WITH_TIMEOUT(w.kind(), Kind::Waiting, Patience);
        QVERIFY(w.client.state().reason.startsWith(u"connection refused"_s));
    }

    void noSuchHost()
    {
        Watching w(addressOf(u"no-such-host.invalid"_s));
        w.client.start();
        QTRY_COMPARE_WITH_TIMEOUT(w.kind(), Kind::Waiting, Patience);
        QCOMPARE(w.client.state().reason, u"host not found: no-such-host.invalid"_s);
    }

    void aCertificateThatIsNotTrustedIsExplained()
    {
        const QTemporaryDir folder;
        QProcess openssl;
        openssl.setWorkingDirectory(folder.path());
        openssl.start(
            u"openssl"_s,
            u"req -x509 -newkey rsa:2048 -nodes -subj /CN=a.test -addext subjectAltName=IP:127.0.0.1 "
            "-days 2 -keyout key.pem -out certificate.pem"_s.split(u' '));
        QVERIFY(openssl.waitForFinished(Patience));
        QFile key(folder.filePath(u"key.pem"_s));
        QVERIFY2(key.open(QIODevice::ReadOnly), openssl.readAllStandardError().constData());
        QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
        tls.setLocalCertificate(QSslCertificate::fromPath(folder.filePath(u"certificate.pem"_s)).value(0));
        tls.setPrivateKey(QSslKey(&key, QSsl::Rsa));
        QSslServer server;
        server.setSslConfiguration(tls);
        QVERIFY(server.listen(QHostAddress::LocalHost));
        Watching w(addressOf(u"https://127.0.0.1:%1"_s.arg(server.serverPort())));
        w.client.start();
        QTRY_COMPARE_WITH_TIMEOUT(w.kind(), Kind::Waiting, Patience);
        QCOMPARE(w.client.state().reason,
                 u"certificate: self-signed, of a.test; this computer does not trust it"_s);
    }

    void plainHttpIsNoTls()
    {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        connect(&server, &QTcpServer::newConnection, this, [&server] {
            QTcpSocket *socket = server.nextPendingConnection();
            socket->write("HTTP/1.1 400 Bad Request\r\n\r\n");
        });
        Watching w(addressOf(u"https://127.0.0.1:%1"_s.arg(server.serverPort())));
        w.client.start();
        QTRY_COMPARE_WITH_TIMEOUT(w.kind(), Kind::Waiting, Patience);
        QVERIFY2(w.client.state().reason.startsWith(u"no TLS connection: "_s),
                 qPrintable(w.client.state().reason));
    }

    void aStreamWithoutEndIsCut()
    {
        RawServer server([](QTcpSocket *socket, const QByteArray &) {
            socket->write("HTTP/1.1 200 OK\r\n\r\n");
            const auto more = [socket] {
                while (socket->bytesToWrite() < (1 << 20))
                    socket->write(QByteArray(1 << 18, ' '));
            };
            connect(socket, &QIODevice::bytesWritten, socket, more);
            more();
        });
        Watching w(server);
        w.client.start();
        QTRY_COMPARE_WITH_TIMEOUT(w.kind(), Kind::Waiting, Patience);
        QVERIFY2(w.client.state().reason.contains(u"larger than 64 MiB"_s),
                 qPrintable(w.client.state().reason));
    }

    void aServerThatDripsIsTimedOut()
    {
        RawServer server([](QTcpSocket *socket, const QByteArray &) {
            socket->write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
            auto *drip = new QTimer(socket);
            connect(drip, &QTimer::timeout, socket, [socket] { socket->write(" "); });
            drip->start(100);
        });
        Watching w(server);
        w.client.start();
        QTRY_COMPARE_WITH_TIMEOUT(w.kind(), Kind::Waiting, Patience);
        QVERIFY2(w.client.state().reason.startsWith(u"timed out: no whole answer"_s),
                 qPrintable(w.client.state().reason));
    }

    void whatIsWantedIsAskedForOnceAndKept()
    {
        const QByteArray right = "Authorization: Basic " + QByteArray("me:s\xC3\xA4sam").toBase64() + "\r\n";
        RawServer server([right](QTcpSocket *socket, const QByteArray &head) {
            if (head.contains(right))
                socket->write(RawServer::ok(Listing));
            else
                socket->write(
                    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"the \x1b[1mhall\", "
                    "charset=\"UTF-8\"\r\nContent-Length: 0\r\n\r\n");
        });
        Watching w(server);
        w.client.start();
        QTRY_COMPARE_WITH_TIMEOUT(w.kind(), Kind::Failed, Patience);
        QCOMPARE(w.client.state().reason, u"401: it wants a user name and password"_s);
        QCOMPARE(w.wanted.size(), 1);
        QCOMPARE(w.wanted[0][0].toString(), u"the \\u001b[1mhall"_s);
        QCOMPARE(server.heads.size(), 1); // and no more without a request of the user

        w.client.setCredentials(u"me"_s, u"wrong"_s);
        QTRY_COMPARE_WITH_TIMEOUT(w.wanted.size(), 2, Patience);
        QCOMPARE(w.kind(), Kind::Failed);
        QCOMPARE(w.client.state().reason, u"401: user name or password are wrong"_s);
        QCOMPARE(server.heads.size(), 2);

        w.client.setCredentials(u"me"_s, u"s\u00e4sam"_s);
        QTRY_VERIFY_WITH_TIMEOUT(server.heads.size() >= 5, Patience);
        QCOMPARE(w.kind(), Kind::Connected);
        QCOMPARE(w.wanted.size(), 2);

        const auto fetch = w.client.fetchMetrics(u"a"_s);
        QTRY_VERIFY_WITH_TIMEOUT(fetch->isFinished(), Patience);
        QVERIFY2(fetch->answer(), "it failed");
    }

    void afterStopNothingIsAskedOrTold()
    {
        RawServer server(
            [](QTcpSocket *socket, const QByteArray &) { socket->write(RawServer::ok(Listing)); });
        Watching w(server);
        w.client.start();
        QTRY_VERIFY_WITH_TIMEOUT(!server.heads.isEmpty(), Patience);
        w.client.stop();
        w.states.clear();
        w.arrived.clear();
        const qsizetype asked = server.heads.size();
        RawServer otherServer(
            [](QTcpSocket *socket, const QByteArray &) { socket->write(RawServer::ok(Listing)); });
        Watching other(otherServer); // a client that was not stopped has asked again by then
        other.client.start();
        QTRY_VERIFY_WITH_TIMEOUT(otherServer.heads.size() >= 2, Patience);
        QCOMPARE(server.heads.size(), asked);
        QCOMPARE(w.states.size() + w.arrived.size(), 0);
        QCOMPARE(w.kind(), Kind::Stopped);
        w.client.refreshNow();
        QCOMPARE(w.kind(), Kind::Stopped);
        w.client.start();
        QTRY_COMPARE_WITH_TIMEOUT(w.kind(), Kind::Connected, Patience);
    }

    void askingNowDoesNotWaitForTheBackoff()
    {
        int answers = 0;
        RawServer server([&answers](QTcpSocket *socket, const QByteArray &) {
            ++answers;
            socket->write(answers == 1 ? "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"
                                       : RawServer::ok(Listing));
        });
        Watching w(server);
        w.client.setInterval(1h);
        w.client.start();
        QTRY_COMPARE_WITH_TIMEOUT(w.kind(), Kind::Waiting, Patience);
        w.client.refreshNow();
        QTRY_COMPARE_WITH_TIMEOUT(w.kind(), Kind::Connected, Patience);
        QCOMPARE(answers, 2);
    }

    void aClientMayGoWhileItsAnswerIsRead()
    {
        QByteArray apps;
        for (int i = 0; i < 20'000; ++i)
            apps += (i ? ",{\"name\":\"" : "{\"name\":\"") + QByteArray::number(i) + "\",\"state\":\"late\"}";
        ListingParser parser;
        auto context = std::make_unique<QObject>();
        bool called = false;
        parser.parse("{\"now\":\"2022-05-22T23:51:52Z\",\"apps\":[" + apps + "]}", context.get(),
                     [&called](const AppsReading &) { called = true; });
        context.reset();
        QObject other;
        int last = 0;
        parser.parse(Listing, &other, [&last](const AppsReading &reading) {
            last = reading.listing ? int(reading.listing->apps.size()) : -1;
        });
        QTRY_COMPARE_WITH_TIMEOUT(last, 1, Patience);
        QVERIFY(!called);
    }

    void metricsAreFetched()
    {
        RawServer server(RawServer::always(RawServer::ok("x{a=\"\xC3\xA4\"} 1\n"), false));
        Watching w(server);
        const auto fetch = w.client.fetchMetrics(u"a/b \u00e4"_s);
        QVERIFY(!fetch->isFinished());
        QSignalSpy finished(fetch.get(), &MetricsFetch::finished);
        QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, Patience);
        QCOMPARE(fetch->answer().value().bytes, "x{a=\"\xC3\xA4\"} 1\n");
        QVERIFY2(fetch->answer(), "it failed");
        QVERIFY(!fetch->answer().value().isCut);
        QVERIFY(server.heads[0].startsWith("GET /apps/a%2Fb%20%C3%A4/metrics HTTP/1.1\r\n"));
    }

    void metricsThatAreNotThereAreExplained_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<QString>("fault");
        QTest::newRow("unknown") << QByteArray("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                                 << u"the daemon does not know this application"_s;
        QTest::newRow("expired") << QByteArray(
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 25\r\n\r\n"
            "expired: silent for 2 h.\n")
                                 << u"expired: silent for 2 h."_s;
        QTest::newRow("unauthorized")
            << QByteArray("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
            << u"the daemon wants a user name and password"_s;
        QTest::newRow("a broken answer") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx 1\n")
                                         << u"it closed the connection without a whole answer"_s;
        QTest::newRow("another status") << QByteArray("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
                                        << u"it answers with status 500 Oops"_s;
    }
    void metricsThatAreNotThereAreExplained()
    {
        QFETCH(QByteArray, answer);
        QFETCH(QString, fault);
        RawServer server(RawServer::always(answer));
        Watching w(server);
        const auto fetch = w.client.fetchMetrics(u"a"_s);
        QTRY_VERIFY_WITH_TIMEOUT(fetch->isFinished(), Patience);
        QVERIFY(!fetch->answer());
        QVERIFY2(fetch->answer().error().startsWith(fault), qPrintable(fetch->answer().error()));
    }

    void metricsThatAreTooLargeAreCutAtALine()
    {
        const QByteArray line = "a_metric{label=\"value\"} 123456\n";
        const QByteArray text = line.repeated(int(MetricsFetch::MaxSize / line.size()) + 1000);
        RawServer server(RawServer::always(RawServer::ok(text), false));
        Watching w(server);
        const auto fetch = w.client.fetchMetrics(u"a"_s);
        QTRY_VERIFY_WITH_TIMEOUT(fetch->isFinished(), Patience);
        QVERIFY2(fetch->answer(), "it failed");
        QVERIFY(fetch->answer().value().isCut);
        QCOMPARE(fetch->answer().value().bytes.size(), MetricsFetch::MaxSize / line.size() * line.size());
        QVERIFY(fetch->answer().value().bytes.endsWith(line));
    }

    void aFetchMayBeCancelledAtAnyTime()
    {
        RawServer server(RawServer::always(RawServer::ok("x 1\n"), false));
        Watching w(server);
        w.client.fetchMetrics(u"a"_s).reset();
        auto fetch = w.client.fetchMetrics(u"a"_s);
        connect(fetch.get(), &MetricsFetch::finished, this, [&fetch] { fetch.reset(); });
        QTRY_VERIFY_WITH_TIMEOUT(!fetch, Patience);
        std::unique_ptr<MetricsFetch> orphan;
        {
            Watching other(server);
            orphan = other.client.fetchMetrics(u"a"_s);
        }
        QVERIFY(!orphan->isFinished() || orphan->answer());
    }
};

QTEST_GUILESS_MAIN(TestDaemonClient)
#include "tst_daemonclient.moc"
