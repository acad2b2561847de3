// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/receiverpool.h"
#include "schema/metric_data.capnp.h"
#include "tests/receive/sender.h"
#include "tests/wire/json.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

using namespace ExporterProxy;
using namespace std::chrono_literals;

namespace {

/// A pool on a free port and a path of its own, with the model it feeds.
struct Fixture
{
    QTemporaryDir folder;
    AppModel model{{10'000, 1 << 30}};
    ProxyCounters counters;
    Settings settings;
    TextGate gate{counters.repairs, {}};
    Intake intake{gate, model};
    std::unique_ptr<ConnectionSet> connections = ConnectionSet::create(model.pending()).take();
    ReceiverPool pool{intake, model.pending(), counters, *connections};

    explicit Fixture(int workers = qEnvironmentVariableIntValue("EXPORTER_PROXY_TEST_WORKERS"))
    {
        settings.exporter.workerThreads = workers;
        settings.receiver.unixSocketPath = folder.filePath(QStringLiteral("receiver.sock"));
        settings.receiver.tcpSocket.port = 0;
        connections->joinEventLoop();
    }
    QString start(int maxConnections = 100) { return pool.start(settings, maxConnections).error(); }
    QByteArray unixPath() const { return pool.names().front(); }
    QByteArray tcpAddress() const { return pool.names().back(); }
    QByteArray where(bool tcp) const { return tcp ? tcpAddress() : unixPath(); }
    ReceiverCounters &counted(bool tcp) { return tcp ? counters.tcpSocket : counters.unixSocket; }

    QByteArray text(const QByteArray &name)
    {
        const auto view = model.view();
        const AppSnapshot *app = view->find(name);
        return app ? app->text : QByteArrayLiteral("(not there)");
    }
};

/// While it lives, this process can open so many descriptors.
class FewDescriptors
{
public:
    explicit FewDescriptors(int count)
    {
        if (::getrlimit(RLIMIT_NOFILE, &m_usual) != 0)
            qFatal("no limit of descriptors");
        std::vector<Descriptor> free; // wherever among the others they are
        for (int i = 0; i <= count; ++i)
            free.emplace_back(::dup(STDERR_FILENO));
        const rlimit few{rlim_t(free.back().get()), m_usual.rlim_max};
        if (::setrlimit(RLIMIT_NOFILE, &few) != 0)
            qFatal("cannot lower the limit of descriptors");
    }
    ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &m_usual); }
    FewDescriptors(const FewDescriptors &) = delete;
    FewDescriptors &operator=(const FewDescriptors &) = delete;

private:
    rlimit m_usual{};
};

QByteArray capnpMessage(const char *name, const char *text)
{
    capnp::MallocMessageBuilder builder;
    auto metrics = builder.initRoot<Schema::InboundMetrics>();
    metrics.setAppName(name);
    metrics.setData(text);
    const auto words = capnp::messageToFlatArray(builder);
    return QByteArray(reinterpret_cast<const char *>(words.begin()),
                      qsizetype(words.size() * sizeof(capnp::word)));
}

/// Sends all of it while the event loop runs, however little fits at once.
void sendAll(Sender &sender, QByteArrayView bytes)
{
    QElapsedTimer time;
    time.start();
    while (!bytes.isEmpty() && time.elapsed() < 60'000) {
        bytes = bytes.sliced(sender.send(bytes));
        QCoreApplication::processEvents();
    }
    QVERIFY(bytes.isEmpty());
}

} // namespace

class TestReceiverPool : public QObject
{
    Q_OBJECT

    void overBothTransports(const char *name = "")
    {
        QTest::addColumn<bool>("tcp");
        QTest::addColumn<int>("workers");
        for (const int workers : {0, 1, 3}) {
            for (const bool tcp : {false, true})
                QTest::addRow("%s over %s, %d worker threads", name, tcp ? "TCP" : "a Unix socket", workers)
                    << tcp << workers;
        }
    }

private Q_SLOTS:
    void aPushIsStoredAtItsLastBrace_data() { overBothTransports(); }
    void aPushIsStoredAtItsLastBrace()
    {
        QFETCH(bool, tcp);
        QFETCH(int, workers);
        Fixture f(workers);
        QCOMPARE(f.start(), QString());
        Sender sender(f.where(tcp));
        QVERIFY(sender.isConnected());
        sender.send(json("{'a':'x 1\\n'}")); // and stays open
        QTRY_COMPARE(f.text("a"), "x 1\n");
        QCOMPARE(f.model.view()->find("a")->source, f.where(tcp));
        sender.send(json("{'a':['x 2']} {'b':'y'}{'c'"));
        QTRY_COMPARE(f.text("b"), "y\n");
        QCOMPARE(f.text("a"), "x 2\n");
        sender.send(json(":'z'}"));
        QTRY_COMPARE(f.text("c"), "z\n");
        sender.endSending();
        QTRY_VERIFY(sender.isClosed());
        QCOMPARE(sender.received(), QByteArray()); // what is taken is not answered
        QTRY_COMPARE(f.counted(tcp).accepted.load(), 4u);
        QTRY_COMPARE(f.counted(tcp).connections.load(), 0);
        QCOMPARE(f.counted(!tcp).accepted.load(), 0u);
    }

    void capnpMessagesOnOneConnection_data() { overBothTransports(); }
    void capnpMessagesOnOneConnection()
    {
        QFETCH(bool, tcp);
        QFETCH(int, workers);
        Fixture f(workers);
        f.settings.receiver.format = PushFormat::CapnProto;
        QCOMPARE(f.start(), QString());
        Sender sender(f.where(tcp));
        const QByteArray stream =
            capnpMessage("a", "x 1\n") + capnpMessage("b", "y") + capnpMessage("a", "x 2\n");
        for (qsizetype at = 0; at < stream.size(); at += 13)
            sender.send(QByteArrayView(stream).sliced(at, qMin<qsizetype>(13, stream.size() - at)));
        QTRY_COMPARE(f.text("a"), "x 2\n");
        QCOMPARE(f.text("b"), "y\n");
        sender.endSending();
        QTRY_VERIFY(sender.isClosed());
        QCOMPARE(sender.received(), QByteArray());
    }

    void aRefusedPushIsAnsweredOnceAndChangesNothing_data() { overBothTransports(); }
    void aRefusedPushIsAnsweredOnceAndChangesNothing()
    {
        QFETCH(bool, tcp);
        QFETCH(int, workers);
        Fixture f(workers);
        QCOMPARE(f.start(), QString());
        Sender good(f.where(tcp));
        good.send(json("{'a':'x 1\\n'}"));
        QTRY_COMPARE(f.text("a"), "x 1\n");
        Sender bad(f.where(tcp));
        bad.send(json("{'a':'x 2\\n','b':7}{'a':'x 3\\n'}"));
        QTRY_VERIFY(bad.isClosed());
        QCOMPARE(bad.received(),
                 "error: the value of \"b\" must be a string or an array of strings, not a number, at byte "
                 "17 (line 1, column 18)\n");
        QCOMPARE(f.text("a"), "x 1\n");
        QCOMPARE(f.text("b"), "(not there)");
        QCOMPARE(f.counted(tcp).errors[std::size_t(RejectReason::WrongType)].load(), 1u);
        QCOMPARE(f.counted(tcp).accepted.load(), 1u);
        bad.endSending();
        good.send(json("{'a':'x 4\\n'}"));
        QTRY_COMPARE(f.text("a"), "x 4\n");
        QTRY_COMPARE(f.counted(tcp).connections.load(), 1);
    }

    void aRefusedSenderThatIsStillSendingReadsItsError()
    {
        Fixture f;
        f.settings.limits.maxMessageSize = 100'000;
        QCOMPARE(f.start(), QString());
        Sender sender(f.tcpAddress());
        const QByteArray document = json("{'a':'") + QByteArray(3'000'000, 'x') + json("'}");
        qsizetype sent = 0;
        QTRY_VERIFY((sent += sender.send(QByteArrayView(document).sliced(sent))) == document.size());
        sender.endSending();
        QTRY_VERIFY(sender.isClosed());
        QVERIFY2(sender.received().startsWith(
                     "error: the message is larger than limits.max_message_size (100000 bytes)"),
                 sender.received().constData());
        QTRY_COMPARE(f.counters.tcpSocket.connections.load(), 0);
    }

    void aMessageThatEndsInTheMiddleIsAnsweredAtHalfClose()
    {
        Fixture f;
        QCOMPARE(f.start(), QString());
        Sender sender(f.unixPath());
        sender.send(json("{'a':'x 1"));
        sender.endSending();
        QTRY_VERIFY(sender.isClosed());
        QCOMPARE(sender.received(),
                 "error: the connection ended inside a message, after 9 bytes, before its closing '}'\n");
        QCOMPARE(f.counters.unixSocket.errors[std::size_t(RejectReason::Incomplete)].load(), 1u);
    }

    void connectingAndLeavingIsNoError()
    {
        Fixture f;
        QCOMPARE(f.start(), QString());
        {
            Sender sender(f.unixPath());
            QTRY_COMPARE(f.counters.unixSocket.connections.load(), 1);
        }
        QTRY_COMPARE(f.counters.unixSocket.connections.load(), 0);
        for (const auto &count : f.counters.unixSocket.errors)
            QCOMPARE(count.load(), 0u);
    }

    void atTheCapTheConnectionIdleForLongestMakesRoom_data() { overBothTransports(); }
    void atTheCapTheConnectionIdleForLongestMakesRoom()
    {
        QFETCH(bool, tcp);
        QFETCH(int, workers);
        if (workers > 1)
            return; // each thread has its own share, and the kernel chooses the thread
        Fixture f(workers);
        QCOMPARE(f.start(3), QString());
        std::vector<Sender> senders;
        for (int i = 0; i < 3; ++i) {
            senders.emplace_back(f.where(tcp));
            senders.back().send(json("{'a':'x'}"));
            QTRY_COMPARE(f.counted(tcp).accepted.load(), quint64(i + 1));
        }
        senders[0].send(json("{'a':'x'}")); // now 1 is idle for longest, then 2
        QTRY_COMPARE(f.counted(tcp).accepted.load(), 4u);
        senders[2].send(json("{'a")); // and 2 is inside a message
        Sender fourth(f.where(tcp));
        fourth.send(json("{'four':'x'}"));
        QTRY_COMPARE(f.text("four"), "x\n");
        QTRY_VERIFY(senders[1].isClosed());
        QVERIFY(!senders[0].isClosed());
        Sender fifth(f.where(tcp));
        fifth.send(json("{'five':'x'}"));
        QTRY_COMPARE(f.text("five"), "x\n");
        QTRY_VERIFY(senders[0].isClosed());
        QVERIFY(!senders[2].isClosed());
        QCOMPARE(f.counted(tcp).connections.load(), 3);
        senders[2].send(json("':'still here'}"));
        QTRY_COMPARE(f.text("a"), "still here\n");
    }

    void aMessageThatStallsGivesWayWhenAllPlacesAreTaken_data() { overBothTransports(); }
    void aMessageThatStallsGivesWayWhenAllPlacesAreTaken()
    {
        QFETCH(bool, tcp);
        QFETCH(int, workers);
        if (workers > 1)
            return;
        Fixture f(workers);
        QCOMPARE(f.start(2), QString());
        std::vector<Sender> senders;
        for (int i = 0; i < 2; ++i) {
            senders.emplace_back(f.where(tcp));
            senders.back().send(json("{'busy"));
            QTRY_COMPARE(f.counted(tcp).connections.load(), i + 1);
        }
        Sender third(f.where(tcp));
        third.send(json("{'third':'x'}"));
        third.endSending();
        QTRY_COMPARE(f.text("third"), "x\n");
        QTRY_VERIFY(senders[0].isClosed());
        QVERIFY(senders[0].received().contains("while all connections were in use"));
        QCOMPARE(f.counted(tcp).errors[std::size_t(RejectReason::Timeout)].load(), 1U);
        QVERIFY(!senders[1].isClosed());
        senders[1].send(json("':'y'}"));
        QTRY_COMPARE(f.text("busy"), "y\n");
    }

    void aStalledMessageIsDropped_data() { overBothTransports(); }
    void aStalledMessageIsDropped()
    {
        QFETCH(bool, tcp);
        QFETCH(int, workers);
        Fixture f(workers);
        f.settings.receiver.messageTimeout = 200ms;
        QCOMPARE(f.start(), QString());
        Sender idle(f.where(tcp)); // between messages: may stay
        idle.send(json("{'a':'x'}"));
        Sender stalled(f.where(tcp));
        stalled.send(json("{'a':'x"));
        Sender dripping(f.where(tcp));
        dripping.send(json("{'a':'x"));
        QElapsedTimer timer;
        timer.start();
        while (!dripping.isClosed() && timer.elapsed() < 10'000) {
            dripping.send("x"); // progress, but next to none
            QTest::qWait(20);
        }
        QVERIFY(dripping.isClosed());
        QTRY_VERIFY(stalled.isClosed());
        QCOMPARE(stalled.received(),
                 "error: the message stalled: 0 more bytes in 0.2 s (receiver.message_timeout)\n");
        QVERIFY2(dripping.received().endsWith(" more bytes in 0.2 s (receiver.message_timeout)\n"),
                 dripping.received().constData());
        QCOMPARE(f.counted(tcp).errors[std::size_t(RejectReason::Timeout)].load(), 2u);
        QVERIFY(!idle.isClosed());
    }

    void aLargePushInManyPiecesArrivesWhole_data() { overBothTransports(); }
    void aLargePushInManyPiecesArrivesWhole()
    {
        QFETCH(bool, tcp);
        QFETCH(int, workers);
        Fixture f(workers);
        QCOMPARE(f.start(), QString());
        const QByteArray text = QByteArray("metric{label=\"v\"} 1\n").repeated(200'000);
        QByteArray escaped = text;
        escaped.replace("\"", "\\\"").replace("\n", "\\n");
        const QByteArray document = json("{'large':'") + escaped + json("'}");
        Sender sender(f.where(tcp));
        qsizetype sent = 0;
        QTRY_VERIFY((sent += sender.send(QByteArrayView(document).sliced(sent))) == document.size());
        QTRY_COMPARE(f.text("large").size(), text.size());
        QVERIFY(f.text("large") == text);
    }

    void whatIsJudgedForLongHoldsNobody_data() { overBothTransports(); }
    void whatIsJudgedForLongHoldsNobody()
    {
        QFETCH(bool, tcp);
        QFETCH(int, workers);
        Fixture f(workers);
        f.gate.setRules(ExpositionValidation::Quarantine);
        QCOMPARE(f.start(), QString());
        const QByteArray begin = "{\"large\":\"" + QByteArray("a 1\\n").repeated(4'000'000);
        Sender sender(f.where(tcp));
        sendAll(sender, begin);
        // Another comes while the first is being judged, and is done before it.
        sender.send("\"} {\"large\":\"a 2\\n\"} {\"next\":\"a 3\\n\"}");
        Sender other(f.where(tcp));
        other.send("{\"other\":\"b 1\"}");
        other.endSending();
        while (!other.isClosed())
            QCoreApplication::processEvents();
        QCOMPARE(f.text("other"), "b 1\n");
        QCOMPARE(f.text("large"), "(not there)");
        QCOMPARE(f.text("next"), "(not there)"); // what follows it waits for it
        QTRY_COMPARE(f.text("next"), "a 3\n");
        QCOMPARE(f.text("large"), "a 2\n");
        QCOMPARE(f.counted(tcp).accepted.load(), 4u);
    }

    void aFaultThatIsFoundLateEndsTheConnection_data() { overBothTransports(); }
    void aFaultThatIsFoundLateEndsTheConnection()
    {
        QFETCH(bool, tcp);
        QFETCH(int, workers);
        Fixture f(workers);
        f.settings.receiver.format = PushFormat::CapnProto;
        f.gate.setRules(ExpositionValidation::Quarantine);
        QCOMPARE(f.start(), QString());
        const QByteArray text = QByteArray("a 1\n").repeated(1'000'000);
        const QByteArray stream = capnpMessage("large", text.constData())
            + capnpMessage("worse", (text + "a x\n").constData()) + capnpMessage("next", "a 1\n");
        Sender sender(f.where(tcp));
        sendAll(sender, stream);
        sender.endSending();
        QTRY_VERIFY(sender.isClosed());
        QCOMPARE(sender.received(),
                 "error: worse: line 1000001, column 3: \"x\" is not a number that a sample can have\n");
        QVERIFY(f.text("large") == text);
        QCOMPARE(f.model.view()->apps.size(), 1u);
    }

    void stoppingWaitsForWhatIsBeingJudged_data() { overBothTransports(); }
    void stoppingWaitsForWhatIsBeingJudged()
    {
        QFETCH(bool, tcp);
        QFETCH(int, workers);
        Fixture f(workers);
        f.gate.setRules(ExpositionValidation::Quarantine);
        QCOMPARE(f.start(), QString());
        const QByteArray document = "{\"large\":\"" + QByteArray("a 1\\n").repeated(2'000'000) + "\"}";
        Sender sender(f.where(tcp));
        sendAll(sender, document);
        f.pool.stop();
        QVERIFY(sender.isClosed());
        QCOMPARE(sender.received(), QByteArray());
        QCOMPARE(f.text("large").size(), 4 * 2'000'000);
        QCOMPARE(f.model.pending().isExceeded(), false);
    }

    void manyApplicationsFromManySendersAtOnce_data() { overBothTransports(); }
    void manyApplicationsFromManySendersAtOnce()
    {
        QFETCH(bool, tcp);
        QFETCH(int, workers);
        Fixture f(workers);
        QCOMPARE(f.start(1000), QString());
        constexpr int Count = 500;
        std::vector<Sender> senders;
        for (int i = 0; i < Count; ++i) {
            senders.emplace_back(f.where(tcp));
            QVERIFY(senders.back().isConnected());
            const QByteArray number = QByteArray::number(i);
            senders.back().send("{\"app" + number + "\":\"x " + number + "\"}");
            senders.back().endSending();
        }
        for (Sender &sender : senders) {
            QTRY_VERIFY(sender.isClosed());
            QCOMPARE(sender.received(), QByteArray());
        }
        const auto view = f.model.view();
        QCOMPARE(view->apps.size(), std::size_t(Count));
        for (int i = 0; i < Count; ++i)
            QCOMPARE(view->find("app" + QByteArray::number(i))->text, "x " + QByteArray::number(i) + '\n');
    }

    void stoppingTakesInWhatHasBeenSent_data() { overBothTransports(); }
    void stoppingTakesInWhatHasBeenSent()
    {
        QFETCH(bool, tcp);
        QFETCH(int, workers);
        Fixture f(workers);
        QCOMPARE(f.start(), QString());
        std::vector<Sender> senders;
        for (int i = 0; i < 50; ++i) { // with no worker thread, nobody reads these before stop()
            senders.emplace_back(f.where(tcp));
            senders.back().send("{\"app" + QByteArray::number(i) + "\":\"x\"}");
        }
        const QString path = f.settings.receiver.unixSocketPath;
        QVERIFY(QFile::exists(path));
        f.pool.stop();
        QCOMPARE(f.model.view()->apps.size(), 50u);
        QVERIFY(!QFile::exists(path));
        QVERIFY(!QFile::exists(path + QStringLiteral(".lock")));
        for (Sender &sender : senders)
            QVERIFY(sender.isClosed());
        QCOMPARE(f.counted(tcp).connections.load(), 0);
    }

    void stoppingTellsWhoIsInsideAMessage_data() { overBothTransports(); }
    void whatIsSaidToBeTakenIsNotLostAtAStop_data() { overBothTransports(); }
    void whatIsSaidToBeTakenIsNotLostAtAStop()
    {
        QFETCH(bool, tcp);
        QFETCH(int, workers);
        for (int round = 0; round < 2; ++round) {
            Fixture f(workers);
            QCOMPARE(f.start(), QString());
            const QByteArray where = f.where(tcp);
            std::array<QByteArrayList, 4> taken;
            std::atomic<int> lost = 0;
            std::vector<std::thread> threads;
            for (std::size_t i = 0; i < taken.size(); ++i) {
                threads.emplace_back([&where, &lost, &mine = taken[i], i] {
                    for (int count = 0;; ++count) {
                        const QByteArray name = QByteArray::number(i) + '-' + QByteArray::number(count);
                        Sender sender(where);
                        if (!sender.isConnected())
                            return; // the daemon has stopped
                        sender.send("{\"" + name + "\":\"x\"}");
                        if (sender.wasTaken())
                            mine << name;
                        else
                            ++lost;
                    }
                });
            }
            QTRY_VERIFY(f.model.view()->apps.size() > 100);
            f.pool.stop();
            for (std::thread &thread : threads)
                thread.join();
            // Over TCP a client may believe that it is connected when the daemon does not know of it yet.
            QVERIFY(tcp || lost == 0);
            for (const QByteArrayList &names : taken) {
                for (const QByteArray &name : names)
                    QCOMPARE(f.text(name), "x\n");
            }
        }
    }

    void aConnectionThatIsKeptIsResetAtAStop_data() { overBothTransports(); }
    void aConnectionThatIsKeptIsResetAtAStop()
    {
        QFETCH(bool, tcp);
        QFETCH(int, workers);
        Fixture f(workers);
        QCOMPARE(f.start(), QString());
        Sender kept(f.where(tcp));
        kept.send(json("{'a':'x'}"));
        QTRY_COMPARE(f.text("a"), "x\n");
        f.pool.stop();
        QTRY_VERIFY(kept.isClosed());
        // With an orderly end, a push that crosses it would pass for stored.
        QCOMPARE(kept.wasReset(), tcp);
        QCOMPARE(kept.send(json("{'a':'y'}")), 0);
    }

    void eachDocumentIsAnsweredInOrderIfThatIsSet_data() { overBothTransports(); }
    void eachDocumentIsAnsweredInOrderIfThatIsSet()
    {
        QFETCH(bool, tcp);
        QFETCH(int, workers);
        Fixture f(workers);
        f.settings.receiver.answer = PushAnswer::Always;
        QCOMPARE(f.start(), QString());
        Sender sender(f.where(tcp));
        sender.send(json("{'a':'x','b':'y'}"));
        QTRY_COMPARE(sender.received(), "ok 2\n");
        sender.send(json("{}{'a':'z'}{'c':"));
        QTRY_COMPARE(sender.received(), "ok 2\nok 0\nok 1\n");
        QCOMPARE(f.text("a"), "z\n");
        sender.send(json("3}"));
        QTRY_VERIFY(sender.isClosed());
        QCOMPARE(sender.received().mid(15),
                 "error: document 4: the value of \"c\" must be a string or an array of "
                 "strings, not a number, at byte 5 (line 1, column 6)\n");
        // One that ends is answered first.
        Sender last(f.where(tcp));
        last.send(json("{'a':'1'}"));
        last.endSending();
        QTRY_VERIFY(last.isClosed());
        QCOMPARE(last.received(), "ok 1\n");
        QVERIFY(!last.wasReset());
        Sender unfinished(f.where(tcp));
        unfinished.send(json("{'a':'2'} {'a'"));
        unfinished.endSending();
        QTRY_VERIFY(unfinished.isClosed());
        QVERIFY(unfinished.received().startsWith("ok 1\nerror: document 2: "));
    }

    void aSenderThatReadsNoAnswerIsNotReadFrom()
    {
        Fixture f(0);
        f.settings.receiver.answer = PushAnswer::Always;
        QCOMPARE(f.start(), QString());
        Sender sender(f.tcpAddress());
        QByteArray batch;
        for (int i = 0; i < 32'000; ++i)
            batch += "{}";
        qsizetype sent = 0;
        const auto sendMore = [&] {
            qsizetype now = 0;
            for (int idle = 0; idle < 50 && now < 50'000'000; ++idle) {
                const qsizetype size = sender.send(QByteArrayView(batch).sliced((sent + now) % 2));
                now += size;
                if (size > 0)
                    idle = 0;
                QTest::qWait(1); // in which the daemon reads, if it does
            }
            return now;
        };
        const qsizetype first = sendMore();
        QVERIFY2(first < 50'000'000, "it is read from for ever");
        sent += first;
        QTRY_VERIFY((sender.received(), sender.received().size() > 5 * (sent / 2 - 1)));
        QVERIFY(sendMore() > 0);
    }

    void stoppingTellsWhoIsInsideAMessage()
    {
        QFETCH(bool, tcp);
        QFETCH(int, workers);
        Fixture f(workers);
        QCOMPARE(f.start(), QString());
        Sender inside(f.where(tcp));
        inside.send(json("{'a':'x'}{'a':'y"));
        Sender between(f.where(tcp));
        between.send(json("{'b':'x'}"));
        QTRY_COMPARE(f.counted(tcp).accepted.load(), 2u);
        f.pool.stop();
        QVERIFY(inside.isClosed());
        QCOMPARE(inside.received(), "error: the daemon stops, and the message is not complete\n");
        QVERIFY(between.isClosed());
        QCOMPARE(between.received(), QByteArray());
        QCOMPARE(f.text("a"), "x\n");
    }

    void whatCannotBeOpenedChangesNothing_data()
    {
        QTest::addColumn<int>("workers");
        QTest::addColumn<int>("left");
        for (const int workers : {0, 3}) {
            // A TCP socket, and for each thread another descriptor of it.
            for (int left = 0; left < 1 + qMax(1, workers); ++left)
                QTest::addRow("with %d worker threads and %d descriptors", workers, left) << workers << left;
        }
    }
    void whatCannotBeOpenedChangesNothing()
    {
        QFETCH(int, workers);
        QFETCH(int, left);
        Fixture f(workers);
        QCOMPARE(f.start(), QString());
        Settings other = f.settings;
        other.receiver.tcpSocket.host = QStringLiteral("127.0.0.2");
        {
            const FewDescriptors few(left);
            const Result<ReceiverPool::NewSockets> sockets = f.pool.openSockets(other);
            QVERIFY2(sockets.error().contains(QStringLiteral("127.0.0.2"))
                         && sockets.error().endsWith(QStringLiteral("open files"), Qt::CaseInsensitive),
                     qPrintable(sockets.error()));
            QVERIFY(!sockets);
        }
        Sender sender(f.tcpAddress());
        sender.send(json("{'a':'x'}"));
        QTRY_COMPARE(f.text("a"), "x\n");

        // And with them all, it does.
        Result<ReceiverPool::NewSockets> sockets = f.pool.openSockets(other);
        QCOMPARE(sockets.error(), QString());
        f.pool.change(other, sockets.take());
        QVERIFY(f.tcpAddress().startsWith("127.0.0.2:"));
        Sender next(f.tcpAddress());
        next.send(json("{'a':'y'}"));
        QTRY_COMPARE(f.text("a"), "y\n");
    }
};

QTEST_GUILESS_MAIN(TestReceiverPool)
#include "tst_receiverpool.moc"
