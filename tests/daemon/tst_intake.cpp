// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/intake.h"

#include <QTest>

using namespace ExporterProxy;
using namespace std::chrono_literals;

namespace {

Q_LOGGING_CATEGORY(lcTest, "exporterproxy.test")

constexpr Timestamp Noon{std::chrono::hours(24 * 365 * 50)};
constexpr LogLimiter::Clock::time_point Start{1'000h};

QList<QByteArray> logged; ///< "category: message"

void keepLine(QtMsgType, const QMessageLogContext &context, const QString &message)
{
    logged += QByteArray(context.category) + ": " + message.toUtf8();
}

struct Fixture
{
    AppModel model{AppModel::Limits{2, 100}};
    ProxyCounters counters;
    TextGate gate{counters.repairs, {}};
    const Intake intake{gate, model};
    Source pushes{SourceKind::Push, "127.0.0.1:6554", counters.tcpSocket, lcTest};
    Source polls{SourceKind::Poll, "external_poll: host:1", counters.polls["p"], lcTest};

    explicit Fixture(ExpositionValidation validation = {}) { gate.setRules(validation); }

    std::optional<Rejection> take(Source &source, const QByteArray &name, const QByteArray &text)
    {
        AppUpdate update{name, text};
        return intake.take({&update, 1}, source, Noon);
    }
    std::shared_ptr<const AppSnapshot> app(const QByteArray &name) { return model.find(name, Noon); }
    AppState stateOf(const QByteArray &name) { return appStateAt(*app(name), Noon); }
};

} // namespace

class TestIntake : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        logged.clear();
        qInstallMessageHandler(keepLine);
    }
    void cleanup() { qInstallMessageHandler(nullptr); }

    void whatIsTakenIsStoredAndCountedForItsSource()
    {
        Fixture f;
        QVERIFY(!f.take(f.pushes, "a", "x 1"));
        QCOMPARE(f.app("a")->text, QByteArray("x 1\n"));
        QCOMPARE(f.app("a")->source, QByteArray("127.0.0.1:6554"));
        QCOMPARE(f.app("a")->kind, SourceKind::Push);
        QCOMPARE(f.counters.tcpSocket.accepted.load(), 1u);
        QCOMPARE(f.counters.unixSocket.accepted.load(), 0u);
        QVERIFY(!f.take(f.polls, "p", "x 1\n"));
        QCOMPARE(f.app("p")->source, QByteArray("external_poll: host:1"));
        QCOMPARE(f.app("p")->kind, SourceKind::Poll);
        QCOMPARE(f.counters.polls["p"].accepted.load(), 1u);
        QVERIFY(logged.isEmpty());
    }

    void aMessageIsTakenWholeOrNotAtAll()
    {
        Fixture f;
        std::vector<AppUpdate> updates{{"a", "x 1\n"}, {"b", QByteArray(200, 'y')}};
        const auto rejection = f.intake.take(updates, f.pushes, Noon);
        QVERIFY(rejection);
        QCOMPARE(rejection->reason, RejectReason::TotalTooLarge);
        QCOMPARE(rejection->app, QByteArray("b"));
        QVERIFY(!f.app("a"));
        QCOMPARE(f.counters.tcpSocket.accepted.load(), 0u);
        for (const AppUpdate &update : updates)
            QVERIFY2(update.text.isNull(), "a decoder must not hold on to a text");
    }

    void aPushIsToldWhichOfItsTextsIsWrong()
    {
        Fixture f(ExpositionValidation::Quarantine);
        const auto pushed = f.take(f.pushes, "a", "x{ 1\n");
        QVERIFY(pushed);
        QCOMPARE(pushed->reason, RejectReason::InvalidExposition);
        QVERIFY2(pushed->message.startsWith("a: line 1, column "), pushed->message.constData());
        const auto polled = f.take(f.polls, "p", "x{ 1\n"); // has one alone
        QVERIFY(polled);
        QVERIFY2(polled->message.startsWith("line 1, column "), polled->message.constData());
    }

    void aRejectionIsCountedNotedLoggedAndReturned()
    {
        Fixture f;
        QVERIFY(!f.take(f.pushes, "a", "x 1\n"));
        const QByteArray answer =
            f.intake.refuse({RejectReason::NulByte, "a NUL\nbyte", "a"}, f.pushes, Noon + 1s, Start,
                            [] { return QByteArray("127.0.0.1:4711"); });
        QCOMPARE(answer, QByteArray("a NUL\\u000abyte"));
        QCOMPARE(f.counters.tcpSocket.errors[std::size_t(RejectReason::NulByte)].load(), 1u);
        QCOMPARE(f.app("a")->rejected, 1u);
        QCOMPARE(f.app("a")->lastErrorReason, QByteArray("a NUL\nbyte"));
        QVERIFY(f.app("a")->lastErrorAt == Noon + 1s);
        QCOMPARE(f.stateOf("a"), AppState::Rejected);
        QCOMPARE(logged,
                 QList<QByteArray>{"exporterproxy.test: rejected a push on 127.0.0.1:6554 from "
                                   "127.0.0.1:4711: a NUL\\u000abyte"});
    }

    void aStrangersRejectionTakesNoPlace()
    {
        Fixture f;
        f.intake.refuse({RejectReason::NulByte, "a NUL byte", "stranger"}, f.pushes, Noon, Start);
        QVERIFY(!f.app("stranger"));
        QCOMPARE(logged,
                 QList<QByteArray>{"exporterproxy.test: rejected a push on 127.0.0.1:6554: a NUL byte"});
    }

    void aPushUnderThePollsNameDoesNotMakeItFail()
    {
        Fixture f;
        f.model.addConfigured("p", "external_poll: host:1", SourceKind::Poll, 5s);
        QVERIFY(!f.take(f.polls, "p", "x 1\n"));
        const auto rejection = f.take(f.pushes, "p", "forged 1\n");
        QVERIFY(rejection);
        f.intake.refuse(*rejection, f.pushes, Noon, Start);
        QCOMPARE(f.app("p")->text, QByteArray("x 1\n"));
        QCOMPARE(f.stateOf("p"), AppState::Fresh);
        QCOMPARE(f.counters.tcpSocket.errors[std::size_t(RejectReason::Reserved)].load(), 1u);
    }

    void aFloodOfRejectionsIsTenLinesAndOneThatCounts()
    {
        Fixture f;
        int asked = 0;
        for (int i = 0; i < 1'000; ++i)
            f.intake.refuse({RejectReason::Malformed, "no JSON"}, f.pushes, Noon, Start + i * 1ms, [&asked] {
                ++asked;
                return QByteArray("x");
            });
        QCOMPARE(logged.size(), 10);
        QCOMPARE(asked, 10);
        QCOMPARE(f.counters.tcpSocket.errors[std::size_t(RejectReason::Malformed)].load(), 1'000u);
        QVERIFY(f.pushes.log.flushDue() == Start + 10s);
        logged.clear();
        f.intake.flushLog(f.pushes, Start + 9s);
        QVERIFY(logged.isEmpty());
        f.intake.flushLog(f.pushes, Start + 10s);
        QCOMPARE(logged,
                 QList<QByteArray>{"exporterproxy.test: 990 more rejected pushes on 127.0.0.1:6554 in "
                                   "the last 10 s"});
    }

    void aFailingEndpointIsNewsOnceAndWhenItRecovers()
    {
        Fixture f;
        f.model.addConfigured("p", "external_poll: host:1", SourceKind::Poll, 5s);
        const auto fail = [&f](RejectReason reason, const QByteArray &message) {
            f.intake.refuse({reason, message, "p"}, f.polls, Noon, LogLimiter::Clock::now());
        };
        fail(RejectReason::Connection, "connection refused");
        fail(RejectReason::Connection, "connection refused");
        QCOMPARE(f.stateOf("p"), AppState::Failing);
        fail(RejectReason::NulByte, "a NUL byte at line 3");
        fail(RejectReason::InvalidExposition, "line 4, column 1: no value"); // as bad as before
        QVERIFY(!f.take(f.polls, "p", "x 1\n"));
        QVERIFY(!f.take(f.polls, "p", "x 1\n"));
        QCOMPARE(f.stateOf("p"), AppState::Fresh);
        QCOMPARE(logged,
                 (QList<QByteArray>{"exporterproxy.test: p: poll failed: connection refused",
                                    "exporterproxy.test: p: poll failed: a NUL byte at line 3",
                                    "exporterproxy.test: p: answers again"}));
        const PollCounters &counted = f.counters.polls["p"];
        QCOMPARE(counted.failures(PollFailure::Connection), 2u);
        QCOMPARE(counted.failures(PollFailure::InvalidText), 1u);
        QCOMPARE(counted.failures(PollFailure::InvalidExposition), 1u);
        QCOMPARE(counted.failures(PollFailure::Limit), 0u);
    }
};

QTEST_APPLESS_MAIN(TestIntake)
#include "tst_intake.moc"
