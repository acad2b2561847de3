// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/requestreader.h"

#include <QTest>
#include <utility>

using namespace ExporterProxy;

namespace {

constexpr qsizetype Limit = 1000;
using Event = RequestReader::Event;

/// What a reader makes of a stream of requests.
struct Seen
{
    QByteArrayList heads; ///< of whole requests: method, target, HTTP/1.0, keep-alive
    QByteArrayList bodies; ///< theirs
    int fault = 0; ///< 0: none
    bool isWithinRequest = false;

    bool operator==(const Seen &) const = default;
};

QByteArray describe(const RequestHead &head)
{
    return QByteArray::number(int(head.method)) + ' ' + head.target.toByteArray()
        + (head.isHttp10 ? " 1.0" : " 1.1") + (head.keepAlive ? " stays" : " closes");
}

/// Reads the stream in pieces of that size after a first one.
Seen readIn(const QByteArray &stream, qsizetype first, qsizetype size)
{
    RequestReader reader(Limit);
    Seen seen;
    QByteArray head;
    QByteArray body;
    for (qsizetype at = 0; at < stream.size() && seen.fault == 0;) {
        const QByteArray piece = stream.mid(at, at == 0 && first > 0 ? first : size); // ends with its memory
        at += piece.size();
        QByteArrayView input(piece);
        while ((!input.isEmpty() || reader.isAtEnd()) && seen.fault == 0) {
            switch (reader.next(input)) {
            case Event::NeedMore:
                break;
            case Event::Head:
                head = describe(reader.head());
                break;
            case Event::Body:
                body += reader.body().toByteArray();
                break;
            case Event::End:
                seen.heads << std::exchange(head, {});
                seen.bodies << std::exchange(body, {});
                break;
            case Event::Fault:
                seen.fault = reader.fault().status;
                if (reader.fault().message.isEmpty())
                    seen.fault = -1;
            }
        }
    }
    seen.isWithinRequest = reader.isWithinRequest();
    return seen;
}

/// The same however it is cut: whole, at each place, and byte by byte.
Seen read(const QByteArray &stream)
{
    const Seen whole = readIn(stream, 0, stream.size());
    for (qsizetype cut = 1; cut < stream.size(); ++cut) {
        if (readIn(stream, cut, stream.size()) != whole)
            return {{"differs when cut at " + QByteArray::number(cut)}, {}, 0, false};
    }
    if (readIn(stream, 0, 1) != whole)
        return {{"differs byte by byte"}, {}, 0, false};
    return whole;
}

} // namespace

class TestRequestReader : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void goodRequestsAreReadHoweverCut_data()
    {
        QTest::addColumn<QByteArray>("request");
        QTest::addColumn<QByteArray>("head");
        QTest::addColumn<QByteArray>("body");
        const QByteArray host = "Host: h\r\n";
        const auto row = [](const char *name, const QByteArray &request, const QByteArray &head,
                            const QByteArray &body = {}) { QTest::newRow(name) << request << head << body; };
        row("plain", "GET / HTTP/1.1\r\n" + host + "\r\n", "0 / 1.1 stays");
        row("with bare line feeds", "GET / HTTP/1.1\nHost: h\n\n", "0 / 1.1 stays");
        row("behind empty lines", "\r\n\nGET /a HTTP/1.1\r\n" + host + "\r\n", "0 /a 1.1 stays");
        row("HEAD", "HEAD /a?b=c HTTP/1.1\r\n" + host + "\r\n", "1 /a?b=c 1.1 stays");
        row("another method", "FROB / HTTP/1.1\r\n" + host + "\r\n", "5 / 1.1 stays");
        row("close", "GET / HTTP/1.1\r\n" + host + "Connection: Close\r\n\r\n", "0 / 1.1 closes");
        row("close in a list", "GET / HTTP/1.1\r\n" + host + "connection: te, close\r\n\r\n",
            "0 / 1.1 closes");
        row("1.0 without fields", "GET / HTTP/1.0\r\n\r\n", "0 / 1.0 closes");
        row("1.0 that wants to stay", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "0 / 1.0 stays");
        row("a body", "POST / HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\nhello", "2 / 1.1 stays",
            "hello");
        row("a body of no bytes", "PUT / HTTP/1.1\r\n" + host + "Content-Length: 0\r\n\r\n", "3 / 1.1 stays");
        row("chunks",
            "PUT /x HTTP/1.1\r\n" + host
                + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n00A;x=\"y\"\r\n, world!!!\r\n0\r\n\r\n",
            "3 /x 1.1 stays", "hello, world!!!");
        row("chunks with a trailer",
            "PUT /x HTTP/1.1\r\n" + host
                + "transfer-encoding: Chunked\r\n\r\n1\r\nx\r\n0\r\nDigest: 7\r\n\r\n",
            "3 /x 1.1 stays", "x");
        row("no chunk but the last",
            "DELETE / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "4 / 1.1 stays");
        row("a field without a value", "GET / HTTP/1.1\r\nHost:\r\nX:\r\n\r\n", "0 / 1.1 stays");
        row("an upgrade that nobody takes", "GET / HTTP/1.1\r\n" + host + "Upgrade: h2c\r\n\r\n",
            "0 / 1.1 stays");
    }
    void goodRequestsAreReadHoweverCut()
    {
        QFETCH(QByteArray, request);
        QFETCH(QByteArray, head);
        QFETCH(QByteArray, body);
        const Seen seen = read(request + request);
        QCOMPARE(seen.fault, 0);
        QCOMPARE(seen.heads, QByteArrayList({head, head}));
        QCOMPARE(seen.bodies, QByteArrayList({body, body}));
        QVERIFY(!seen.isWithinRequest);
    }

    void badRequestsAreRefusedHoweverCut_data()
    {
        QTest::addColumn<QByteArray>("request");
        QTest::addColumn<int>("status");
        const QByteArray line = "GET / HTTP/1.1\r\n";
        const QByteArray host = line + "Host: h\r\n";
        const QByteArray chunked = host + "Transfer-Encoding: chunked\r\n\r\n";
        QTest::newRow("words") << QByteArray("hello\r\n\r\n") << 400;
        QTest::newRow("HTTP/0.9") << QByteArray("GET /\r\n\r\n") << 400;
        QTest::newRow("no target") << QByteArray("GET  HTTP/1.1\r\n\r\n") << 400;
        QTest::newRow("no method") << QByteArray(" / HTTP/1.1\r\n\r\n") << 400;
        QTest::newRow("a space in the target") << QByteArray("GET /a b HTTP/1.1\r\n\r\n") << 400;
        QTest::newRow("a control character in the target") << QByteArray("GET /\x01 HTTP/1.1\r\n\r\n") << 400;
        QTest::newRow("a vertical tab before a value")
            << QByteArray("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \x0b"
                          "chunked\r\n\r\n")
            << 400;
        QTest::newRow("a byte over 127 in the target") << QByteArray("GET /\xC3\xA4 HTTP/1.1\r\n\r\n") << 400;
        QTest::newRow("a method that is no word") << QByteArray("GE(T / HTTP/1.1\r\n\r\n") << 400;
        QTest::newRow("TLS") << QByteArray("\x16\x03\x01\x02\n\n") << 400;
        QTest::newRow("HTTP/2") << QByteArray("PRI * HTTP/2.0\r\n\r\n") << 505;
        QTest::newRow("HTTP/1.2") << QByteArray("GET / HTTP/1.2\r\n\r\n") << 505;
        QTest::newRow("no host") << line + "\r\n" << 400;
        QTest::newRow("two hosts") << host + "Host: i\r\n\r\n" << 400;
        QTest::newRow("a line without a colon") << host + "word\r\n\r\n" << 400;
        QTest::newRow("a space before the colon") << host + "Content-Length : 5\r\n\r\n" << 400;
        QTest::newRow("a folded line") << host + "X: a\r\n b\r\n\r\n" << 400;
        QTest::newRow("a lone CR") << host + "X: a\rY: b\r\n\r\n" << 400;
        QTest::newRow("a NUL") << host + QByteArray("X: \0\r\n\r\n", 8) << 400;
        QTest::newRow("a negative length") << host + "Content-Length: -5\r\n\r\n" << 400;
        QTest::newRow("a length with a plus") << host + "Content-Length: +5\r\n\r\n" << 400;
        QTest::newRow("a length in words") << host + "Content-Length: 5 bytes\r\n\r\n" << 400;
        QTest::newRow("an empty length") << host + "Content-Length:\r\n\r\n" << 400;
        QTest::newRow("two lengths") << host + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n" << 400;
        QTest::newRow("a list of lengths") << host + "Content-Length: 5, 5\r\n\r\n" << 400;
        QTest::newRow("a length past all integers")
            << host + "Content-Length: 99999999999999999999999\r\n\r\n"
            << 413;
        QTest::newRow("a length and chunks")
            << host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
            << 400;
        QTest::newRow("chunks of HTTP/1.0")
            << QByteArray("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") << 400;
        QTest::newRow("another transfer coding") << host + "Transfer-Encoding: gzip, chunked\r\n\r\n" << 501;
        QTest::newRow("chunks twice")
            << host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
            << 501;
        QTest::newRow("a chunk size that is no number") << chunked + "x\r\n" << 400;
        QTest::newRow("a chunk size with 0x") << chunked + "0x4\r\nabcd\r\n" << 400;
        QTest::newRow("a negative chunk size") << chunked + "-4\r\nabcd\r\n" << 400;
        QTest::newRow("an empty chunk size") << chunked + "\r\nabcd\r\n" << 400;
        QTest::newRow("a chunk size of 2^63") << chunked + "8000000000000000\r\n" << 400;
        QTest::newRow("a chunk size of 2^64") << chunked + "10000000000000000\r\n" << 400;
        QTest::newRow("a chunk size in a line that ends in LF") << chunked + "4\nabcd\r\n" << 400;
        QTest::newRow("a chunk longer than it says") << chunked + "3\r\nabcd\r\n" << 400;
        QTest::newRow("a chunk without CRLF behind it") << chunked + "4\r\nabcd0\r\n\r\n" << 400;
        QTest::newRow("an endless chunk line") << chunked + "1;" + QByteArray(300, 'x') << 400;
        QTest::newRow("an endless trailer")
            << chunked + "0\r\n" + ("X: " + QByteArray(200, 'y') + "\r\n").repeated(9) << 431;
        QTest::newRow("an expectation") << host + "Expect: 200-ok\r\nContent-Length: 5\r\n\r\n" << 417;
        QTest::newRow("WebSocket") << host + "Connection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n" << 501;
        QTest::newRow("a head over the limit") << host + "X: " + QByteArray(1000, 'x') + "\r\n\r\n" << 431;
        QTest::newRow("a head without an end") << host + "X: " + QByteArray(2000, 'x') << 431;
    }
    void badRequestsAreRefusedHoweverCut()
    {
        QFETCH(QByteArray, request);
        QFETCH(int, status);
        const Seen seen = read(request);
        QCOMPARE(seen.heads, QByteArrayList());
        QCOMPARE(seen.fault, status);
    }

    void aHeadOfExactlyTheLimitPasses()
    {
        const QByteArray begin = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
        const QByteArray request = begin + QByteArray(Limit - begin.size() - 4, 'x') + "\r\n\r\n";
        QCOMPARE(request.size(), Limit);
        QCOMPARE(read(request).heads.size(), 1);
        QCOMPARE(read(begin + QByteArray(Limit - begin.size() - 3, 'x') + "\r\n\r\n").fault, 431);
    }

    void fieldsAreFoundWhateverTheirCase()
    {
        RequestReader reader(Limit);
        const QByteArray request =
            "PUT / HTTP/1.1\r\nHOST: h:1\r\nACCEPT:  a/b ; q=1 \r\nX-Y: 1\r\nx-y: 2\r\n"
            "Expect: 100-Continue\r\nContent-Length: 7\r\n\r\n";
        QByteArrayView input(request);
        QCOMPARE(reader.next(input), Event::Head);
        QCOMPARE(reader.head().field("host"), "h:1");
        QCOMPARE(reader.head().field("accept"), "a/b ; q=1");
        QCOMPARE(reader.head().field("X-y"), "1");
        QVERIFY(reader.head().field("accept-encoding").isNull());
        QVERIFY(reader.head().expectsContinue);
        QVERIFY(reader.head().hasBody());
        QCOMPARE(reader.head().contentLength, 7);
        QVERIFY(reader.isWithinRequest());
    }

    void aRequestLineIsRefusedAlthoughTheRestIsStillToCome_data()
    {
        QTest::addColumn<QByteArray>("begin");
        QTest::addColumn<int>("status");
        QTest::newRow("one word") << QByteArray("hello\n") << 400;
        QTest::newRow("no version") << QByteArray("GET /\r\n") << 400;
        QTest::newRow("another version") << QByteArray("GET / HTTP/2.0\r\n") << 505;
        QTest::newRow("a good one") << QByteArray("GET / HTTP/1.1\r\n") << 0;
    }
    void aRequestLineIsRefusedAlthoughTheRestIsStillToCome()
    {
        QFETCH(QByteArray, begin);
        QFETCH(int, status);
        QCOMPARE(read(begin).fault, status);
    }
};

QTEST_APPLESS_MAIN(TestRequestReader)
#include "tst_requestreader.moc"
