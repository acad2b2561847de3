// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/http/httptesting.h"

#include <limits>
#include <memory>
#include <QProcess>
#include <QStandardPaths>
#include <QTcpServer>

using namespace ExporterProxy;
using namespace ExporterProxy::HttpTesting;

namespace {

/// "text" as one gzip member, made by gzip(1).
QByteArray gzipOf(const QByteArray &text)
{
    QProcess gzip;
    gzip.start(QStringLiteral("gzip"), {QStringLiteral("-c")});
    gzip.write(text);
    gzip.closeWriteChannel();
    gzip.waitForFinished();
    return gzip.readAllStandardOutput();
}

} // namespace

class TestHttpService : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void paths_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("headers");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<QByteArray>("body");
        const QByteArray metrics = "text/plain; version=0.0.4; charset=utf-8";
        const QByteArray text = "text/plain; charset=utf-8";
        const QByteArray json = "application/json";
        const QByteArray table = "+---+\n";
        const QByteArray object = "{\"apps\":[]}\n";
        QTest::newRow("metrics") << QByteArray("/metrics") << QByteArray() << 200 << metrics
                                 << QByteArray("a 1\nb 2\n");
        QTest::newRow("a query that means nothing")
            << QByteArray("/metrics?x=1") << QByteArray() << 200 << metrics << QByteArray("a 1\nb 2\n");
        QTest::newRow("a path with percent signs")
            << QByteArray("/%6detrics") << QByteArray() << 200 << metrics << QByteArray("a 1\nb 2\n");
        QTest::newRow("the absolute form of a target")
            << QByteArray("http://h/metrics") << QByteArray() << 200 << metrics << QByteArray("a 1\nb 2\n");
        QTest::newRow("applications") << QByteArray("/apps") << QByteArray() << 200 << text << table;
        QTest::newRow("applications for curl")
            << QByteArray("/apps") << QByteArray("Accept: */*\r\n") << 200 << text << table;
        QTest::newRow("applications as JSON by query")
            << QByteArray("/apps?format=json") << QByteArray() << 200 << json << object;
        QTest::newRow("applications as JSON by header")
            << QByteArray("/apps") << QByteArray("Accept: application/json\r\n") << 200 << json << object;
        QTest::newRow("the query outweighs the header")
            << QByteArray("/apps?format=text") << QByteArray("Accept: application/json\r\n") << 200 << text
            << table;
        QTest::newRow("unchanged JSON")
            << QByteArray("/apps?format=json") << QByteArray("If-None-Match: \"g42\"\r\n") << 304
            << QByteArray() << QByteArray();
        QTest::newRow("changed JSON") << QByteArray("/apps?format=json")
                                      << QByteArray("If-None-Match: \"g41\"\r\n") << 200 << json << object;
        QTest::newRow("an application alone")
            << QByteArray("/apps/a/metrics") << QByteArray() << 200 << metrics << QByteArray("of a\n");
        QTest::newRow("an application with an odd name")
            << QByteArray("/apps/x%2Fy%3Fz%2520%26%2B%3D%23%22/metrics") << QByteArray() << 200 << metrics
            << QByteArray("of x/y?z%20&+=#\"\n");
        QTest::newRow("a name as Prometheus encodes it")
            << QByteArray("/apps/x/y%3Fz%2520&+=%23%22/metrics") << QByteArray() << 200 << metrics
            << QByteArray("of x/y?z%20&+=#\"\n");
        QTest::newRow("a name that is not ASCII")
            << QByteArray("/apps/gr%C3%B6%C3%9Fe%20%F0%9F%9A%80/metrics") << QByteArray() << 200 << metrics
            << QByteArray("of größe 🚀\n");
        QTest::newRow("the name that the documentation has")
            << QByteArray("/apps/NAME/metrics") << QByteArray() << 200 << metrics << QByteArray("of NAME\n");
        QTest::newRow("an application that is not there")
            << QByteArray("/apps/who%20%C3%A4/metrics") << QByteArray() << 404 << text
            << QByteArray("there is no application \"who ä\"\n");
        QTest::newRow("an application that cannot be there")
            << QByteArray("/apps/%FF%0A/metrics") << QByteArray() << 404 << text
            << QByteArray("there is no application \"\\xff\\u000a\"\n");
        QTest::newRow("an application that has expired")
            << QByteArray("/apps/gone/metrics") << QByteArray() << 503 << text
            << QByteArray("\"gone\" has expired\n");
        QTest::newRow("a selection") << QByteArray("/metrics?app=b+c&x=1&app=a") << QByteArray() << 200
                                     << metrics << QByteArray("of b c and a\n");
        QTest::newRow("a selection with percent signs")
            << QByteArray("/metrics?%61pp=x/y?z%2520%26%2B%3D%23%22") << QByteArray() << 200 << metrics
            << QByteArray("of x/y?z%20&+=#\"\n");
        QTest::newRow("a selection of what has expired")
            << QByteArray("/metrics?app=gone") << QByteArray() << 200 << metrics << QByteArray("of gone\n");
        QTest::newRow("a selection with unknown names")
            << QByteArray("/metrics?app=p&app=a&app=q&app=p&app") << QByteArray() << 404 << text
            << QByteArray("there is no application \"p\", \"q\", \"\"\n");
        QByteArray many = "/metrics?app=n0";
        for (int i = 1; i < 30; ++i)
            many += "&app=n" + QByteArray::number(i);
        QTest::newRow("a selection with many unknown names")
            << many << QByteArray() << 404 << text
            << QByteArray("there is no application \"n0\", \"n1\", \"n2\", \"n3\", \"n4\", \"n5\", \"n6\", "
                          "\"n7\", \"n8\", \"n9\" and 20 more\n");
        QTest::newRow("its own metrics")
            << QByteArray("/-/metrics") << QByteArray() << 200 << metrics << QByteArray("own 1\n");
        QTest::newRow("discovery") << QByteArray("/sd") << QByteArray() << 200 << json
                                   << QByteArray("[\"h\"]\n");
        QTest::newRow("health") << QByteArray("/-/healthy") << QByteArray() << 200 << text
                                << QByteArray("healthy\n");
        QTest::newRow("readiness") << QByteArray("/-/ready") << QByteArray() << 200 << text
                                   << QByteArray("ready\n");
        QTest::newRow("landing page")
            << QByteArray("/") << QByteArray() << 200 << QByteArray("text/html; charset=utf-8")
            << QByteArray("<!DOCTYPE html>\n<p>exporter-proxy</p>\n");
        const QByteArray known = "; there are /metrics /apps /apps/NAME/metrics /sd /-/metrics /-/healthy "
                                 "/-/ready /\n";
        QTest::newRow("unknown") << QByteArray("/nothing") << QByteArray() << 404 << text
                                 << "nothing here at /nothing" + known;
        QTest::newRow("a slash too many")
            << QByteArray("/metrics/") << QByteArray() << 404 << text << "nothing here at /metrics/" + known;
        QTest::newRow("unknown with a line end in it")
            << QByteArray("/a%0d%0ab") << QByteArray() << 404 << text << "nothing here at /a%0d%0ab" + known;
    }
    void paths()
    {
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, headers);
        QFETCH(int, status);
        QFETCH(QByteArray, type);
        QFETCH(QByteArray, body);
        Served served;
        Client client(served);
        const Response got = client.get(path, headers);
        QCOMPARE(got.status, status);
        QCOMPARE(got.header("content-type"), type);
        QCOMPARE(got.body, body);
        QCOMPARE(got.header("x-content-type-options"), "nosniff");
        QVERIFY(got.header("server").startsWith("exporter-proxy/"));
        QVERIFY(got.header("date").endsWith(" GMT"));
        QVERIFY(!got.headers.contains("connection"));
        QCOMPARE(got.headers.contains("content-length"), status != 304);

        // The same for HEAD, without the body, on the same connection; and then the same again.
        const Response head = client.exchange("HEAD " + path + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n");
        QCOMPARE(head.status, status);
        auto headHeaders = head.headers;
        headHeaders["date"] = got.header("date");
        QCOMPARE(headHeaders, got.headers);
        const Response again = client.get(path, headers);
        QCOMPARE(again.status, status);
        QCOMPARE(again.body, body);
        QVERIFY(client.received().isEmpty());
    }

    void headersOfThePaths()
    {
        Served served;
        Client client(served);
        QCOMPARE(client.get("/metrics").header("vary"), "Accept, Accept-Encoding");
        QCOMPARE(client.get("/metrics").header("cache-control"), "no-store");
        QCOMPARE(client.get("/apps").header("vary"), "Accept");
        QCOMPARE(client.get("/apps?format=json").header("etag"), "\"g42\"");
        QVERIFY(client.get("/").header("content-security-policy").contains("default-src 'none'"));
    }

    void theOwnTargetIsOpenMetricsForThoseWhoPreferIt()
    {
        Served served;
        Client client(served);
        const QByteArray text = "text/plain; version=0.0.4; charset=utf-8";
        const QByteArray openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        const QByteArray accept = "Accept: application/openmetrics-text, text/plain;q=0.5\r\n";
        const auto typeOf = [&client](const char *path, const QByteArray &headers = {}) {
            return client.get(path, headers).header("content-type");
        };
        QCOMPARE(typeOf("/apps/open/metrics", accept), openMetrics);
        QCOMPARE(typeOf("/apps/open/metrics"), text);
        QCOMPARE(typeOf("/apps/a/metrics", accept), text); // which did not come as OpenMetrics
        QCOMPARE(typeOf("/metrics?app=open", accept), text);
        QCOMPARE(typeOf("/metrics", accept), text);
    }

    void aHostThatIsUsableBecomesTheTargets_data()
    {
        QTest::addColumn<QByteArray>("host");
        QTest::addColumn<bool>("usable");
        for (const char *good :
             {"h", "127.0.0.1:6555", "[::1]:6555", "[::1]", "a-b.Example.org:80", "a_b", "0:0"})
            QTest::newRow(good) << QByteArray(good) << true;
        for (const char *bad : {"", ":80", "a:", "a:b", "a:123456", "a b", "a/b", "a\"b", "a\\", "u@h",
                                "[]:1", "[::1", "[::1]x", "[a\"]:1", "::1",
                                "gr\xC3\xB6\xC3\x9F"
                                "e",
                                "a%20b", "{h}"})
            QTest::addRow("not %s", bad) << QByteArray(bad) << false;
        QTest::newRow("not what is too long") << QByteArray(262, 'x') << false;
    }
    void aHostThatIsUsableBecomesTheTargets()
    {
        QFETCH(QByteArray, host);
        QFETCH(bool, usable);
        Served served;
        Client client(served);
        const Response response = client.exchange("GET /sd HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
        QCOMPARE(response.status, usable ? 200 : 400);
        if (usable)
            QCOMPARE(response.body, "[\"" + host + "\"]\n");
    }

    void otherMethodsAreAnsweredWithAllow_data()
    {
        QTest::addColumn<QByteArray>("request");
        QTest::addColumn<int>("status");
        QTest::newRow("POST with a body") << QByteArray(
            "POST /metrics HTTP/1.1\r\nHost: h\r\nContent-Length: 18\r\n\r\nGET / HTTP/1.0\r\n\r\n")
                                          << 405;
        QTest::newRow("POST without one") << QByteArray("POST /apps HTTP/1.1\r\nHost: h\r\n\r\n") << 405;
        QTest::newRow("DELETE") << QByteArray("DELETE / HTTP/1.1\r\nHost: h\r\n\r\n") << 405;
        QTest::newRow("OPTIONS") << QByteArray("OPTIONS /metrics HTTP/1.1\r\nHost: h\r\n\r\n") << 405;
        QTest::newRow("a method of its own")
            << QByteArray("BREW /metrics HTTP/1.1\r\nHost: h\r\n\r\n") << 405;
        QTest::newRow("in small letters") << QByteArray("get /metrics HTTP/1.1\r\nHost: h\r\n\r\n") << 405;
        QTest::newRow("POST to nowhere") << QByteArray("POST /x HTTP/1.1\r\nHost: h\r\n\r\n") << 404;
    }
    void otherMethodsAreAnsweredWithAllow()
    {
        QFETCH(QByteArray, request);
        QFETCH(int, status);
        Served served;
        Client client(served);
        const Response response = client.exchange(request);
        QCOMPARE(response.status, status);
        QCOMPARE(response.header("allow"), status == 405 ? QByteArray("GET, HEAD") : QByteArray());
        QCOMPARE(response.header("connection"), "close");
        QVERIFY(client.isClosedByPeer());
        QVERIFY(client.received().isEmpty()); // the body was not taken for a request
    }

    void badRequestsAreAnsweredAndClosed_data()
    {
        QTest::addColumn<QByteArray>("request");
        QTest::addColumn<int>("status");
        QTest::newRow("words") << QByteArray("hello\r\n\r\n") << 400;
        QTest::newRow("no host") << QByteArray("GET / HTTP/1.1\r\n\r\n") << 400;
        QTest::newRow("64 KiB of headers") << "GET / HTTP/1.1\r\nHost: h\r\nX: " + QByteArray(65'536, 'x')
                + "\r\n\r\n" << 431;
        QTest::newRow("a request line of 64 KiB") << "GET /" + QByteArray(65'536, 'x') << 431;
        QTest::newRow("a large body")
            << "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + QByteArray(100'000, 'x')
            << 413;
        QTest::newRow("a body that comes after a 100")
            << QByteArray("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            << 405;
        QTest::newRow("a body in chunks")
            << QByteArray("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello") << 413;
        QTest::newRow("another expectation")
            << QByteArray("POST / HTTP/1.1\r\nHost: h\r\nExpect: 200\r\nContent-Length: 5\r\n\r\n") << 417;
        QTest::newRow("WebSocket") << QByteArray("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
                                                 "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n")
                                   << 501;
        QTest::newRow("HTTP/2") << QByteArray("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") << 505;
    }
    void badRequestsAreAnsweredAndClosed()
    {
        QFETCH(QByteArray, request);
        QFETCH(int, status);
        Served served;
        Client client(served);
        const Response response = client.exchange(request);
        QCOMPARE(response.status, status);
        QCOMPARE(response.header("connection"), "close");
        QVERIFY(response.body.endsWith('\n'));
        QVERIFY(client.isClosedByPeer());
        QVERIFY(client.received().isEmpty());
        QTRY_COMPARE(served.service.connections(), 0);

        // The same after a good request and in small pieces.
        Client second(served);
        QCOMPARE(second.get("/-/ready").status, 200);
        for (qsizetype i = 0; i < std::min<qsizetype>(request.size(), 64); ++i) {
            second.send(request.sliced(i, 1));
            QCoreApplication::processEvents();
        }
        second.send(request.mid(64));
        QCOMPARE(second.receive().status, status);
    }

    void requestsInPiecesAreUnderstood()
    {
        Served served;
        Client client(served);
        const QByteArray request = "GET /apps?format=json HTTP/1.1\r\nHost: h\r\nAccept: text/plain\r\n\r\n";
        for (qsizetype i = 0; i < request.size(); ++i) {
            client.send(request.sliced(i, 1));
            QCoreApplication::processEvents();
        }
        const Response response = client.receive();
        QCOMPARE(response.status, 200);
        QCOMPARE(response.header("content-type"), "application/json");
        QCOMPARE(client.get("/-/ready").status, 200);
    }

    void emptyLinesBeforeARequestAreIgnored()
    {
        Served served;
        Client client(served);
        QCOMPARE(client.exchange("\r\n\nGET /-/ready HTTP/1.1\r\nHost: h\r\n\r\n\r\n").status, 200);
        QCOMPARE(client.get("/-/healthy").body, "healthy\n");
    }

    void pipelinedRequestsAreAnsweredInOrder()
    {
        Served served;
        Client client(served);
        client.send("GET /-/ready HTTP/1.1\r\nHost: h\r\n\r\n"
                    "HEAD /metrics HTTP/1.1\r\nHost: h\r\n\r\n"
                    "GET /-/healthy HTTP/1.1\r\nHost: h\r\n\r\n"
                    "GET /metrics HTTP/1.0\r\n\r\n"
                    "GET /-/ready HTTP/1.1\r\nHost: h\r\n\r\n");
        QCOMPARE(client.receive().body, "ready\n");
        QCOMPARE(client.receive(true).header("content-length"), "8");
        QCOMPARE(client.receive().body, "healthy\n");
        const Response last = client.receive();
        QCOMPARE(last.body, "a 1\nb 2\n");
        QCOMPARE(last.header("connection"), "close");
        QVERIFY(client.isClosedByPeer());
        QVERIFY(client.received().isEmpty()); // what came behind the last request was not answered
    }

    void aThousandPipelinedRequestsAreAnswered()
    {
        Served served;
        Client client(served);
        constexpr int Requests = 1000;
        client.send(QByteArray("GET /-/ready HTTP/1.1\r\nHost: h\r\n\r\n").repeated(Requests));
        for (int i = 0; i < Requests; ++i)
            QCOMPARE(client.receive().body, "ready\n");
        QVERIFY(client.received().isEmpty());
    }

    void connectionsStayOpenOrCloseAsTheClientSays_data()
    {
        QTest::addColumn<QByteArray>("request");
        QTest::addColumn<QByteArray>("connection");
        QTest::newRow("1.1") << QByteArray("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n") << QByteArray();
        QTest::newRow("1.1 that closes")
            << QByteArray("GET /metrics HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            << QByteArray("close");
        QTest::newRow("1.0") << QByteArray("GET /metrics HTTP/1.0\r\n\r\n") << QByteArray("close");
        QTest::newRow("1.0 that stays")
            << QByteArray("GET /metrics HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
            << QByteArray("keep-alive");
    }
    void connectionsStayOpenOrCloseAsTheClientSays()
    {
        QFETCH(QByteArray, request);
        QFETCH(QByteArray, connection);
        Served served;
        served.content.plain = FixedContent::page({QByteArray(5'000'000, 'x')});
        Client client(served);
        const Response response = client.exchange(request);
        QCOMPARE(response.body.size(), 5'000'000);
        QCOMPARE(response.header("connection"), connection);
        if (connection == "close") {
            QVERIFY(client.isClosedByPeer());
            QTRY_COMPARE(served.service.connections(), 0);
        } else {
            QCOMPARE(client.exchange(request).status, 200);
        }
    }

    void gzipIsServedToThoseWhoTakeIt()
    {
        const QByteArray text = "a 1\nb 2\n";
        Served served;
        served.content.gzip = FixedContent::page({gzipOf(text)});
        Client client(served);
        const Response compressed = client.get("/metrics", "Accept-Encoding: gzip\r\n");
        QCOMPARE(compressed.header("content-encoding"), "gzip");
        QCOMPARE(compressed.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
        QCOMPARE(compressed.header("vary"), "Accept, Accept-Encoding");
        QCOMPARE(compressed.body, served.content.gzip->parts.front());
        const Response plain = client.get("/metrics", "Accept-Encoding: gzip;q=0\r\n");
        QVERIFY(!plain.headers.contains("content-encoding"));
        QCOMPARE(plain.body, text);
        QCOMPARE(served.counters.scrapes, 2u);
        QCOMPARE(served.counters.scrapeBytesPlain, quint64(text.size()));
        QCOMPARE(served.counters.scrapeBytesGzip, quint64(compressed.body.size()));

        served.content.gzip.reset(); // not at hand: plain instead
        const Response instead = client.get("/metrics", "Accept-Encoding: gzip\r\n");
        QVERIFY(!instead.headers.contains("content-encoding"));
        QCOMPARE(instead.body, text);
    }

    void whatIsBeingCompressedIsWaitedFor()
    {
        HttpLimits limits;
        limits.compressionWait = std::chrono::hours(1);
        Served served(limits);
        served.content.gzip = FixedContent::page({gzipOf("a 1\n")});
        served.content.gzipSteps = std::numeric_limits<int>::max();
        Client patient(served);
        patient.send("GET /metrics HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
        Client other(served);
        QCOMPARE(other.get("/-/healthy").status, 200); // others do not wait with it
        QCOMPARE(patient.received(), "");
        patient.send("GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n"); // has its answer after the first one
        served.content.gzipSteps = 3;
        const Response page = patient.receive();
        QCOMPARE(page.header("content-encoding"), "gzip");
        QCOMPARE(page.body, served.content.gzip->parts.front());
        QCOMPARE(patient.receive().status, 404);
        QCOMPARE(served.counters.scrapes, 1u);

        served.content.gzipSteps = 3;
        const Response head =
            patient.exchange("HEAD /metrics HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
        QCOMPARE(head.header("content-length").toLongLong(), served.content.gzip->size);
        QCOMPARE(patient.get("/-/healthy").body, "healthy\n"); // and no body came before
        QCOMPARE(served.counters.scrapes, 1u);
    }

    void whatIsBeingMergedIsWaitedForHoweverLong()
    {
        HttpLimits limits;
        limits.compressionWait = std::chrono::milliseconds(1);
        Served served(limits);
        served.content.mergeSteps = std::numeric_limits<int>::max();
        Client patient(served);
        patient.send("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
        Client withBody(served);
        const Response refused =
            withBody.exchange("GET /metrics HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n");
        QCOMPARE(refused.status, 413); // there is no page that could say more
        Client other(served);
        QCOMPARE(other.get("/-/healthy").status, 200); // others do not wait with it
        QTRY_VERIFY(served.content.mergeSteps < std::numeric_limits<int>::max() - 100);
        QCOMPARE(patient.received(), "");
        served.content.mergeSteps = 3;
        QCOMPARE(patient.receive().body, "a 1\nb 2\n");
    }

    void whatJsonNeedsIsDoneInSteps()
    {
        Served served;
        served.content.jsonSteps = std::numeric_limits<int>::max();
        Client patient(served);
        patient.send("GET /apps?format=json HTTP/1.1\r\nHost: h\r\n\r\n");
        Client other(served);
        QCOMPARE(other.get("/-/healthy").status, 200); // others do not wait with it
        QCOMPARE(patient.received(), "");
        QVERIFY(served.content.jsonSteps < std::numeric_limits<int>::max());
        served.content.jsonSteps = 3;
        QCOMPARE(patient.receive().body, "{\"apps\":[]}\n");
        QCOMPARE(served.content.jsonSteps, 0);
    }

    void nobodyWaitsForLong()
    {
        Served served;
        served.content.gzip = FixedContent::page({gzipOf("a 1\n")});
        served.content.gzipSteps = std::numeric_limits<int>::max();
        Client client(served);
        QCOMPARE(client.get("/metrics", "Accept-Encoding: gzip\r\n").body, "a 1\nb 2\n");
        QVERIFY(served.content.gzipSteps > 0);
    }

    void aRequestThatIsSentAheadWaitsAsWell()
    {
        HttpLimits limits;
        limits.compressionWait = std::chrono::hours(1);
        Served served(limits);
        served.content.gzip = FixedContent::page({gzipOf("a 1\n")});
        served.content.gzipSteps = 1;
        Client client(served);
        client.send("GET /metrics HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n"
                    "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n");
        QCOMPARE(client.receive().header("content-encoding"), "gzip");
        QCOMPARE(client.receive().status, 404);
    }

    void whoLeavesIsNotWaitedFor()
    {
        Served served;
        served.content.gzip = FixedContent::page({gzipOf("a 1\n")});
        served.content.gzipSteps = std::numeric_limits<int>::max();
        auto client = std::make_unique<Client>(served);
        client->send("GET /metrics HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
        QTRY_VERIFY(served.content.gzipSteps < std::numeric_limits<int>::max());
        client.reset();
        QTRY_COMPARE(served.service.connections(), 0);
        Client next(served);
        served.content.gzipSteps = 0;
        QCOMPARE(next.get("/metrics", "Accept-Encoding: gzip\r\n").status, 200);
    }

    void curlReadsTheCompressedPage()
    {
        if (QStandardPaths::findExecutable(QStringLiteral("curl")).isEmpty())
            QSKIP("curl is not installed");
        const QByteArray text = "a 1\nb 2\n";
        Served served;
        served.content.plain = FixedContent::page({"not compressed\n"});
        served.content.gzip = FixedContent::page({gzipOf(text)});
        QProcess curl;
        curl.start(QStringLiteral("curl"),
                   {QStringLiteral("--silent"), QStringLiteral("--compressed"), QStringLiteral("--noproxy"),
                    QStringLiteral("*"),
                    QStringLiteral("http://127.0.0.1:%1/metrics").arg(served.service.port())});
        QVERIFY(QTest::qWaitFor([&curl] { return curl.state() == QProcess::NotRunning; }, 10'000));
        QCOMPARE(curl.readAllStandardOutput(), text);
        QCOMPARE(curl.exitCode(), 0);
    }

    void anEmptyPageIsAGoodAnswer()
    {
        Served served;
        served.content.plain = FixedContent::page({});
        Client client(served);
        QCOMPARE(client.get("/metrics").header("content-length"), "0");
        QCOMPARE(client.get("/metrics").status, 200);
    }

    void headIsNoScrape()
    {
        Served served;
        Client client(served);
        QCOMPARE(client.exchange("HEAD /metrics HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
        QCOMPARE(served.counters.scrapes, 0u);
    }

    void aTakenAddressIsSaidInOneSentence()
    {
        Served first;
        HttpService second(*first.connections, first.content, first.counters);
        const SocketAddress address{QStringLiteral("127.0.0.1"), first.service.port()};
        QCOMPARE(second.listen(address).error(),
                 QStringLiteral("cannot listen on %1: address in use").arg(address.toString()));
        QCOMPARE(second.port(), 0);
    }

    void aForeignAddressIsSaidInOneSentence()
    {
        Served served;
        HttpService service(*served.connections, served.content, served.counters);
        // reserved for documentation
        QCOMPARE(service.listen({QStringLiteral("192.0.2.1"), 1}).error(),
                 QStringLiteral("cannot listen on 192.0.2.1:1: no interface has this address"));
    }

    void theServiceMayEndWithOpenConnections()
    {
        auto served = std::make_unique<Served>();
        served->content.plain = FixedContent::page({QByteArray(50'000'000, 'x')});
        Client idle(*served);
        Client reading(*served);
        reading.socket().setReadBufferSize(1000);
        QObject::disconnect(&reading.socket(), &QTcpSocket::readyRead, nullptr, nullptr);
        reading.send("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
        QTRY_COMPARE(served->counters.scrapes, 1u);
        served.reset();
        QVERIFY(idle.isClosedByPeer());
    }
};

QTEST_GUILESS_MAIN(TestHttpService)
#include "tst_httpservice.moc"
