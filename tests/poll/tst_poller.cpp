// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/process/processlimits.h"
#include "tests/memory.h"
#include "tests/poll/fileserver.h"
#include "tests/poll/gzip.h"
#include "tests/poll/polling.h"
#include "tests/poll/rawserver.h"

#include <chrono>
#include <QElapsedTimer>
#include <QFile>
#include <QLocalServer>
#include <QLocalSocket>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>
#include <QTimer>

using namespace ExporterProxy;
using namespace std::chrono_literals;

namespace {

constexpr int Patience = 20'000; // ms: a machine that is busy with other tests is slow, not wrong

QString writeFile(const QTemporaryDir &folder, const QByteArray &name, const QByteArray &content)
{
    QFile file(folder.filePath(QString::fromUtf8(name)));
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate) || file.write(content) != content.size())
        qFatal("cannot write %s", qPrintable(file.fileName()));
    return file.fileName();
}

/// The value of a header of a request's head.
QByteArray header(const QByteArray &head, const QByteArray &name)
{
    for (const QByteArray &line : head.split('\n')) {
        if (line.toLower().startsWith(name.toLower() + ':'))
            return line.sliced(name.size() + 1).trimmed();
    }
    return {};
}

QByteArrayList filtered(const QByteArrayList &heads, const char *wanted)
{
    QByteArrayList found;
    for (const QByteArray &head : heads) {
        if (head.contains(wanted))
            found << head;
    }
    return found;
}

/// What the poller logs while this object lives.
class LoggedLines
{
public:
    LoggedLines()
    {
        lines.clear();
        s_previous = qInstallMessageHandler(handle);
    }
    ~LoggedLines() { qInstallMessageHandler(s_previous); }

    static inline QByteArrayList lines;

private:
    static void handle(QtMsgType type, const QMessageLogContext &context, const QString &text)
    {
        if (qstrcmp(context.category, "exporterproxy.poll") == 0)
            lines << text.toUtf8();
        else
            s_previous(type, context, text);
    }
    static inline QtMessageHandler s_previous = nullptr;
};

} // namespace

class TestPoller : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// As the daemon has it: what memory grows by depends on it.
    void initTestCase() { tuneAllocator(); }

    void aFileServerIsPolled()
    {
        QTemporaryDir folder;
        writeFile(folder, "metrics", "x 1\ny 2");
        const FileServer server(folder.path());
        Polling polling;
        polling.add("files", server.url("/metrics"), 200ms);
        polling.start();
        QVERIFY(polling.app("files")); // known before it has answered
        QCOMPARE(polling.updates("files"), 0u);
        QTRY_COMPARE_WITH_TIMEOUT(polling.updates("files"), 1u, Patience);
        const auto app = polling.app("files");
        QCOMPARE(app->text, "x 1\ny 2\n");
        QCOMPARE(app->source, "external_poll: files");
        QCOMPARE(app->kind, SourceKind::Poll);
        QVERIFY(app->interval == 200ms);
        QVERIFY(polling.counters.polls["files"].lastDurationSeconds > 0);
        writeFile(folder, "metrics", "x 3\n");
        QTRY_COMPARE_WITH_TIMEOUT(polling.app("files")->text, "x 3\n", Patience);
        QCOMPARE(polling.failures("files"), 0u);
    }

    void aFoldersListingIsNotMetrics()
    {
        QTemporaryDir folder;
        const FileServer server(folder.path());
        Polling polling;
        polling.add("files", server.url("/"));
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("files"), Patience);
        QCOMPARE(polling.app("files")->lastErrorReason, "the answer is an HTML or XML page, not metrics");
    }

    void goodAnswersAreTaken_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<QByteArray>("text");
        const QByteArray page = QByteArray("metric{label=\"ä\"} 1\n").repeated(40'000);
        const QByteArray ok = "HTTP/1.1 200 OK\r\n";
        QTest::newRow("with a length") << RawServer::ok("x 1\n") << QByteArray("x 1\n");
        QTest::newRow("large") << RawServer::ok(page) << page;
        QTest::newRow("until the connection closes") << "HTTP/1.0 200 OK\r\n\r\n" + page << page;
        QTest::newRow("chunked") << ok
                + "Transfer-Encoding: chunked\r\n\r\n4\r\nx 1\n\r\n4\r\ny 2\n\r\n0\r\n\r\n"
                                 << QByteArray("x 1\ny 2\n");
        QTest::newRow("gzip") << RawServer::ok(gzip(page), "Content-Encoding: gzip\r\n") << page;
        // Hundreds to one, as pages of many like lines are, and far more than Qt's own bomb check lets pass.
        const QByteArray zeros = QByteArray("m 0\n").repeated(5'000'000);
        QTest::newRow("very large, until the connection closes")
            << "HTTP/1.0 200 OK\r\n\r\n" + zeros << zeros;
        QTest::newRow("gzip of a very regular page")
            << RawServer::ok(gzip(zeros), "Content-Encoding: gzip\r\n") << zeros;
        QTest::newRow("gzip, chunked")
            << ok + "Transfer-Encoding: chunked\r\nContent-Encoding: x-gzip\r\n\r\n"
                + QByteArray::number(gzip(page).size(), 16) + "\r\n" + gzip(page) + "\r\n0\r\n\r\n"
            << page;
        QTest::newRow("empty") << RawServer::ok("") << QByteArray();
        QTest::newRow("with a byte-order mark")
            << RawServer::ok("\xEF\xBB\xBFx 1\n") << QByteArray("\xEF\xBB\xBFx 1\n");
        QTest::newRow("of a type nobody knows")
            << RawServer::ok("x 1\n", "Content-Type: application/x-whatever\r\n") << QByteArray("x 1\n");
        QTest::newRow("of the type of an HTML page")
            << RawServer::ok("x 1\n", "Content-Type: text/html; charset=utf-8\r\n") << QByteArray("x 1\n");
        QTest::newRow("OpenMetrics by its type, converted") << RawServer::ok(
            "# TYPE x info\nx_info 1\n", "Content-Type: Application/OpenMetrics-Text; version=1.0.0\r\n")
                                                            << QByteArray("# TYPE x_info gauge\nx_info 1\n");
        QTest::newRow("OpenMetrics by its end, converted")
            << RawServer::ok("# TYPE x info\nx_info 1\n# EOF\n", "Content-Type: text/plain\r\n")
            << QByteArray("# TYPE x_info gauge\nx_info 1\n");
        QTest::newRow("with a cookie")
            << RawServer::ok("x 1\n", "Set-Cookie: a=b\r\n") << QByteArray("x 1\n");
    }
    void goodAnswersAreTaken()
    {
        QFETCH(QByteArray, answer);
        QFETCH(QByteArray, text);
        RawServer server(RawServer::always(answer));
        Polling polling(32 << 20);
        polling.add("a", server.url(), 300ms);
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.updates("a") > 1, Patience);
        QVERIFY2(polling.app("a")->text == text, polling.app("a")->text.left(100).constData());
        QCOMPARE(polling.failures("a"), 0u);
        QCOMPARE(header(server.heads.last(), "Cookie"), "");
    }

    void badAnswersAreRefused_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<PollFailure>("kind");
        QTest::addColumn<QByteArray>("reason");
        const QByteArray ok = "HTTP/1.1 200 OK\r\n";
        const QByteArray tooLarge = "answer larger than limits.max_message_size (1 MiB)";
        const QByteArray cut = "connection closed before the answer was complete";
        const QByteArray huge(1'100'000, '\n');

        QTest::newRow("500") << QByteArray("HTTP/1.1 500 Internal Server Error\r\n\r\nsorry\n")
                             << PollFailure::Status << QByteArray("status 500 Internal Server Error");
        QTest::newRow("a phrase that would fool a terminal")
            << QByteArray("HTTP/1.1 500 a\x1b[2Jb\r\n\r\n") << PollFailure::Status
            << QByteArray("status 500 a?[2Jb");
        QTest::newRow("404 without a phrase") << QByteArray("HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n")
                                              << PollFailure::Status << QByteArray("status 404");
        QTest::newRow("401 with a challenge") << QByteArray(
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n")
                                              << PollFailure::Status << QByteArray("status 401 Unauthorized");
        QTest::newRow("204") << QByteArray("HTTP/1.1 204 No Content\r\n\r\n") << PollFailure::Status
                             << QByteArray("status 204 No Content");
        QTest::newRow("206") << QByteArray("HTTP/1.1 206 Partial Content\r\nContent-Length: 4\r\n\r\nx 1\n")
                             << PollFailure::Status << QByteArray("status 206 Partial Content");
        QTest::newRow("304") << QByteArray("HTTP/1.1 304 Not Modified\r\n\r\n") << PollFailure::Status
                             << QByteArray("status 304 Not Modified");
        const QByteArray markup = "the answer is an HTML or XML page, not metrics";
        QTest::newRow("a login page") << RawServer::ok("<html>", "Content-Type: Text/HTML; charset=utf-8\r\n")
                                      << PollFailure::InvalidText << markup;
        QTest::newRow("a login page that is said to be metrics")
            << RawServer::ok("\xEF\xBB\xBF\r\n\t <!DOCTYPE html>\n", "Content-Type: text/plain\r\n")
            << PollFailure::InvalidText << markup;
        QTest::newRow("a compressed page, in a gzip stream")
            << RawServer::ok(gzip("<!-- x -->"), "Content-Encoding: gzip\r\n") << PollFailure::InvalidText
            << markup;
        QTest::newRow("Latin-1") << RawServer::ok("a 1\nb{x=\"\xE4\"} 1\n") << PollFailure::InvalidText
                                 << QByteArray("invalid UTF-8 at byte 9 (line 2, column 6)");
        QTest::newRow("NUL") << RawServer::ok(QByteArray("a 1\n\0", 5)) << PollFailure::InvalidText
                             << QByteArray("a NUL byte at byte 4 (line 2, column 1)");
        QTest::newRow("a length over the limit, and nothing else")
            << ok + "Content-Length: 99999999999\r\n\r\n"
            << PollFailure::TooLarge << tooLarge;
        QTest::newRow("more than the limit, chunked") << ok + "Transfer-Encoding: chunked\r\n\r\n"
                + QByteArray::number(huge.size(), 16) + "\r\n" + huge + "\r\n0\r\n\r\n"
                                                      << PollFailure::TooLarge << tooLarge;
        QTest::newRow("more than the limit until the connection closes")
            << "HTTP/1.0 200 OK\r\n\r\n" + huge << PollFailure::TooLarge << tooLarge;
        QTest::newRow("gzip that is too large")
            << RawServer::ok(gzip(huge), "Content-Encoding: gzip\r\n") << PollFailure::TooLarge << tooLarge;
        QTest::newRow("shorter than announced") << ok + "Content-Length: 100\r\n\r\nx 1\n"
                                                << PollFailure::Connection << cut;
        QTest::newRow("a chunk that ends early") << ok + "Transfer-Encoding: chunked\r\n\r\nff\r\nx 1\n"
                                                 << PollFailure::Connection << cut;
        QTest::newRow("no last chunk") << ok + "Transfer-Encoding: chunked\r\n\r\n4\r\nx 1\n\r\n"
                                       << PollFailure::Connection << cut;
        QTest::newRow("gzip that ends early")
            << ok + "Content-Encoding: gzip\r\n\r\n" + gzip("x 1\n").chopped(3) << PollFailure::Connection
            << QByteArray("the compressed answer ends too early");
        QTest::newRow("gzip that is none")
            << RawServer::ok("x 1\n", "Content-Encoding: gzip\r\n") << PollFailure::InvalidText
            << QByteArray("the answer's gzip compression is broken");
        QTest::newRow("an encoding nobody asked for")
            << RawServer::ok("x 1\n", "Content-Encoding: br\r\n") << PollFailure::InvalidText
            << QByteArray("the answer has an unknown Content-Encoding: br");
        QTest::newRow("closes without a word") << QByteArray() << PollFailure::Connection << cut;
        QTest::newRow("closes in the headers")
            << QByteArray("HTTP/1.1 200 OK\r\nConte") << PollFailure::Connection << cut;
        QTest::newRow("redirects to nowhere")
            << QByteArray("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n") << PollFailure::Status
            << QByteArray("status 302 redirects to nowhere that can be followed");
        QTest::newRow("redirects to a file")
            << QByteArray("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n")
            << PollFailure::Status << QByteArray("status 302 redirects to nowhere that can be followed");
        QTest::newRow("redirects to itself")
            << QByteArray("HTTP/1.1 301 Moved\r\nLocation: /metrics\r\nContent-Length: 0\r\n\r\n")
            << PollFailure::Status << QByteArray("more than 5 redirects");
    }
    void badAnswersAreRefused()
    {
        QFETCH(QByteArray, answer);
        QFETCH(PollFailure, kind);
        QFETCH(QByteArray, reason);
        RawServer server(RawServer::always(answer));
        const LoggedLines logged;
        Polling polling;
        polling.add("a", server.url());
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("a"), Patience);
        QCOMPARE(polling.app("a")->lastErrorReason, reason);
        QCOMPARE(polling.errors("a", kind), 1u);
        QCOMPARE(polling.updates("a"), 0u);
        QCOMPARE(appStateAt(*polling.app("a"), wallClock()), AppState::Failing);
        QVERIFY(polling.counters.polls["a"].lastDurationSeconds > 0);
        QCOMPARE(logged.lines, QByteArrayList{"a: poll failed: " + reason});
    }

    void somethingElseThanHttpIsAConnectionFailure()
    {
        RawServer server(RawServer::always("SSH-2.0-OpenSSH_9.2\r\n"));
        Polling polling;
        polling.add("a", server.url());
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("a"), Patience);
        QCOMPARE(polling.errors("a", PollFailure::Connection), 1u);
        QVERIFY(!polling.app("a")->lastErrorReason.isEmpty());
    }

    void aRefusedConnectionIsSaid()
    {
        QTcpServer closed;
        QVERIFY(closed.listen(QHostAddress::LocalHost));
        const QByteArray url = "http://127.0.0.1:" + QByteArray::number(closed.serverPort()) + "/metrics";
        closed.close();
        Polling polling;
        polling.add("a", url);
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("a"), Patience);
        QCOMPARE(polling.app("a")->lastErrorReason, "connection refused");
        QCOMPARE(polling.errors("a", PollFailure::Connection), 1u);
    }

    void anUnknownHostIsNamed()
    {
        Polling polling;
        polling.add("a", "http://no-such-host.invalid:9100/metrics");
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("a"), Patience);
        QCOMPARE(polling.app("a")->lastErrorReason, "host not found: no-such-host.invalid");
    }

    void theTimeoutBoundsTheWholePoll_data()
    {
        QTest::addColumn<RawServer::Answer>("answer");
        QTest::addColumn<QByteArray>("reason");
        QTest::newRow("no answer") << RawServer::Answer([](QTcpSocket *, const QByteArray &) {})
                                   << QByteArray("timed out after 0.4 s (client_timeout) without an answer");
        // Each byte comes long before a timeout for idleness would strike.
        QTest::newRow("byte by byte") << RawServer::Answer([](QTcpSocket *socket, const QByteArray &) {
            socket->write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
            auto *timer = new QTimer(socket);
            connect(timer, &QTimer::timeout, socket, [socket] { socket->write("\n"); });
            timer->start(50);
        }) << QByteArray("timed out after 0.4 s (client_timeout) in the middle of the answer");
        QTest::newRow("redirect after redirect")
            << RawServer::Answer([](QTcpSocket *socket, const QByteArray &) {
                   QTimer::singleShot(100, socket, [socket] {
                       socket->write("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
                   });
               })
            << QByteArray("timed out after 0.4 s (client_timeout) without an answer");
    }
    void theTimeoutBoundsTheWholePoll()
    {
        QFETCH(RawServer::Answer, answer);
        QFETCH(QByteArray, reason);
        RawServer server(answer);
        Polling polling;
        polling.add("a", server.url(), 1min, 400ms);
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("a"), Patience);
        QCOMPARE(polling.app("a")->lastErrorReason, reason);
        QCOMPARE(polling.errors("a", PollFailure::Timeout), 1u);
        const double took = polling.counters.polls["a"].lastDurationSeconds;
        QVERIFY2(took >= 0.399 && took < 1.5, QByteArray::number(took).constData());
    }

    void goodEndpointsKeepTheirRhythmBesideBadOnes()
    {
        QTemporaryDir folder;
        writeFile(folder, "metrics", "x 1\n");
        const FileServer files(folder.path());
        RawServer good(RawServer::always(RawServer::ok("x 1\n"), false));
        RawServer hanging([](QTcpSocket *, const QByteArray &) {});
        RawServer broken(
            RawServer::always("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"));
        constexpr auto Interval = 400ms;
        Polling polling;
        polling.add("hangs", hanging.url(), Interval, 300ms);
        polling.add("file", files.url("/metrics"), Interval, 300ms);
        polling.add("broken", broken.url(), Interval, 300ms);
        polling.add("good", good.url(), Interval, 300ms);

        struct Rhythm
        {
            quint64 seen = 0;
            QElapsedTimer last;
            qint64 longestGap = 0;
        };
        std::map<QByteArray, Rhythm> rhythms;
        polling.start();
        for (const char *name : {"file", "good"})
            rhythms[name].last.start();
        const auto allHave = [&](quint64 wanted) {
            for (auto &[name, rhythm] : rhythms) {
                if (const quint64 updates = polling.updates(name); updates != rhythm.seen) {
                    rhythm.longestGap = std::max(rhythm.longestGap, rhythm.last.restart());
                    rhythm.seen = updates;
                }
            }
            return rhythms["file"].seen >= wanted && rhythms["good"].seen >= wanted;
        };
        QTRY_VERIFY_WITH_TIMEOUT(allHave(10), Patience);
        for (const auto &[name, rhythm] : rhythms) {
            QVERIFY2(rhythm.longestGap < 2 * Interval.count(),
                     QByteArray::number(rhythm.longestGap).constData());
            QCOMPARE(polling.failures(name), 0u);
        }
        QVERIFY(polling.errors("hangs", PollFailure::Timeout) > 3);
        QVERIFY(polling.errors("broken", PollFailure::Status) > 3);
        // Polls of a server that keeps its connections open share one. Not always: where a poll begins before
        // the last one's connection is given back, as on a loaded machine, another is opened, and that one
        // stays too.
        QVERIFY2(good.connections <= 3, QByteArray::number(good.connections).constData());
    }

    void endpointsOfOneHostDoNotBlockEachOther()
    {
        RawServer server([](QTcpSocket *socket, const QByteArray &head) {
            if (head.contains("/good"))
                socket->write(RawServer::ok("x 1\n"));
            else if (head.contains("/redirects"))
                socket->write("HTTP/1.1 302 Found\r\nLocation: /good\r\nContent-Length: 0\r\n\r\n");
        });
        Polling polling;
        for (int i = 0; i < 7; ++i)
            polling.add("hangs" + QByteArray::number(i), server.url("/hangs" + QByteArray::number(i)), 200ms,
                        1min);
        polling.add("good", server.url("/good"), 200ms);
        polling.add("redirected", server.url("/redirects"), 200ms);
        QElapsedTimer time;
        time.start();
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.updates("good") >= 6 && polling.updates("redirected") >= 6,
                                 Patience);
        QVERIFY2(time.elapsed() < 4000, QByteArray::number(time.elapsed()).constData());
        QCOMPARE(filtered(server.heads, "/hangs").size(),
                 7); // at its next turn a running poll is not repeated
    }

    void connectionsThatTimedOutMakeRoom()
    {
        RawServer server([](QTcpSocket *socket, const QByteArray &head) {
            if (head.contains("/good"))
                socket->write(RawServer::ok("x 1\n"));
        });
        Polling polling;
        for (int i = 0; i < 7; ++i)
            polling.add("hangs" + QByteArray::number(i), server.url("/hangs" + QByteArray::number(i)), 150ms,
                        140ms);
        polling.add("good", server.url("/good"), 150ms, 140ms);
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.errors("hangs6", PollFailure::Timeout) >= 8, Patience);
        QVERIFY2(polling.updates("good") >= 6, QByteArray::number(polling.updates("good")).constData());
        QVERIFY(filtered(server.heads, "/hangs6").size() >= 8);
    }

    void theScheduleIsSpreadAndDoesNotDrift()
    {
        constexpr int Interval = 400;
        QElapsedTimer time;
        std::map<QByteArray, QList<qint64>> polledAt;
        RawServer server([&](QTcpSocket *socket, const QByteArray &head) {
            polledAt[head.split(' ').at(1)] << time.elapsed();
            socket->write(RawServer::ok("x 1\n"));
        });
        Polling polling;
        for (int i = 0; i < 4; ++i)
            polling.add(QByteArray::number(i), server.url("/" + QByteArray::number(i)),
                        std::chrono::milliseconds(Interval));
        time.start();
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polledAt["/3"].size() == 8, Patience);
        for (int i = 0; i < 4; ++i) {
            const QList<qint64> &times = polledAt["/" + QByteArray::number(i)];
            QVERIFY2(times.at(0) < Interval / 2, QByteArray::number(times.at(0)).constData());
            for (int k = 1; k < std::min<int>(8, int(times.size())); ++k) {
                const qint64 due = Interval * (i + 1) / 4 + Interval * (k - 1);
                QVERIFY2(times.at(k) >= due - 5 && times.at(k) < due + Interval / 2,
                         qPrintable(QStringLiteral("poll %1 of %2: due %3, came %4")
                                        .arg(k)
                                        .arg(i)
                                        .arg(due)
                                        .arg(times.at(k))));
            }
        }
    }

    void aSlowEndpointSkipsTurns()
    {
        int running = 0;
        int most = 0;
        RawServer server([&](QTcpSocket *socket, const QByteArray &) {
            most = std::max(most, ++running);
            QTimer::singleShot(250, socket, [&running, socket] {
                --running;
                socket->write(RawServer::ok("x 1\n"));
            });
        });
        Polling polling;
        polling.add("slow", server.url(), 100ms);
        QElapsedTimer time;
        time.start();
        polling.start();
        QTRY_COMPARE_WITH_TIMEOUT(polling.updates("slow"), 4u, Patience);
        QCOMPARE(most, 1);
        QVERIFY(time.elapsed() >= 1000);
        QCOMPARE(polling.failures("slow"), 0u);
    }

    void memoryIsBounded_data()
    {
        QTest::addColumn<RawServer::Answer>("answer");
        QTest::newRow("a gzip bomb") << RawServer::always(
            RawServer::ok(gzipBomb(), "Content-Encoding: gzip\r\n"));
        QTest::newRow("a page that does not end")
            << RawServer::Answer([](QTcpSocket *socket, const QByteArray &) {
                   socket->write("HTTP/1.1 200 OK\r\n\r\n");
                   const QByteArray piece(1 << 18, '\n');
                   connect(socket, &QTcpSocket::bytesWritten, socket, [socket, piece] {
                       if (socket->bytesToWrite() < piece.size())
                           socket->write(piece);
                   });
                   socket->write(piece);
               });
    }
    void memoryIsBounded()
    {
        QFETCH(RawServer::Answer, answer);
        constexpr qint64 Limit = 24 << 20;
        RawServer server(answer);
        Polling polling(Limit);
        polling.add("a", server.url());
        const MemoryMark mark;
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("a"), Patience);
        QCOMPARE(polling.errors("a", PollFailure::TooLarge), 1u);
        QCOMPARE(polling.app("a")->lastErrorReason, "answer larger than limits.max_message_size (24 MiB)");
        if (!mark.isMeasured())
            QSKIP("memory cannot be measured here");
        const qint64 grown = mark.grownAtMost();
        QVERIFY2(grown < Limit + (6 << 20), QByteArray::number(grown).constData());
    }

    void aFloodWaitsWhileTheMainThreadIsBusy()
    {
        // A thread of its own, so that it goes on while the main thread does not.
        QThread thread;
        QObject context;
        context.moveToThread(&thread);
        thread.start();
        std::atomic<quint16> port{0};
        std::atomic<qint64> sent{0};
        QMetaObject::invokeMethod(&context, [&] {
            auto *server = new QTcpServer(&context);
            server->listen(QHostAddress::LocalHost);
            connect(server, &QTcpServer::newConnection, server, [server, &sent] {
                QTcpSocket *socket = server->nextPendingConnection();
                const QByteArray piece(1 << 18, '\n');
                connect(socket, &QTcpSocket::bytesWritten, socket, [socket, piece, &sent](qint64 size) {
                    sent += size;
                    if (socket->bytesToWrite() < piece.size())
                        socket->write(piece);
                });
                connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
                socket->write("HTTP/1.1 200 OK\r\n\r\n" + piece);
            });
            port = server->serverPort();
        });
        QTRY_VERIFY_WITH_TIMEOUT(port != 0, Patience);
        Polling polling(qint64(1) << 30);
        polling.add("a", "http://127.0.0.1:" + QByteArray::number(port) + '/');
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(sent > 0, Patience);
        const qint64 before = sent;
        QThread::msleep(300); // this is the main thread
        const qint64 after = sent;
        polling.poller->stop();
        QMetaObject::invokeMethod(
            &context, [&] { qDeleteAll(context.children()); }, Qt::BlockingQueuedConnection);
        thread.quit();
        QVERIFY(thread.wait(Patience));
        // The kernel's buffers hold some megabytes, ours a fraction of one.
        QVERIFY2(after - before < (16 << 20), QByteArray::number(after - before).constData());
    }

    void requestsSayWhatTheyWant()
    {
        RawServer server(RawServer::always(RawServer::ok("x 1\n")));
        Polling polling;
        PollEndpoint &endpoint = polling.add("a", server.url("/metrics?x=1"), 1min, 1500ms);
        endpoint.headers = {{"X-One", "1"}, {"Accept", "text/special"}};
        polling.add("b", server.url("/b"));
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("a") && polling.ended("b"), Patience);
        const QByteArray head = filtered(server.heads, "GET /metrics?x=1 HTTP/1.1").value(0);
        QVERIFY(header(head, "User-Agent").startsWith("exporter-proxy/"));
        QCOMPARE(header(head, "X-Prometheus-Scrape-Timeout-Seconds"), "1.5");
        QCOMPARE(header(head, "X-One"), "1");
        QCOMPARE(header(head, "Accept"), "text/special");
        QCOMPARE(header(head, "Authorization"), "");
        QCOMPARE(header(filtered(server.heads, "/b").value(0), "Accept"),
                 "text/plain;version=0.0.4;q=1,*/*;q=0.1");
    }

    void credentialsAreSent_data()
    {
        QTest::addColumn<QByteArray>("userInfo");
        QTest::addColumn<QByteArray>("username");
        QTest::addColumn<QByteArray>("password");
        QTest::addColumn<QByteArray>("token");
        QTest::addColumn<QByteArray>("header");
        const auto basic = [](const char *pair) { return "Basic " + QByteArray(pair).toBase64(); };
        QTest::newRow("user and password file")
            << QByteArray() << QByteArray("jürgen") << QByteArray("s:e c\n") << QByteArray()
            << basic("jürgen:s:e c");
        QTest::newRow("password file from another system")
            << QByteArray() << QByteArray("me") << QByteArray("secret\r\n") << QByteArray()
            << basic("me:secret");
        QTest::newRow("user without a password")
            << QByteArray() << QByteArray("me") << QByteArray() << QByteArray() << basic("me:");
        QTest::newRow("bearer token") << QByteArray() << QByteArray() << QByteArray() << QByteArray("t0ken\n")
                                      << QByteArray("Bearer t0ken");
        QTest::newRow("in the URL") << QByteArray("me:p%40ss@") << QByteArray() << QByteArray()
                                    << QByteArray() << basic("me:p@ss");
        QTest::newRow("the setting counts more than the URL")
            << QByteArray("you:x@") << QByteArray("me") << QByteArray("y") << QByteArray() << basic("me:y");
    }
    void credentialsAreSent()
    {
        QFETCH(QByteArray, userInfo);
        QFETCH(QByteArray, username);
        QFETCH(QByteArray, password);
        QFETCH(QByteArray, token);
        QFETCH(QByteArray, header);
        QTemporaryDir folder;
        RawServer server([](QTcpSocket *socket, const QByteArray &) {
            socket->write("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic "
                          "realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
        });
        const LoggedLines logged;
        Polling polling;
        PollEndpoint &endpoint = polling.add("a", server.url().replace("127.0.0.1", userInfo + "127.0.0.1"));
        endpoint.username = QString::fromUtf8(username);
        if (!password.isEmpty())
            endpoint.passwordFile = writeFile(folder, "password", password);
        if (!token.isEmpty())
            endpoint.bearerTokenFile = writeFile(folder, "token", token);
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("a"), Patience);
        QCOMPARE(::header(server.heads.value(0), "Authorization"), header);
        QCOMPARE(server.heads.size(), 1);
        // What is said of the failure gives nothing of it away.
        QCOMPARE(polling.app("a")->lastErrorReason, "status 401 Unauthorized");
        QCOMPARE(logged.lines, QByteArrayList{"a: poll failed: status 401 Unauthorized"});
    }

    void aPasswordCanBeRotated()
    {
        QTemporaryDir folder;
        RawServer server(RawServer::always(RawServer::ok("x 1\n"), false));
        Polling polling;
        polling.add("a", server.url(), 100ms).bearerTokenFile = writeFile(folder, "token", "old");
        polling.start();
        QTRY_COMPARE_WITH_TIMEOUT(header(server.heads.value(0), "Authorization"), "Bearer old", Patience);
        writeFile(folder, "new", "new");
        QVERIFY(::rename(qPrintable(folder.filePath(QStringLiteral("new"))),
                         qPrintable(folder.filePath(QStringLiteral("token"))))
                == 0);
        QTRY_COMPARE_WITH_TIMEOUT(header(server.heads.last(), "Authorization"), "Bearer new", Patience);
    }

    void credentialsThatCannotBeReadFailThePoll_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("cause");
        QTest::newRow("missing") << QByteArray("missing") << QByteArray("No such file or directory");
        QTest::newRow("a folder") << QByteArray(".") << QByteArray("not a regular file");
        QTest::newRow("a pipe that nobody writes to")
            << QByteArray("pipe") << QByteArray("not a regular file");
        QTest::newRow("empty") << QByteArray("empty") << QByteArray("empty");
        QTest::newRow("two lines") << QByteArray("lines") << QByteArray("more than one line");
        QTest::newRow("far too large") << QByteArray("large") << QByteArray("larger than 64 KiB");
    }
    void credentialsThatCannotBeReadFailThePoll()
    {
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, cause);
        QTemporaryDir folder;
        writeFile(folder, "empty", "\n");
        writeFile(folder, "lines", "a\r\nX-Evil: 1\r\n");
        writeFile(folder, "large", QByteArray(65537, 'x'));
        QCOMPARE(QProcess::execute(QStringLiteral("mkfifo"), {folder.filePath(QStringLiteral("pipe"))}), 0);
        RawServer server(RawServer::always(RawServer::ok("x 1\n")));
        Polling polling;
        polling.add("a", server.url()).bearerTokenFile = folder.filePath(QString::fromUtf8(path));
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("a"), Patience);
        QCOMPARE(polling.errors("a", PollFailure::Credentials), 1u);
        QCOMPARE(polling.app("a")->lastErrorReason,
                 "cannot use " + QFile::encodeName(folder.filePath(QString::fromUtf8(path))) + ": " + cause);
        QCOMPARE(server.connections, 0);
    }

    void redirectsDoNotCarryCredentialsAway()
    {
        QTemporaryDir folder;
        RawServer elsewhere(RawServer::always(RawServer::ok("x 1\n")));
        RawServer server([&](QTcpSocket *socket, const QByteArray &head) {
            const QByteArray location =
                head.contains("/first") ? "second" : elsewhere.url("/third").replace("//1", "//eve:x@1");
            socket->write("HTTP/1.1 307 Moved\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n");
        });
        Polling polling;
        PollEndpoint &endpoint = polling.add("a", server.url("/first"));
        endpoint.bearerTokenFile = writeFile(folder, "token", "t0ken");
        endpoint.headers = {{"X-Api-Key", "secret"}};
        polling.start();
        QTRY_COMPARE_WITH_TIMEOUT(polling.updates("a"), 1u, Patience);
        QCOMPARE(server.heads.size(), 2);
        QVERIFY(server.heads.at(1).startsWith("GET /second "));
        QCOMPARE(header(server.heads.at(1), "Authorization"), "Bearer t0ken");
        QCOMPARE(header(server.heads.at(1), "X-Api-Key"), "secret");
        QCOMPARE(elsewhere.heads.size(), 1);
        QVERIFY(elsewhere.heads.at(0).startsWith("GET /third "));
        QCOMPARE(header(elsewhere.heads.at(0), "Authorization"), "");
        QCOMPARE(header(elsewhere.heads.at(0), "X-Api-Key"), "");
    }

    void redirectsToAnotherHostAreFollowedOnlyWhenAsked_data()
    {
        QTest::addColumn<bool>("follow");
        QTest::newRow("not asked") << false;
        QTest::newRow("asked") << true;
    }
    void redirectsToAnotherHostAreFollowedOnlyWhenAsked()
    {
        QFETCH(bool, follow);
        RawServer elsewhere(RawServer::always(RawServer::ok("x 1\n")));
        RawServer server([&](QTcpSocket *socket, const QByteArray &) {
            socket->write("HTTP/1.1 302 Found\r\nLocation: "
                          + elsewhere.url().replace("127.0.0.1", "localhost")
                          + "\r\nContent-Length: 0\r\n\r\n");
        });
        Polling polling;
        polling.add("a", server.url());
        polling.targets.back().followRedirects = follow;
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("a"), Patience);
        QCOMPARE(polling.updates("a"), follow ? 1u : 0u);
        QCOMPARE(elsewhere.connections, follow ? 1 : 0);
        QCOMPARE(polling.app("a")->lastErrorReason,
                 follow ? QByteArray()
                        : QByteArray("status 302 redirects to another host, localhost (set follow_redirects "
                                     "to follow)"));
    }

    void unixSocketsArePolled_data()
    {
        QTest::addColumn<bool>("isAbstract");
        QTest::newRow("a path") << false;
        QTest::newRow("an abstract name") << true;
    }
    void unixSocketsArePolled()
    {
        QFETCH(bool, isAbstract);
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("s"));
        QLocalServer server;
        if (isAbstract)
            server.setSocketOptions(QLocalServer::AbstractNamespaceOption);
        QVERIFY(server.listen(path));
        QByteArray head;
        int connections = 0;
        connect(&server, &QLocalServer::newConnection, &server, [&] {
            ++connections;
            QLocalSocket *const socket = server.nextPendingConnection();
            connect(socket, &QLocalSocket::readyRead, socket, [&head, socket] {
                head = socket->readAll();
                socket->write(RawServer::ok("x 1\n"));
            });
        });
        Polling polling;
        polling.add("a", "http://app/metrics", 50ms).unixSocket = isAbstract ? u'@' + path : path;
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.updates("a") >= 3, Patience);
        QCOMPARE(polling.app("a")->text, "x 1\n");
        QCOMPARE(header(head, "Host"), "app");
        QCOMPARE(connections, 1);
        server.close();
    }

    void aUnixSocketThatIsNotThereIsNamed()
    {
        Polling polling;
        polling.add("a", "http://app/metrics").unixSocket = QStringLiteral("/no/such/socket");
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("a"), Patience);
        QCOMPARE(polling.app("a")->lastErrorReason,
                 "cannot connect to /no/such/socket: no such file or directory");
        QCOMPARE(polling.errors("a", PollFailure::Connection), 1u);
    }

    void anIpv6AddressMayHaveAZone()
    {
        QTcpServer server;
        if (!server.listen(QHostAddress::LocalHostIPv6))
            QSKIP("there is no IPv6 here");
        QByteArray head;
        connect(&server, &QTcpServer::newConnection, &server, [&] {
            QTcpSocket *const socket = server.nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, socket, [&head, socket] {
                head = socket->readAll();
                socket->write(RawServer::ok("x 1\n"));
            });
        });
        const QByteArray port = QByteArray::number(server.serverPort());
        Polling polling;
        polling.add("a", "http://[::1%25lo]:" + port + "/metrics");
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("a"), Patience);
        QCOMPARE(polling.app("a")->lastErrorReason, "");
        QCOMPARE(header(head, "Host"), "[::1]:" + port);
    }

    void aFailureKeepsTheLastGoodTextAndIsLoggedOnce()
    {
        QByteArray answer = RawServer::ok("x 1\n");
        RawServer server([&](QTcpSocket *socket, const QByteArray &) { socket->write(answer); });
        const LoggedLines logged;
        Polling polling;
        polling.add("a", server.url(), 50ms);
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.updates("a") >= 3, Patience);
        QCOMPARE(logged.lines, QByteArrayList());

        answer = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
        QTRY_VERIFY_WITH_TIMEOUT(polling.failures("a") >= 5, Patience);
        QCOMPARE(polling.app("a")->text, "x 1\n");
        QCOMPARE(appStateAt(*polling.app("a"), wallClock()), AppState::Failing);
        QByteArrayList expected{"a: poll failed: status 503 Busy"};
        QCOMPARE(logged.lines, expected);

        // A fault of the text wanders with the text.
        answer = RawServer::ok("\xFF");
        const quint64 busy = polling.errors("a", PollFailure::Status);
        QTRY_VERIFY_WITH_TIMEOUT(polling.errors("a", PollFailure::InvalidText) >= 2, Patience);
        answer = RawServer::ok("x\xFF");
        QTRY_VERIFY_WITH_TIMEOUT(polling.app("a")->lastErrorReason.contains("byte 1"), Patience);
        expected << "a: poll failed: invalid UTF-8 at byte 0 (line 1, column 1)";
        QCOMPARE(logged.lines, expected);
        QVERIFY(polling.errors("a", PollFailure::Status) <= busy + 1);

        answer = RawServer::ok("x 2\n");
        QTRY_COMPARE_WITH_TIMEOUT(polling.app("a")->text, "x 2\n", Patience);
        QCOMPARE(appStateAt(*polling.app("a"), wallClock()), AppState::Fresh);
        expected << "a: answers again";
        QCOMPARE(logged.lines, expected);
    }

    void anEndpointThatFlapsDoesNotFillTheLog()
    {
        int requests = 0;
        RawServer server([&](QTcpSocket *socket, const QByteArray &) {
            socket->write(++requests % 2 ? QByteArray("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
                                         : RawServer::ok("x 1\n"));
        });
        const LoggedLines logged;
        Polling polling;
        polling.add("a", server.url(), 10ms);
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.updates("a") >= 20, Patience);
        QCOMPARE(logged.lines.size(), 10);
    }

    void aFullModelIsAFailedPoll()
    {
        RawServer server(RawServer::always(RawServer::ok(QByteArray(2000, '\n'))));
        Polling polling(1 << 20, {10, 1000});
        polling.add("a", server.url());
        polling.start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.ended("a"), Patience);
        QCOMPARE(polling.errors("a", PollFailure::Limit), 1u);
        QVERIFY(polling.app("a")->lastErrorReason.contains("limits.max_total_size"));
    }

    void stoppingIsQuickAndQuiet()
    {
        RawServer server([](QTcpSocket *, const QByteArray &) {});
        const LoggedLines logged;
        Polling polling;
        constexpr int Count = 20;
        for (int i = 0; i < Count; ++i)
            polling.add(QByteArray::number(i), server.url());
        polling.start();
        QTRY_COMPARE_WITH_TIMEOUT(server.heads.size(), Count, Patience);
        QElapsedTimer time;
        time.start();
        const quint64 generation = polling.model.generation();
        polling.poller->stop();
        polling.poller.reset();
        QVERIFY2(time.elapsed() < 1000, QByteArray::number(time.elapsed()).constData());
        QCOMPARE(polling.model.generation(), generation);
        QCOMPARE(logged.lines, QByteArrayList());
    }

    void aPollerCanBeStoppedBeforeItsFirstPoll()
    {
        RawServer server(RawServer::always(RawServer::ok("x 1\n")));
        Polling polling;
        polling.add("a", server.url(), 50ms);
        polling.start();
        polling.poller->stop();
        RawServer otherServer(RawServer::always(RawServer::ok("x 1\n")));
        Polling other; // which is not stopped
        other.add("a", otherServer.url(), 50ms);
        other.start();
        QTRY_VERIFY_WITH_TIMEOUT(other.updates("a") >= 2, Patience);
        QCOMPARE(server.connections, 0);
        polling.poller->start();
        QTRY_VERIFY_WITH_TIMEOUT(polling.updates("a") >= 2, Patience);
    }
};

QTEST_GUILESS_MAIN(TestPoller)
#include "tst_poller.moc"
