// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/requestguard.h"

#include <QTest>

using namespace ExporterProxy;

namespace {

constexpr qsizetype Limit = 1000;
using State = RequestGuard::State;

/// Feeds the request in two pieces, cut at `cut`.
State feedCut(RequestGuard &guard, const QByteArray &request, qsizetype cut)
{
    const State first = guard.feed(QByteArrayView(request).first(cut));
    return first == State::Incomplete ? guard.feed(QByteArrayView(request).sliced(cut)) : first;
}

} // namespace

class TestRequestGuard : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void goodRequestsPassHoweverCut_data()
    {
        QTest::addColumn<QByteArray>("request");
        QTest::addColumn<bool>("http10");
        QTest::addColumn<bool>("keepAlive");
        QTest::newRow("plain") << QByteArray("GET / HTTP/1.1\r\nHost: h\r\n\r\n") << false << true;
        QTest::newRow("with bare line feeds") << QByteArray("GET / HTTP/1.1\nHost: h\n\n") << false << true;
        QTest::newRow("close") << QByteArray("GET / HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n")
                               << false << false;
        QTest::newRow("close in a list")
            << QByteArray("GET / HTTP/1.1\r\nHost: h\r\nconnection: te, close\r\n\r\n") << false << false;
        QTest::newRow("1.0 without headers") << QByteArray("GET / HTTP/1.0\r\n\r\n") << true << false;
        QTest::newRow("1.0 that wants to stay")
            << QByteArray("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n") << true << true;
        QTest::newRow("with a body") << QByteArray(
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello")
                                     << false << true;
        QTest::newRow("a header without a value")
            << QByteArray("GET / HTTP/1.1\r\nHost:\r\nX:\r\n\r\n") << false << true;
        QTest::newRow("an upgrade we do not take")
            << QByteArray("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: h2c\r\n\r\n") << false << true;
    }
    void goodRequestsPassHoweverCut()
    {
        QFETCH(QByteArray, request);
        QFETCH(bool, http10);
        QFETCH(bool, keepAlive);
        RequestGuard guard(Limit);
        for (qsizetype cut = 0; cut < request.size(); ++cut) {
            QCOMPARE(feedCut(guard, request, cut), State::Complete);
            QVERIFY(!guard.isWithinRequest());
            QCOMPARE(guard.facts().http10, http10);
            QCOMPARE(guard.facts().keepAlive, keepAlive);
        }
        for (qsizetype i = 0; i < request.size(); ++i) {
            const State state = guard.feed(QByteArrayView(request).sliced(i, 1));
            QCOMPARE(state, i + 1 < request.size() ? State::Incomplete : State::Complete);
        }
    }

    void badRequestsAreRefusedHoweverCut_data()
    {
        QTest::addColumn<QByteArray>("request");
        QTest::addColumn<int>("status");
        const QByteArray line = "GET / HTTP/1.1\r\n";
        const QByteArray host = line + "Host: h\r\n";
        QTest::newRow("words") << QByteArray("hello\r\n\r\n") << 400;
        QTest::newRow("HTTP/0.9") << QByteArray("GET /\r\n\r\n") << 400;
        QTest::newRow("no target") << QByteArray("GET  HTTP/1.1\r\n\r\n") << 400;
        QTest::newRow("no method") << QByteArray(" / HTTP/1.1\r\n\r\n") << 400;
        QTest::newRow("a space in the target") << QByteArray("GET /a b HTTP/1.1\r\n\r\n") << 400;
        QTest::newRow("a control character in the target") << QByteArray("GET /\x01 HTTP/1.1\r\n\r\n") << 400;
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
        QTest::newRow("chunks") << host + "Transfer-Encoding: chunked\r\n\r\n" << 411;
        QTest::newRow("a negative length") << host + "Content-Length: -5\r\n\r\n" << 400;
        QTest::newRow("a length with a plus") << host + "Content-Length: +5\r\n\r\n" << 400;
        QTest::newRow("an empty length") << host + "Content-Length:\r\n\r\n" << 400;
        QTest::newRow("two lengths") << host + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n" << 400;
        QTest::newRow("a body over the limit") << host + "Content-Length: 1000\r\n\r\n" << 413;
        QTest::newRow("a length past all integers")
            << host + "Content-Length: 99999999999999999999999\r\n\r\n"
            << 413;
        QTest::newRow("an expectation") << host + "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n" << 417;
        QTest::newRow("WebSocket") << host + "Connection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n" << 501;
        QTest::newRow("a head over the limit") << host + "X: " + QByteArray(1000, 'x') + "\r\n\r\n" << 431;
    }
    void badRequestsAreRefusedHoweverCut()
    {
        QFETCH(QByteArray, request);
        QFETCH(int, status);
        for (qsizetype cut = 0; cut < request.size(); ++cut) {
            RequestGuard guard(Limit);
            QCOMPARE(feedCut(guard, request, cut), State::Refused);
            QCOMPARE(guard.fault().status, status);
            QVERIFY(!guard.fault().message.isEmpty());
        }
    }

    void anEndlessHeadIsRefusedAtTheLimit()
    {
        RequestGuard guard(Limit);
        QCOMPARE(guard.feed("GET / HTTP/1.1\r\nX: "), State::Incomplete);
        qsizetype sent = 19;
        State state = State::Incomplete;
        for (; state == State::Incomplete && sent < 2 * Limit; ++sent)
            state = guard.feed("x");
        QCOMPARE(state, State::Refused);
        QCOMPARE(guard.fault().status, 431);
        QCOMPARE(sent, Limit);
    }

    void aHeadOfExactlyTheLimitPasses()
    {
        const QByteArray begin = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
        const QByteArray request = begin + QByteArray(Limit - begin.size() - 4, 'x') + "\r\n\r\n";
        QCOMPARE(request.size(), Limit);
        RequestGuard guard(Limit);
        QCOMPARE(feedCut(guard, request, Limit - 1), State::Complete);
        QCOMPARE(guard.feed(request), State::Complete);
    }

    void whatFollowsARequestIsLeftAlone()
    {
        const QByteArray post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
        const QByteArray get = "GET / HTTP/1.0\r\n\r\n";
        RequestGuard guard(Limit);
        QCOMPARE(guard.feed(post + get), State::Complete);
        QVERIFY(!guard.facts().http10);
        QCOMPARE(guard.feed(get + "garbage"), State::Complete);
        QVERIFY(guard.facts().http10);
        QCOMPARE(guard.feed("garbage\r\n\r\n"), State::Refused);
    }
};

QTEST_APPLESS_MAIN(TestRequestGuard)
#include "tst_requestguard.moc"
