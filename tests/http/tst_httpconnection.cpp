// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/httpconnection.h"
#include "daemon/net/connectionset.h"

#include <cerrno>
#include <linux/sockios.h>
#include <QTest>
#include <sys/ioctl.h>
#include <sys/socket.h>

using namespace ExporterProxy;
using namespace std::chrono_literals;

namespace {

using Clock = Connection::Clock;

constexpr qint64 MaxBody = 100'000;

/// What became of the bodies, in the order in which it happened.
struct Record
{
    QByteArrayList pieces; ///< of all bodies
    QByteArrayList answered; ///< targets, each with the size of its body
    int sinks = 0; ///< that exist
    qint64 held = 0; ///< bytes that each sink claims to hold for each that it was given
    QByteArray failAt; ///< a piece that the sink does not want
};

class TestSink final : public BodySink
{
public:
    explicit TestSink(Record &record)
        : m_record(record)
    {
        ++m_record.sinks;
    }
    ~TestSink() override { --m_record.sinks; }
    TestSink(const TestSink &) = delete;
    TestSink &operator=(const TestSink &) = delete;

    qint64 maxSize() const override { return MaxBody; }
    std::optional<HttpResponse> write(QByteArrayView piece) override
    {
        m_record.pieces << piece.toByteArray();
        m_size += piece.size();
        if (!m_record.failAt.isEmpty() && piece.contains(m_record.failAt))
            return HttpResponse::text(422, "not this\n");
        return std::nullopt;
    }
    qint64 heldBytes() const override { return m_size * m_record.held; }
    HttpResponse tooLarge() override { return HttpResponse::text(413, "too large\n"); }
    qint64 size() const { return m_size; }

private:
    Record &m_record;
    qint64 m_size = 0;
};

/// Takes bodies at /push, and has a page of its own at each path.
class TestHandler final : public HttpHandler
{
public:
    Record record;
    std::shared_ptr<const Page> large; ///< the page of /large
    std::chrono::microseconds time{0}; ///< that an answer takes
    int laters = 0; ///< so often /later is not ready
    QList<bool> wasLast; ///< of each time that /later was asked for

    Work workOf(const RequestHead &) override { return Work::Scrape; }
    std::unique_ptr<BodySink> sinkFor(const RequestHead &head, const Channel &) override
    {
        return head.target == "/push" ? std::make_unique<TestSink>(record) : nullptr;
    }
    std::optional<HttpResponse> answer(const RequestHead &head, const Channel &, BodySink *sink,
                                       bool isLast) override
    {
        for (const auto end = Clock::now() + time; Clock::now() < end;) { }
        if (head.target == "/later") {
            wasLast << isLast;
            if (!isLast && --laters >= 0)
                return std::nullopt;
        }
        const qint64 size = sink ? static_cast<TestSink *>(sink)->size() : 0;
        record.answered << head.target.toByteArray() + ' ' + QByteArray::number(size);
        if (head.target == "/large") {
            HttpResponse response;
            response.body = large;
            return response;
        }
        return HttpResponse::text(head.target == "/none" ? 404 : 200, "at " + head.target.toByteArray());
    }
};

/// A door whose set has its turns from the test alone.
struct Front
{
    explicit Front(const HttpLimits &limits = {})
        : door(*set, "the test", limits, handler, failures)
    {
    }

    std::atomic<qint64> stored{0};
    PendingBytes pending{stored, 0}; // PendingBytes::AlwaysAllowed
    std::unique_ptr<ConnectionSet> set = ConnectionSet::create(pending).take();
    TestHandler handler;
    AcceptFailures failures;
    HttpDoor door;
};

/// The other end of a connection. What it sends is handled before send() returns.
class Peer
{
public:
    explicit Peer(Front &front)
        : m_front(front)
    {
        int ends[2] = {-1, -1};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
            qFatal("cannot make a pair of sockets");
        m_socket = Descriptor(ends[0]);
        front.door.adopt(Descriptor(ends[1]), Clock::now());
    }

    /// Sends, without giving the other side a turn.
    void put(const QByteArray &bytes)
    {
        const ssize_t size =
            ::send(m_socket.get(), bytes.constData(), std::size_t(bytes.size()), MSG_NOSIGNAL);
        if (size != bytes.size())
            qFatal("the socket is full");
    }
    void send(const QByteArray &bytes)
    {
        put(bytes);
        m_front.set->turn();
    }

    /// Bytes that the other side has not read, with what the kernel adds to each piece.
    int unread() const
    {
        int bytes = 0;
        if (::ioctl(m_socket.get(), SIOCOUTQ, &bytes) != 0)
            qFatal("cannot tell what is unread");
        return bytes;
    }

    /// All that has come since the last call.
    QByteArray received()
    {
        QByteArray all;
        QByteArray some(64 * 1024, Qt::Uninitialized);
        for (;;) {
            const ssize_t size = ::recv(m_socket.get(), some.data(), std::size_t(some.size()), 0);
            m_hasEnded = m_hasEnded || size == 0;
            if (size <= 0)
                return all;
            all += some.first(qsizetype(size));
        }
    }

    /// The statuses of what has come since the last call.
    QList<int> statuses()
    {
        QList<int> found;
        const QByteArray bytes = received();
        const QByteArrayView line("HTTP/1.1 ");
        for (qsizetype at = bytes.indexOf(line); at >= 0; at = bytes.indexOf(line, at + 1))
            found << bytes.mid(at + line.size(), 3).toInt();
        return found;
    }

    /// Whether the other side has said that nothing more comes, as far as that was received.
    bool hasEnded() const { return m_hasEnded; }
    void endSending() { ::shutdown(m_socket.get(), SHUT_WR); }
    void leave() { m_socket = Descriptor(); }

private:
    Front &m_front;
    Descriptor m_socket;
    bool m_hasEnded = false;
};

QByteArray get(const QByteArray &target)
{
    return "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

QByteArray push(const QByteArray &fields, const QByteArray &target = "/push")
{
    return "POST " + target + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}

const QByteArray Chunked = QByteArrayLiteral("Transfer-Encoding: chunked\r\n");

QByteArray length(qint64 size)
{
    return "Content-Length: " + QByteArray::number(size) + "\r\n";
}

} // namespace

class TestHttpConnection : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aBodyArrivesInPiecesAtItsSink()
    {
        Front front;
        Peer peer(front);
        const Record &record = front.handler.record;
        peer.send(push(length(11)));
        QCOMPARE(record.sinks, 1);
        QVERIFY(record.pieces.isEmpty());
        peer.send("hello");
        QCOMPARE(record.pieces, QByteArrayList{"hello"});
        peer.send(" wor");
        QVERIFY(record.answered.isEmpty());
        peer.send("ld");
        QCOMPARE(record.pieces, (QByteArrayList{"hello", " wor", "ld"}));
        QCOMPARE(record.answered, QByteArrayList{"/push 11"});
        QCOMPARE(record.sinks, 0);
        QCOMPARE(peer.statuses(), QList<int>{200});
        QVERIFY(!peer.hasEnded());
    }

    void aChunkedBodyArrivesInPiecesAtItsSink()
    {
        Front front;
        Peer peer(front);
        const Record &record = front.handler.record;
        peer.send(push(Chunked) + "5\r\nhello\r\n");
        QCOMPARE(record.pieces, QByteArrayList{"hello"});
        peer.send("6;x=y\r\n wo");
        peer.send("rld\r\n0\r\n");
        QVERIFY(record.answered.isEmpty()); // the trailer may still come
        peer.send("\r\n");
        QCOMPARE(record.pieces, (QByteArrayList{"hello", " wo", "rld"}));
        QCOMPARE(record.answered, QByteArrayList{"/push 11"});
        QCOMPARE(record.sinks, 0);
        QCOMPARE(peer.statuses(), QList<int>{200});
    }

    void requestsBehindABodyAreAnswered()
    {
        Front front;
        Peer peer(front);
        peer.send(push(length(3)) + "abc" + get("/1") + push(Chunked) + "2\r\nde\r\n0\r\n\r\n" + get("/2")
                  + push(length(1)));
        const QByteArrayList first{"/push 3", "/1 0", "/push 2", "/2 0"};
        QCOMPARE(front.handler.record.answered, first);
        QCOMPARE(peer.statuses(), (QList<int>{200, 200, 200, 200}));
        peer.send("f" + get("/3"));
        QCOMPARE(front.handler.record.answered, first + QByteArrayList({"/push 1", "/3 0"}));
        QCOMPARE(front.handler.record.pieces, (QByteArrayList{"abc", "de", "f"}));
        QCOMPARE(peer.statuses(), (QList<int>{200, 200}));
    }

    void whoExpectsItIsToldToContinueBeforeTheBody()
    {
        Front front;
        Peer peer(front);
        peer.send(push(length(2) + "Expect: 100-continue\r\n"));
        QCOMPARE(peer.received(), "HTTP/1.1 100 Continue\r\n\r\n");
        QVERIFY(front.handler.record.answered.isEmpty());
        peer.send("ab");
        QCOMPARE(peer.statuses(), QList<int>{200});
    }

    void nobodyIsToldToContinueWhereNoBodyIsTaken_data()
    {
        QTest::addColumn<QByteArray>("request");
        QTest::addColumn<int>("status");
        const QByteArray expect("Expect: 100-continue\r\n");
        QTest::newRow("a route without a sink") << push(expect + length(2), "/other") << 413;
        QTest::newRow("a path that does not exist") << push(expect + length(2), "/none") << 404;
        QTest::newRow("too large") << push(expect + length(MaxBody + 1)) << 413;
    }
    void nobodyIsToldToContinueWhereNoBodyIsTaken()
    {
        QFETCH(QByteArray, request);
        QFETCH(int, status);
        Front front;
        Peer peer(front);
        peer.send(request);
        QCOMPARE(peer.statuses(), QList<int>{status});
        QVERIFY(peer.hasEnded());
        QCOMPARE(front.handler.record.sinks, 0);
        QVERIFY(front.handler.record.pieces.isEmpty());
    }

    void aBodyOfTheLargestSizeIsTaken()
    {
        Front front;
        Peer peer(front);
        peer.send(push(length(MaxBody)) + QByteArray(MaxBody, 'x'));
        QCOMPARE(peer.statuses(), QList<int>{200});
    }

    void aChunkedBodyThatIsTooLargeIsRefusedWhileItArrives()
    {
        Front front;
        Peer peer(front);
        const QByteArray chunk = QByteArray::number(MaxBody, 16) + "\r\n" + QByteArray(MaxBody, 'x') + "\r\n";
        peer.send(push(Chunked) + chunk);
        QVERIFY(peer.statuses().isEmpty());
        peer.send("1\r\ny");
        QCOMPARE(peer.statuses(), QList<int>{413});
        QVERIFY(peer.hasEnded());
        QCOMPARE(front.handler.record.sinks, 0);
        QVERIFY(!front.handler.record.pieces.contains("y"));
    }

    void theSinksFailureIsAnsweredAndEndsTheConnection()
    {
        Front front;
        front.handler.record.failAt = "bad";
        Peer peer(front);
        peer.send(push(length(10)) + "good");
        peer.send("bad" + QByteArray("more"));
        QCOMPARE(peer.statuses(), QList<int>{422});
        QVERIFY(peer.hasEnded());
        QCOMPARE(front.handler.record.sinks, 0);
        QVERIFY(front.handler.record.answered.isEmpty());
        peer.send(get("/"));
        QVERIFY(front.handler.record.answered.isEmpty());
    }

    void aBodyThatStopsIsAnswered408()
    {
        Front front;
        Peer peer(front);
        peer.send(push(length(10)) + "stop");
        QCOMPARE(front.set->memory().isExceeded(), false);
        const Clock::time_point now = Clock::now();
        front.door.sweep(now + 9s);
        QVERIFY(peer.statuses().isEmpty());
        front.door.sweep(now + 10s);
        QCOMPARE(peer.statuses(), QList<int>{408});
        QVERIFY(peer.hasEnded());
        QCOMPARE(front.handler.record.sinks, 0);
        QCOMPARE(front.door.openConnections(), 1); // until the client has read it
        front.door.sweep(now + 13s);
        QCOMPARE(front.door.openConnections(), 0);
    }

    void aHeadThatStopsIsAnswered408()
    {
        Front front;
        Peer peer(front);
        peer.send(get("/") + "GET / HT");
        QCOMPARE(peer.statuses(), QList<int>{200});
        const Clock::time_point now = Clock::now();
        front.door.sweep(now + 9s);
        QVERIFY(peer.statuses().isEmpty());
        front.door.sweep(now + 10s);
        QCOMPARE(peer.statuses(), QList<int>{408});
        QVERIFY(peer.hasEnded());
    }

    void eachRequestHasItsOwnTime()
    {
        Front front;
        Peer peer(front);
        peer.send(push(length(2)) + "a");
        const Clock::time_point first = Clock::now();
        while (Clock::now() == first) { }
        peer.send("b" + push(length(2)) + "a");
        QCOMPARE(peer.statuses(), QList<int>{200});
        QVERIFY(front.door.nextDeadline() > first + 10s);
    }

    void aBodyIsDroppedWhenMemoryIsShort()
    {
        Front front;
        front.handler.record.held = 1'000'000;
        Peer first(front);
        Peer second(front);
        first.send(push(length(30)) + QByteArray(20, 'x'));
        const auto firstSeen = Clock::now();
        while (Clock::now() < firstSeen + 1ms) { }
        second.send(push(length(30)) + QByteArray(14, 'x'));
        QCOMPARE(first.statuses(), QList<int>{503});
        QVERIFY(first.hasEnded());
        QVERIFY(second.statuses().isEmpty());
        QCOMPARE(front.handler.record.sinks, 1);
        QVERIFY(!front.pending.isExceeded());
        second.send(QByteArray(16, 'x'));
        QCOMPARE(second.statuses(), QList<int>{200});
    }

    void theSinkIsDestroyedWhenTheClientLeaves()
    {
        Front front;
        front.handler.record.held = 1'000'000;
        Peer peer(front);
        peer.send(push(length(50)) + QByteArray(30, 'x'));
        QCOMPARE(front.handler.record.sinks, 1);
        peer.leave();
        front.set->turn();
        QCOMPARE(front.handler.record.sinks, 0);
        QCOMPARE(front.door.openConnections(), 0);
        QVERIFY(front.handler.record.answered.isEmpty());

        Peer next(front); // what the first one held is free again
        next.send(push(length(50)) + QByteArray(30, 'x'));
        QVERIFY(next.statuses().isEmpty());
    }

    void aResponseBehindAnotherIsWrittenOnWhileOthersAreServed()
    {
        Front front;
        front.handler.large = HttpResponse::bodyOf(QByteArray(2'000'000, 'x'));
        Peer slow(front);
        Peer other(front);
        slow.send(get("/large") + get("/large"));
        QByteArray received = slow.received();
        for (int turns = 0; turns < 1'000 && front.handler.record.answered.count("/large 0") < 2; ++turns) {
            other.put(get("/")); // behind the first, so that it waits when that goes on
            front.set->turn();
            received += slow.received();
        }
        QCOMPARE(front.handler.record.answered.count("/large 0"), 2);
        for (int turns = 0; turns < 1'000 && received.count('x') < 4'000'000; ++turns) {
            front.set->turn();
            received += slow.received();
        }
        QVERIFY(received.count('x') >= 4'000'000);
    }

    void requestsBehindAResponseThatWaitsStayInTheKernel()
    {
        Front front;
        front.handler.large = HttpResponse::bodyOf(QByteArray(2'000'000, 'x'));
        Peer slow(front);
        slow.put(get("/large"));
        for (int pieces = 0; pieces < 32; ++pieces)
            slow.put("GET /" + QByteArray(1'000, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n");
        for (int turns = 0; turns < 10; ++turns)
            front.set->turn();
        QCOMPARE(front.handler.record.answered.size(), 1);
        QVERIFY2(slow.unread() > 24'000, QByteArray::number(slow.unread()).constData());
    }

    void eachResponseMayBeWaitedForAsLong()
    {
        HttpLimits limits;
        limits.compressionWait = 1ms;
        Front front(limits);
        front.handler.laters = 1'000'000'000;
        Peer peer(front);
        peer.send(get("/later") + get("/later"));
        for (int turns = 0; turns < 1'000'000 && front.handler.record.answered.size() < 2; ++turns)
            front.set->turn();
        QCOMPARE(peer.statuses(), (QList<int>{200, 200}));
        const qsizetype first = front.handler.wasLast.indexOf(true);
        QVERIFY(first > 0);
        QVERIFY(!front.handler.wasLast.at(first + 1));
        QCOMPARE(front.handler.wasLast.count(true), 2);
    }

    void theLastResponseMayBeTakenSlowly_data()
    {
        QTest::addColumn<bool>("isStalled");
        QTest::newRow("within the time that a reader has") << false;
        QTest::newRow("not at all") << true;
    }
    void theLastResponseMayBeTakenSlowly()
    {
        QFETCH(const bool, isStalled);
        HttpLimits limits;
        limits.lingerTimeout = 1ms;
        limits.stallTimeout = isStalled ? 5ms : 1h;
        Front front(limits);
        front.handler.large = HttpResponse::bodyOf(QByteArray(50'000, 'x')); // the kernel takes all of it
        Peer slow(front);
        slow.send("GET /large HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        QCOMPARE(front.handler.record.answered.size(), 1);
        const auto turnFor = [&front](std::chrono::milliseconds time) {
            for (const auto end = Clock::now() + time; Clock::now() < end;)
                front.set->turn();
        };
        turnFor(30ms);
        QCOMPARE(front.door.openConnections(), isStalled ? 0 : 1);
        QVERIFY(slow.received().endsWith('x'));
        turnFor(30ms);
        QCOMPARE(front.door.openConnections(), 0);
    }

    void requestsThatAreSentAheadEndATurnAsWell()
    {
        Front front;
        front.handler.time = 1ms;
        Peer peer(front);
        peer.send(get("/").repeated(100));
        QVERIFY(front.handler.record.answered.size() <= Scheduler::TurnBudget / 1ms + 1);
        for (int turns = 0; turns < 200 && front.handler.record.answered.size() < 100; ++turns)
            front.set->turn();
        QCOMPARE(peer.statuses(), QList<int>(100, 200));
    }

    void aBodyThatArrivesStaysWhenMemoryIsShort()
    {
        Front front;
        front.handler.record.held = 400;
        const auto passTime = [] {
            for (const auto end = Clock::now() + 1ms; Clock::now() < end;) { }
        };
        Peer growing(front);
        Peer stalled(front);
        growing.send(push(length(75'000)) + QByteArray(40'000, 'x'));
        passTime();
        stalled.send(push(length(100'000)) + QByteArray(20'000, 'x'));
        passTime();
        growing.send(QByteArray(30'000, 'x')); // 28 + 8 MB
        QCOMPARE(stalled.statuses(), QList<int>{503});
        QVERIFY(growing.statuses().isEmpty());
        growing.send(QByteArray(5'000, 'x'));
        QCOMPARE(growing.statuses(), QList<int>{200});
    }

    void theAnswerToADroppedBodyMayWaitForItsClient()
    {
        Front front;
        QByteArrayList &answered = front.handler.record.answered;
        const auto turnUntilQuiet = [&] {
            for (qsizetype before = -1; before != answered.size(); front.set->turn())
                before = answered.size();
        };
        // So many responses does the kernel take in for a client that reads none: the last one waits.
        qsizetype responses = 0;
        {
            Peer probe(front);
            probe.put(get("/").repeated(2'000));
            turnUntilQuiet();
            responses = answered.size() - 1;
            QVERIFY(responses > 10 && responses < 1'999);
        }
        front.set->turn();
        answered.clear();

        front.handler.record.held = 1'000'000;
        Peer full(front);
        full.put(get("/").repeated(responses) + push(length(30)) + QByteArray(20, 'x'));
        turnUntilQuiet();
        QCOMPARE(answered.size(), responses);
        QCOMPARE(front.handler.record.sinks, 1);
        Peer other(front);
        other.send(push(length(30)) + QByteArray(19, 'x'));
        QCOMPARE(front.handler.record.sinks, 1);
        QVERIFY(other.statuses().isEmpty());

        QList<int> statuses = full.statuses();
        QCOMPARE(statuses, QList<int>(responses, 200));
        front.set->turn();
        QCOMPARE(full.statuses(), QList<int>{503});
        QVERIFY(full.hasEnded());
    }
};

QTEST_APPLESS_MAIN(TestHttpConnection)
#include "tst_httpconnection.moc"
