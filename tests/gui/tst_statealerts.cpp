// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/notify/statealerts.h"

#include <QTest>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;
using namespace std::chrono_literals;

namespace {

const QString Daemon = QStringLiteral("http://one:6555");

/// A daemon whose applications have states, and a clock that is moved by hand.
class Watch
{
public:
    Watch() { alerts.policy = {5s, 15s, 3s, 60s, {false, true, true, true, true, true, true}, false}; }

    /// `reason` is the state's word if that is not known.
    void set(const char *name, AppState state, const char *reason = "")
    {
        AppRecord &app = m_apps[QString::fromUtf8(name)];
        app.name = QString::fromUtf8(name);
        app.state = state;
        (state == AppState::Unknown ? app.stateWord : app.lastErrorReason) = QString::fromUtf8(reason);
    }
    void drop(const char *name) { m_apps.remove(QString::fromUtf8(name)); }

    void list(const QString &daemon = Daemon)
    {
        const QList<AppRecord> values = m_apps.values();
        alerts.update(daemon, {values.begin(), values.end()}, now);
    }

    /// Lists each second for that long, and returns the notifications until then, one line for each.
    QStringList pass(std::chrono::seconds time) { return pass(time, true); }
    /// The same without a listing.
    QStringList passSilently(std::chrono::seconds time) { return pass(time, false); }

    StateAlerts alerts;
    StateAlerts::Time now{1000h};

private:
    QStringList pass(std::chrono::seconds time, bool lists)
    {
        QStringList told;
        for (; time > 0s; time -= 1s) {
            if (lists)
                list();
            while (const auto alert = alerts.take(now))
                told << alertTitle(*alert) + QStringLiteral(": ") + alertText(*alert);
            now += 1s;
        }
        return told;
    }

    QMap<QString, AppRecord> m_apps;
};

} // namespace

class TestStateAlerts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aStateThatIsNotKnownIsToldByItsWord()
    {
        Watch w;
        w.set("a", AppState::Fresh);
        w.pass(1s);
        w.set("a", AppState::Unknown, "muted-<thing>");
        QCOMPARE(w.pass(10s),
                 QStringList{QStringLiteral("1 application(s) in a state that is not known here: a: "
                                            "muted-\u2039thing\u203a")});
    }

    void whatIsWellIsNotTold()
    {
        Watch watch;
        watch.set("a", AppState::Fresh);
        QCOMPARE(watch.pass(100s), QStringList());
        QVERIFY(!watch.alerts.nextDue());
    }

    void aStateThatHoldsIsToldOnce()
    {
        Watch watch;
        watch.set("a", AppState::Fresh);
        watch.pass(2s);
        watch.set("a", AppState::Late);
        QCOMPARE(watch.pass(8s), QStringList()); // 5 s to hold and 3 s to gather
        QCOMPARE(watch.pass(1s), QStringList{QStringLiteral("1 application(s) went quiet: a: late")});
        watch.set("a", AppState::Stale);
        QCOMPARE(watch.pass(500s), QStringList());
    }

    void aStateThatDoesNotHoldIsNotTold()
    {
        Watch watch;
        for (int i = 0; i < 20; ++i) {
            watch.set("a", AppState::Fresh);
            QCOMPARE(watch.pass(3s), QStringList());
            watch.set("a", AppState::Late);
            QCOMPARE(watch.pass(4s), QStringList());
        }
    }

    void onesThatComeTogetherAreToldTogether()
    {
        Watch watch;
        for (const char *name : {"d", "c", "b", "a", "e"})
            watch.set(name, AppState::Fresh);
        watch.pass(1s);
        watch.set("d", AppState::Late);
        watch.set("b", AppState::Late);
        QCOMPARE(watch.pass(2s), QStringList());
        watch.set("c", AppState::Stale);
        watch.set("a", AppState::Late);
        QCOMPARE(watch.pass(20s),
                 QStringList{QStringLiteral("4 application(s) went quiet: c, a, b and 1 more")});
        watch.set("e", AppState::Late);
        QCOMPARE(watch.pass(20s), QStringList{QStringLiteral("1 application(s) went quiet: e: late")});
    }

    void itIsNotToldAgainBeforeItWasWellForAWhile()
    {
        Watch watch;
        watch.set("a", AppState::Fresh);
        watch.pass(1s);
        watch.set("a", AppState::Late);
        QCOMPARE(watch.pass(20s).size(), 1);
        watch.set("a", AppState::Fresh);
        QCOMPARE(watch.pass(50s).size(), 0);
        watch.set("a", AppState::Late);
        QCOMPARE(watch.pass(20s).size(), 0);
        watch.set("a", AppState::Fresh);
        QCOMPARE(watch.pass(61s).size(), 0);
        watch.set("a", AppState::Late);
        QCOMPARE(watch.pass(20s).size(), 1);
    }

    void whatIsBadAtTheStartIsSummedUpOnce()
    {
        Watch watch;
        watch.set("a", AppState::Stale);
        watch.set("b", AppState::Failing, "refused");
        watch.set("c", AppState::Fresh);
        QCOMPARE(watch.pass(100s), QStringList{QStringLiteral("2 application(s) not well at present: b, a")});
        watch.set("new", AppState::Late); // of a daemon that is known by now
        QCOMPARE(watch.pass(20s), QStringList{QStringLiteral("1 application(s) went quiet: new: late")});
    }

    void theReasonOfASingleErrorIsTold()
    {
        Watch watch;
        watch.set("a", AppState::Fresh);
        watch.pass(1s);
        watch.set("a", AppState::Rejected, "invalid UTF-8 at byte 3");
        QCOMPARE(watch.pass(20s),
                 QStringList{
                     QStringLiteral("Pushes of 1 application(s) are refused: a: invalid UTF-8 at byte 3")});
    }

    void differentTroublesAreOneNotification()
    {
        Watch watch;
        for (const char *name : {"a", "b"})
            watch.set(name, AppState::Fresh);
        watch.pass(1s);
        watch.set("a", AppState::Late);
        watch.set("b", AppState::Failing, "timeout");
        QCOMPARE(watch.pass(20s), QStringList{QStringLiteral("2 application(s) in trouble: b, a")});
    }

    void aStateThatIsSwitchedOffIsNotTold()
    {
        Watch watch;
        watch.alerts.policy.told[std::size_t(AppState::Late)] = false;
        watch.set("a", AppState::Fresh);
        watch.pass(1s);
        watch.set("a", AppState::Late);
        QCOMPARE(watch.pass(100s), QStringList());
        watch.set("a", AppState::Stale);
        QCOMPARE(watch.pass(20s).size(), 1);
    }

    void recoveryIsToldIfWanted()
    {
        Watch watch;
        watch.alerts.policy.tellsRecovery = true;
        watch.set("a", AppState::Fresh);
        watch.pass(1s);
        watch.set("a", AppState::Late);
        QCOMPARE(watch.pass(20s).size(), 1);
        watch.set("a", AppState::Fresh);
        QCOMPARE(watch.pass(60s), QStringList());
        QCOMPARE(watch.pass(10s), QStringList{QStringLiteral("1 application(s) well again: a: fresh")});
        QCOMPARE(watch.pass(100s), QStringList());
    }

    void whatIsNoLongerListedIsForgotten()
    {
        Watch watch;
        watch.set("a", AppState::Fresh);
        watch.set("b", AppState::Fresh);
        watch.pass(1s);
        watch.set("a", AppState::Late);
        watch.pass(2s);
        watch.drop("a");
        QCOMPARE(watch.pass(20s), QStringList());
        QVERIFY(!watch.alerts.nextDue());
        watch.alerts.removeDaemon(Daemon);
        watch.set("b", AppState::Expired);
        QCOMPARE(watch.pass(20s),
                 QStringList{QStringLiteral("1 application(s) not well at present: b: expired")});
    }

    void sameNamesOfTwoDaemonsAreTwoApplications()
    {
        const QString other = QStringLiteral("http://two:6555");
        Watch watch;
        watch.set("a", AppState::Fresh);
        watch.list();
        watch.list(other);
        watch.set("a", AppState::Late);
        watch.list();
        watch.list(other);
        watch.now += 9s;
        const auto alert = watch.alerts.take(watch.now);
        QVERIFY(alert);
        QCOMPARE(alert->apps.size(), 2u);
        QCOMPARE(alert->apps[0].daemon, Daemon);
        QCOMPARE(alert->apps[1].daemon, other);
        QVERIFY(!watch.alerts.take(watch.now));
    }

    void aDaemonThatDoesNotAnswerIsToldOnce()
    {
        Watch watch;
        const QString reason = QStringLiteral("connection refused");
        watch.set("a", AppState::Fresh);
        watch.pass(2s);
        watch.alerts.setSilent(Daemon, true, reason, watch.now);
        QCOMPARE(watch.passSilently(18s), QStringList()); // 15 s to hold and 3 s to gather
        QCOMPARE(watch.passSilently(1s),
                 QStringList{QStringLiteral("1 daemon(s) do not answer: one:6555: connection refused")});
        watch.alerts.setSilent(Daemon, true, QStringLiteral("timed out"), watch.now);
        QCOMPARE(watch.passSilently(500s), QStringList());
        watch.alerts.setSilent(Daemon, false, {}, watch.now);
        QCOMPARE(watch.pass(100s), QStringList());
        watch.alerts.setSilent(Daemon, true, reason, watch.now);
        QCOMPARE(watch.passSilently(100s).size(), 1);
    }

    void aDaemonThatIsStartedAnewIsNotTold()
    {
        Watch watch;
        for (int i = 0; i < 10; ++i) {
            watch.alerts.setSilent(Daemon, true, {}, watch.now);
            QCOMPARE(watch.passSilently(10s), QStringList());
            watch.alerts.setSilent(Daemon, false, {}, watch.now);
            QCOMPARE(watch.passSilently(2s), QStringList());
        }
    }

    void aDaemonThatAnswersAgainIsToldIfWanted()
    {
        Watch watch;
        watch.alerts.policy.silence = 5s;
        watch.alerts.policy.tellsRecovery = true;
        for (const char *daemon : {"http://one:6555", "http://two:6555"})
            watch.alerts.setSilent(QString::fromUtf8(daemon), true, {}, watch.now);
        QCOMPARE(watch.passSilently(10s),
                 QStringList{QStringLiteral("2 daemon(s) do not answer: one:6555, two:6555")});
        watch.alerts.setSilent(Daemon, false, {}, watch.now);
        QCOMPARE(watch.passSilently(100s), QStringList{QStringLiteral("1 daemon(s) answer again: one:6555")});
    }

    void aDaemonThatIsNoLongerWatchedIsNotTold()
    {
        Watch watch;
        watch.alerts.setSilent(Daemon, true, {}, watch.now);
        watch.alerts.removeDaemon(Daemon);
        QCOMPARE(watch.passSilently(100s), QStringList());
        QVERIFY(!watch.alerts.nextDue());
    }

    void theNextMomentToLookIsKnown()
    {
        Watch watch;
        watch.set("a", AppState::Fresh);
        watch.list();
        watch.set("a", AppState::Late);
        watch.list();
        QVERIFY(watch.alerts.nextDue() == watch.now + 8s);
        QVERIFY(!watch.alerts.take(watch.now + 8s - 1ns));
        QVERIFY(watch.alerts.take(watch.now + 8s));
    }

    void hostileNamesAreHarmlessInANotification()
    {
        Alert alert;
        alert.apps.push_back({Daemon, QStringLiteral("<b>&amp;\n\u202ex</b>") + QString(500, u'y'), {}, {}});
        const QString text = alertText(alert);
        for (const QChar c : QStringLiteral("<>&\n\u202e"))
            QVERIFY2(!text.contains(c), qUtf8Printable(text));
        QVERIFY(text.size() < 200);
    }
};

QTEST_APPLESS_MAIN(TestStateAlerts)
#include "tst_statealerts.moc"
