// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/notify/notifier.h"

#include <QSignalSpy>
#include <QTest>
#include <QWidget>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;
using namespace std::chrono_literals;

namespace {

const QString Daemon = QStringLiteral("http://one:6555");

std::vector<AppRecord> one(AppState state)
{
    AppRecord app;
    app.name = QStringLiteral("a");
    app.state = state;
    return {app};
}

void hurry(Notifier &notifier)
{
    notifier.policy().hold = 20ms;
    notifier.policy().silence = 20ms;
    notifier.policy().gather = 20ms;
}

} // namespace

class TestNotifier : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void troubleIsToldByItselfWithoutATray()
    {
        QVERIFY(!Notifier::hasTray()); // the platform of the tests has none
        QWidget window;
        Notifier notifier(window);
        hurry(notifier);
        const QSignalSpy told(&notifier, &Notifier::told);
        notifier.update(Daemon, one(AppState::Fresh));
        notifier.update(Daemon, one(AppState::Late)); // and no listing after it
        QTRY_COMPARE(told.size(), 1);
        QVERIFY(told.front().front().toString().contains(QStringLiteral("a: late")));
    }

    void whatIsSwitchedOffIsNotToldLaterEither()
    {
        QWidget window;
        Notifier notifier(window);
        hurry(notifier);
        const QSignalSpy told(&notifier, &Notifier::told);
        notifier.setEnabled(false);
        Notifier other(window); // which is not switched off, and has the same to tell
        hurry(other);
        const QSignalSpy otherTold(&other, &Notifier::told);
        for (Notifier *const each : {&notifier, &other}) {
            each->update(Daemon, one(AppState::Fresh));
            each->update(Daemon, one(AppState::Stale));
        }
        QTRY_COMPARE(otherTold.size(), 1);
        QCOMPARE(told.size(), 0);
        notifier.setEnabled(true);
        notifier.update(Daemon, one(AppState::Stale));
        notifier.update(QStringLiteral("http://two:6555"), one(AppState::Late));
        QTRY_COMPARE(told.size(), 1);
        QVERIFY(told.front().front().toString().contains(QStringLiteral("late")));
    }

    void aDaemonThatDoesNotAnswerIsToldByItself()
    {
        QWidget window;
        Notifier notifier(window);
        hurry(notifier);
        const QSignalSpy told(&notifier, &Notifier::told);
        notifier.setSilent(Daemon, true, QStringLiteral("connection refused"));
        QTRY_COMPARE(told.size(), 1);
        const QString message = told.front().front().toString();
        QVERIFY2(message.contains(QStringLiteral("one:6555: connection refused")), qPrintable(message));
    }

    void theWindowsIconShowsTheWorstState()
    {
        const auto image = [](const QWidget &window) {
            return window.windowIcon().pixmap(QSize(64, 64), 1.0).toImage();
        };
        QWidget window;
        Notifier notifier(window);
        const QImage plain = image(window);
        QVERIFY(!plain.isNull());
        notifier.showWorst(AppState::Failing, QStringLiteral("1 failing"));
        QVERIFY(image(window) != plain);
        notifier.setBadgeShown(false);
        QCOMPARE(image(window), plain);
        notifier.setBadgeShown(true);
        notifier.showWorst(AppState::Fresh, QStringLiteral("all fresh"));
        QCOMPARE(image(window), plain);
    }
};

QTEST_MAIN(TestNotifier)
#include "tst_notifier.moc"
