// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/poll/fileserver.h"
#include "tests/poll/polling.h"
#include "tests/poll/rawserver.h"

#include <functional>
#include <QFile>
#include <QSslSocket>
#include <QTemporaryDir>
#include <QTest>
#include <sys/socket.h>

using namespace ExporterProxy;
using namespace std::chrono_literals;

namespace {

constexpr int Patience = 20'000;

void write(const QString &path, const QByteArray &content)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
        qFatal("cannot write %s", qPrintable(path));
}

/// A server of TLS that can be rude: `take` gets each connection, before any handshake.
class TlsServer : public QTcpServer
{
public:
    using Take = std::function<void(QSslSocket *, int number)>;

    explicit TlsServer(Take take)
        : m_take(std::move(take))
    {
        if (!listen(QHostAddress::LocalHost))
            qFatal("cannot listen: %s", qPrintable(errorString()));
    }

    QByteArray url() const { return "https://127.0.0.1:" + QByteArray::number(serverPort()) + "/metrics"; }

    int connections = 0;

protected:
    void incomingConnection(qintptr descriptor) override
    {
        auto *socket = new QSslSocket(this);
        socket->setSocketDescriptor(descriptor);
        m_take(socket, ++connections);
    }

private:
    const Take m_take;
};

} // namespace

class TestPollerTls : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;

    QString path(const QByteArray &name) const { return m_folder.filePath(QString::fromUtf8(name)); }

    /// Runs the command with arguments that are cut at each space, in the test's folder.
    void openssl(const QByteArray &arguments) const
    {
        QProcess process;
        process.setWorkingDirectory(m_folder.path());
        process.start(QStringLiteral("openssl"), QString::fromUtf8(arguments).split(QLatin1Char(' ')));
        if (!process.waitForFinished(Patience) || process.exitStatus() != QProcess::NormalExit
            || process.exitCode() != 0)
            qFatal("openssl %s: %s", arguments.constData(), process.readAllStandardError().constData());
    }

    void makeKey(const QByteArray &name) const
    {
        openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out " + name + ".key");
    }

    /// A certificate by the authority of that name, for a subjectAltName.
    void makeSigned(const QByteArray &name, const QByteArray &authority, const QByteArray &altName) const
    {
        makeKey(name);
        write(path("extensions"), "subjectAltName=" + altName + '\n');
        openssl("req -new -key " + name + ".key -subj /CN=" + name + " -out request");
        openssl("x509 -req -in request -CA " + authority + ".pem -CAkey " + authority
                + ".key -CAcreateserial -days 2 -extfile extensions -out " + name + ".pem");
    }

    void makeSelfSigned(const QByteArray &name) const
    {
        makeKey(name);
        openssl("req -x509 -key " + name + ".key -subj /CN=" + name
                + " -days 2 -addext subjectAltName=IP:127.0.0.1 -out " + name + ".pem");
    }

    std::unique_ptr<FileServer> serve(const QByteArray &certificate)
    {
        return std::make_unique<FileServer>(path("www"), path(certificate + ".pem"),
                                            path(certificate + ".key"));
    }

    /// Shakes hands, and answers the request with these bytes.
    void serve(QSslSocket *socket, const QByteArray &answer, std::function<void()> afterwards) const
    {
        socket->setLocalCertificate(path("good.pem"));
        socket->setPrivateKey(path("good.key"), QSsl::Ec);
        connect(socket, &QSslSocket::readyRead, socket, [=] {
            if (socket->readAll().isEmpty())
                return;
            socket->write(answer);
            afterwards();
        });
        socket->startServerEncryption();
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(QDir(m_folder.path()).mkdir(QStringLiteral("www")));
        write(path("www/metrics"), "x 1\n");
        makeSelfSigned("authority");
        makeSelfSigned("stranger");
        makeSigned("good", "authority", "IP:127.0.0.1");
        makeSigned("other-name", "authority", "DNS:example.org");
        write(path("none.pem"), "nothing of use\n");
    }

    void certificatesAreVerified_data()
    {
        QTest::addColumn<QByteArray>("certificate");
        QTest::addColumn<QByteArray>("caFile");
        QTest::addColumn<bool>("allowInvalid");
        QTest::addColumn<QByteArray>("reason");
        const QByteArray none;
        const QByteArray good;
        QTest::newRow("by the authority of ca_file")
            << QByteArray("good") << QByteArray("authority.pem") << false << good;
        QTest::newRow("not by the system's authorities")
            << QByteArray("good") << none << false
            << QByteArray("certificate: signed by an unknown authority (set ca_file to trust it)");
        QTest::newRow("not by another authority")
            << QByteArray("good") << QByteArray("stranger.pem") << false
            << QByteArray("certificate: signed by an unknown authority (set ca_file to trust it)");
        QTest::newRow("self-signed") << QByteArray("stranger") << none << false
                                     << QByteArray(
                                            "certificate: self-signed certificate (set ca_file to trust it)");
        QTest::newRow("self-signed and trusted by ca_file")
            << QByteArray("stranger") << QByteArray("stranger.pem") << false << good;
        QTest::newRow("another host's name")
            << QByteArray("other-name") << QByteArray("authority.pem") << false
            << QByteArray("certificate: made for another host name");
        QTest::newRow("self-signed, invalid ones allowed") << QByteArray("stranger") << none << true << good;
        QTest::newRow("another host's name, invalid ones allowed")
            << QByteArray("other-name") << none << true << good;
        QTest::newRow("no such ca_file") << QByteArray("good") << QByteArray("missing.pem") << false
                                         << QByteArray("No such file or directory");
        QTest::newRow("ca_file without a certificate") << QByteArray("good") << QByteArray("none.pem")
                                                       << false << QByteArray("it holds no PEM certificate");
    }
    void certificatesAreVerified()
    {
        QFETCH(QByteArray, certificate);
        QFETCH(QByteArray, caFile);
        QFETCH(bool, allowInvalid);
        QFETCH(QByteArray, reason);
        const auto server = serve(certificate);
        Polling polling;
        PollEndpoint &endpoint = polling.add("a", server->url("/metrics"), 200ms);
        if (!caFile.isEmpty())
            endpoint.caFile = path(caFile);
        polling.targets.back().allowInvalidCerts = allowInvalid;
        polling.start();
        if (reason.isEmpty()) {
            QTRY_VERIFY_WITH_TIMEOUT(polling.updates("a") >= 2, Patience);
            QCOMPARE(polling.app("a")->text, "x 1\n");
            QCOMPARE(polling.failures("a"), 0u);
        } else {
            QTRY_VERIFY_WITH_TIMEOUT(polling.failures("a") >= 2, Patience);
            QVERIFY2(polling.app("a")->lastErrorReason.endsWith(reason),
                     polling.app("a")->lastErrorReason.constData());
            QVERIFY(polling.errors("a", PollFailure::Tls) >= 2);
            QCOMPARE(polling.updates("a"), 0u);
        }
    }

    void oneEndpointsTrustIsNotAnothers()
    {
        const auto server = serve("stranger");
        Polling polling;
        polling.add("anything goes", server->url("/metrics"), 100ms);
        polling.targets.back().allowInvalidCerts = true;
        polling.add("trusts it", server->url("/metrics"), 100ms).caFile = path("stranger.pem");
        polling.add("strict", server->url("/metrics"), 100ms);
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.failures("strict") >= 5, Patience);
        QTRY_VERIFY_WITH_TIMEOUT(polling.updates("anything goes") >= 3, Patience);
        QTRY_VERIFY_WITH_TIMEOUT(polling.updates("trusts it") >= 3, Patience);
        QCOMPARE(polling.updates("strict"), 0u);
    }

    void aPlainServerIsNoTlsConnection()
    {
        RawServer server(RawServer::always(RawServer::ok("x 1\n")));
        connect(&server, &QTcpServer::newConnection, this, [] {});
        const FileServer files(path("www"));
        Polling polling;
        polling.add("a", "https://127.0.0.1:" + QByteArray::number(files.port()) + "/metrics");
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("a"), Patience);
        QCOMPARE(polling.errors("a", PollFailure::Tls), 1u);
        QVERIFY2(polling.app("a")->lastErrorReason.startsWith("no TLS connection: "),
                 polling.app("a")->lastErrorReason.constData());
    }

    void redirectsGoFromHttpToHttps()
    {
        const auto secure = serve("good");
        RawServer server(RawServer::always("HTTP/1.1 301 Moved\r\nLocation: " + secure->url("/metrics")
                                           + "\r\nContent-Length: 0\r\n\r\n"));
        Polling polling;
        polling.add("a", server.url()).caFile = path("authority.pem");
        polling.start();
        QTRY_COMPARE_WITH_TIMEOUT(polling.updates("a"), 1u, Patience);
        QCOMPARE(polling.app("a")->text, "x 1\n");
    }

    void aServerThatAcceptsAndNeverShakesHandsTimesOut()
    {
        QTcpServer silent;
        QVERIFY(silent.listen(QHostAddress::LocalHost));
        Polling polling;
        polling.add("a", "https://127.0.0.1:" + QByteArray::number(silent.serverPort()) + "/metrics", 1min,
                    300ms);
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("a"), Patience);
        QCOMPARE(polling.app("a")->lastErrorReason,
                 "timed out after 0.3 s (client_timeout) in the TLS handshake");
    }

    void aStalledHandshakeCostsOnePoll()
    {
        TlsServer server([this](QSslSocket *socket, int number) {
            if (number > 1)
                serve(socket, RawServer::ok("x 1\n"), [] {});
        });
        Polling polling;
        polling.add("a", server.url(), 200ms, 500ms).caFile = path("authority.pem");
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.updates("a") >= 3, Patience);
        QCOMPARE(polling.app("a")->text, "x 1\n");
        QCOMPARE(polling.errors("a", PollFailure::Timeout), 1u);
        QCOMPARE(server.connections, 2);
    }

    void anAnswerThatEndsWithTheConnectionNeedsItsEnd_data()
    {
        QTest::addColumn<bool>("orderly");
        QTest::newRow("close_notify") << true;
        QTest::newRow("the connection is cut") << false;
    }
    void anAnswerThatEndsWithTheConnectionNeedsItsEnd()
    {
        QFETCH(bool, orderly);
        const QByteArray page = QByteArray("x 1\n").repeated(500'000);
        TlsServer server([&](QSslSocket *socket, int) {
            serve(socket, "HTTP/1.1 200 OK\r\n\r\n" + page, [socket, orderly] {
                if (orderly)
                    return socket->disconnectFromHost();
                connect(socket, &QSslSocket::encryptedBytesWritten, socket, [socket] {
                    if (socket->bytesToWrite() == 0 && socket->encryptedBytesToWrite() == 0)
                        ::shutdown(int(socket->socketDescriptor()), SHUT_WR);
                });
            });
        });
        Polling polling(8 << 20);
        polling.add("a", server.url(), 200ms).caFile = path("authority.pem");
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("a"), Patience);
        QCOMPARE(polling.app("a")->lastErrorReason,
                 orderly ? QByteArray()
                         : QByteArray("TLS connection cut before the answer was complete (no close_notify)"));
        if (orderly)
            QVERIFY(polling.app("a")->text == page);
    }

    void clientCertificatesAreShown_data()
    {
        QTest::addColumn<QByteArray>("certificate");
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<QByteArray>("reason");
        QTest::newRow("a good one") << QByteArray("good.pem") << QByteArray("good.key") << QByteArray();
        QTest::newRow("one of another authority")
            << QByteArray("stranger.pem") << QByteArray("stranger.key")
            << QByteArray("the server does not accept the client certificate");
        QTest::newRow("no certificate") << QByteArray("none.pem") << QByteArray("good.key")
                                        << QByteArray("none.pem: it holds no PEM certificate");
        QTest::newRow("no key")
            << QByteArray("good.pem") << QByteArray("none.pem")
            << QByteArray("none.pem: it holds no PEM key of RSA or an elliptic curve without a password");
    }
    void clientCertificatesAreShown()
    {
        QFETCH(QByteArray, certificate);
        QFETCH(QByteArray, key);
        QFETCH(QByteArray, reason);
        const FileServer server(path("www"), path("good.pem"), path("good.key"), {path("authority.pem")});
        Polling polling;
        PollEndpoint &endpoint = polling.add("a", server.url("/metrics"), 200ms);
        endpoint.caFile = path("authority.pem");
        endpoint.certFile = path(certificate);
        endpoint.keyFile = path(key);
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("a"), Patience);
        QVERIFY2(polling.app("a")->lastErrorReason.endsWith(reason),
                 polling.app("a")->lastErrorReason.constData());
        QCOMPARE(polling.updates("a") > 0, reason.isEmpty());
    }

    void aServerNameIsVerifiedInPlaceOfTheHost()
    {
        const auto server = serve("other-name");
        Polling polling;
        PollEndpoint &endpoint = polling.add("a", server->url("/metrics"));
        endpoint.caFile = path("authority.pem");
        endpoint.serverName = QStringLiteral("example.org");
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("a"), Patience);
        QCOMPARE(polling.app("a")->lastErrorReason, "");
    }

    void renewedFilesAreReadAfterAFailure()
    {
        const auto server = serve("good");
        QVERIFY(QFile::copy(path("stranger.pem"), path("changing.pem")));
        Polling polling;
        polling.add("a", server->url("/metrics"), 100ms).caFile = path("changing.pem");
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("a"), Patience);
        QCOMPARE(polling.updates("a"), 0u);
        QFile::remove(path("changing.pem"));
        QVERIFY(QFile::copy(path("authority.pem"), path("changing.pem")));
        QTRY_VERIFY_WITH_TIMEOUT(polling.updates("a") > 0, Patience);
    }

    void aClientCertificateThatIsWantedIsNamed_data()
    {
        QTest::addColumn<QString>("version");
        QTest::newRow("TLS 1.2") << QStringLiteral("1.2");
        QTest::newRow("TLS 1.3") << QStringLiteral("1.3");
    }
    void aClientCertificateThatIsWantedIsNamed()
    {
        QFETCH(QString, version);
        const FileServer server(path("www"), path("good.pem"), path("good.key"),
                                {path("authority.pem"), version});
        Polling polling;
        polling.add("a", server.url("/metrics"), 200ms).caFile = path("authority.pem");
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.failures("a") >= 2, Patience);
        QCOMPARE(polling.errors("a", PollFailure::Tls), polling.failures("a"));
        QVERIFY2(
            polling.app("a")->lastErrorReason.contains("client certificate (set cert_file and key_file)"),
            polling.app("a")->lastErrorReason.constData());
    }

    void manyHandshakesAtOnceFailForTheSameReasonAndStopQuickly()
    {
        const auto server = serve("stranger");
        Polling polling;
        for (int i = 0; i < 10; ++i)
            polling.add(QByteArray::number(i), server->url("/metrics"), 5ms);
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.failures("9") >= 3, Patience);
        QElapsedTimer time;
        time.start();
        polling.poller.reset();
        for (int i = 0; i < 10; ++i) {
            QCOMPARE(polling.app(QByteArray::number(i))->lastErrorReason,
                     "certificate: self-signed certificate (set ca_file to trust it)");
        }
        QVERIFY2(time.elapsed() < 2000, QByteArray::number(time.elapsed()).constData());
    }
};

QTEST_GUILESS_MAIN(TestPollerTls)
#include "tst_pollertls.moc"
