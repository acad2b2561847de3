// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/details/detailspane.h"
#include "gui/details/metricspanel.h"

#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;
using namespace std::chrono_literals;

namespace {

const QString Daemon = QStringLiteral("http://one:6555");
constexpr Timestamp Noon{std::chrono::hours(12)};

/// Answers when the test says so.
class HeldSource : public MetricsSource
{
public:
    void fetch(const QString &, const QString &app, const Answered &answered) override
    {
        ++asked;
        lastApp = app;
        m_answered = answered;
    }
    void cancel() override { m_answered = nullptr; }

    bool isWaiting() const { return bool(m_answered); }
    void answer(const QByteArray &text, const QString &fault = {}, bool isCut = false)
    {
        std::exchange(m_answered, nullptr)(fault.isEmpty() ? MetricsAnswer(MetricsText{text, isCut})
                                                           : MetricsAnswer(Failure{fault}));
    }

    int asked = 0;
    QString lastApp;

private:
    Answered m_answered;
};

AppRecord record(const char *name, quint64 updates = 1)
{
    AppRecord app;
    app.name = QString::fromUtf8(name);
    app.source = QStringLiteral("127.0.0.1:6554");
    app.updates = updates;
    app.lastUpdate = Noon - 230s;
    return app;
}

/// All that the labels of the pane say.
QString words(const DetailsPane &pane)
{
    QStringList all;
    for (const QLabel *const label : pane.findChildren<QLabel *>()) {
        if (label->isVisibleTo(&pane))
            all << label->text();
    }
    return all.join(u'\n');
}

/// Waits until another pane, which can be seen, has fetched: one that was shown before would have done so by
/// then.
bool hasTimeToFetch()
{
    HeldSource source;
    DetailsPane pane(source);
    pane.show();
    pane.showApp(Daemon, record("a", 1), Noon, false);
    return QTest::qWaitFor([&] { return source.asked > 0; });
}

} // namespace

class TestDetailsPane : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everythingKnownIsShown()
    {
        HeldSource source;
        DetailsPane pane(source);
        pane.show();
        AppRecord app = record("backup");
        app.state = AppState::Rejected;
        app.series = 12;
        app.rejected = 7;
        app.lastErrorReason = QStringLiteral("invalid UTF-8 at byte 3");
        app.lastErrorAt = Noon - 10s;
        pane.showApp(Daemon, app, Noon, false);
        for (const char *text :
             {"backup", "rejected", "http://one:6555", "127.0.0.1:6554", "push", "3 m 50 s ago",
              "1970-01-01 11:56:10", "12", "7", "invalid UTF-8 at byte 3", "1970-01-01 11:59:50"})
            QVERIFY2(words(pane).contains(QString::fromUtf8(text)), text);
        pane.clearApp();
        QVERIFY(!words(pane).contains(QStringLiteral("backup")));
    }

    void conflictsAreShownWhereThereAreAny()
    {
        HeldSource source;
        DetailsPane pane(source);
        pane.show();
        AppRecord app = record("a");
        pane.showApp(Daemon, app, Noon, false);
        QVERIFY(!words(pane).contains(QStringLiteral("Conflicts")));
        app.conflicts = {QStringLiteral("the HELP of x is another one in \"b\""),
                         QStringLiteral("two\nlines")};
        pane.showApp(Daemon, app, Noon, false);
        QVERIFY2(words(pane).contains(
                     QStringLiteral("Conflicts\nthe HELP of x is another one in \"b\"\ntwo\\u000alines")),
                 qUtf8Printable(words(pane)));
    }

    void theAgeTicksByItself()
    {
        HeldSource source;
        DetailsPane pane(source);
        pane.show();
        pane.showApp(Daemon, record("a"), Noon, false);
        QVERIFY(words(pane).contains(QStringLiteral("3 m 50 s ago")));
        QTRY_VERIFY_WITH_TIMEOUT(!words(pane).contains(QStringLiteral("3 m 50 s ago")), 20'000);
    }

    void hostileNamesStayPlainText()
    {
        HeldSource source;
        DetailsPane pane(source);
        pane.show();
        AppRecord app = record("<b>x</b>\u202ey");
        pane.showApp(Daemon, app, Noon, false);
        QVERIFY(!words(pane).contains(QChar(0x202e)));
        for (const QLabel *const label : pane.findChildren<QLabel *>()) {
            if (label->text().contains(QStringLiteral("<b>")))
                QCOMPARE(label->textFormat(), Qt::PlainText);
        }
    }

    void theTextIsFetchedForTheSelectedApplication()
    {
        HeldSource source;
        DetailsPane pane(source);
        pane.show();
        pane.showApp(Daemon, record("first"), Noon, false);
        pane.showApp(Daemon, record("second"), Noon, false); // on the way through the table
        QTRY_VERIFY(source.isWaiting());
        QCOMPARE(source.asked, 1);
        QCOMPARE(source.lastApp, QStringLiteral("second"));
        source.answer("a 1\nb 2\n");
        QCOMPARE(pane.metrics().view().document().lines(), 2);
        QVERIFY(words(pane).contains(QStringLiteral("2 line(s)")));
    }

    void anAnswerForAnotherApplicationIsDropped()
    {
        HeldSource source;
        DetailsPane pane(source);
        pane.show();
        pane.showApp(Daemon, record("first"), Noon, false);
        QTRY_VERIFY(source.isWaiting());
        source.answer("first 1\n");
        pane.showApp(Daemon, record("second"), Noon, false);
        QCOMPARE(pane.metrics().view().document().text(), QByteArray());
        QTRY_VERIFY(source.isWaiting());
        pane.clearApp();
        QVERIFY(!source.isWaiting());
    }

    void anUpdateFetchesAgainAndKeepsThePlace()
    {
        HeldSource source;
        DetailsPane pane(source);
        pane.resize(800, 300);
        pane.show();
        pane.showApp(Daemon, record("a", 1), Noon, false);
        QTRY_VERIFY(source.isWaiting());
        source.answer(QByteArray("a 1\n").repeated(1000));
        pane.metrics().view().goToLine(500);
        const int top = pane.metrics().view().topRow();
        pane.showApp(Daemon, record("a", 1), Noon, false); // nothing new
        pane.showApp(Daemon, record("a", 2), Noon, false);
        QTRY_VERIFY_WITH_TIMEOUT(source.isWaiting(), 20'000);
        QCOMPARE(source.asked, 2);
        source.answer(QByteArray("a 2\n").repeated(1000));
        QCOMPARE(pane.metrics().view().document().line(0).toByteArray(), "a 2");
        QCOMPARE(pane.metrics().view().topRow(), top);
    }

    void nothingIsFetchedWhileNobodySeesIt()
    {
        HeldSource source;
        DetailsPane pane(source);
        pane.showApp(Daemon, record("a", 1), Noon, false);
        QVERIFY(hasTimeToFetch());
        QCOMPARE(source.asked, 0);
        pane.setCollapsed(true);
        pane.show();
        QVERIFY(hasTimeToFetch());
        QCOMPARE(source.asked, 0);
        pane.setCollapsed(false);
        QTRY_COMPARE(source.asked, 1);
    }

    void afterAFaultTheTextOfBeforeStays()
    {
        HeldSource source;
        DetailsPane pane(source);
        pane.show();
        pane.showApp(Daemon, record("a"), Noon, false);
        QTRY_VERIFY(source.isWaiting());
        source.answer({}, QStringLiteral("no such thing"));
        QVERIFY(words(pane).contains(QStringLiteral("Not fetched: no such thing.")));
        pane.refresh();
        source.answer("a 1\n");
        pane.refresh();
        source.answer({}, QStringLiteral("gone"));
        QVERIFY(words(pane).contains(QStringLiteral("Not fetched: gone. This is the text of before.")));
        QCOMPARE(pane.metrics().view().document().lines(), 1);
    }

    void aCutTextSaysSo()
    {
        HeldSource source;
        DetailsPane pane(source);
        pane.show();
        AppRecord app = record("a");
        app.bytes = 40 << 20;
        pane.showApp(Daemon, app, Noon, false);
        QTRY_VERIFY(source.isWaiting());
        source.answer(QByteArray(1023, 'x').append('\n').repeated(16 << 10), {}, true);
        QVERIFY2(words(pane).contains(QStringLiteral("The first 16.0 MiB of 40.0 MiB are shown."))
                     || words(pane).contains(QStringLiteral("The first 16 MiB of 40 MiB are shown.")),
                 qUtf8Printable(words(pane)));
    }

    void searchingGoesByKeyboard()
    {
        HeldSource source;
        DetailsPane pane(source);
        pane.show();
        pane.activateWindow();
        pane.showApp(Daemon, record("a"), Noon, false);
        QTRY_VERIFY(source.isWaiting());
        source.answer("a 1\nb 1\na 2\n");
        pane.focusText();
        QTest::keySequence(&pane.metrics().view(), QKeySequence::Find);
        auto *const search = pane.findChild<QLineEdit *>();
        QCOMPARE(QApplication::focusWidget(), search);
        QTest::keyClicks(search, QStringLiteral("A"));
        QTRY_VERIFY(words(pane).contains(QStringLiteral("1 of 2")));
        QTest::keyClick(search, Qt::Key_Return);
        QVERIFY(words(pane).contains(QStringLiteral("2 of 2")));
        QTest::keyClick(search, Qt::Key_F3, Qt::ShiftModifier);
        QVERIFY(words(pane).contains(QStringLiteral("1 of 2")));
        QTest::keyClick(search, Qt::Key_Escape);
        QVERIFY(search->text().isEmpty());
        QCOMPARE(QApplication::focusWidget(), &pane.metrics().view());
    }

    void itCollapsesToItsHeading()
    {
        HeldSource source;
        DetailsPane pane(source);
        pane.show();
        const QSignalSpy collapsed(&pane, &DetailsPane::collapsedChanged);
        pane.setCollapsed(true);
        QVERIFY(!pane.metrics().isVisible());
        QVERIFY(pane.sizeHint().height() < 100);
        pane.focusSearch();
        QVERIFY(!pane.isCollapsed());
        QCOMPARE(collapsed.size(), 2);
    }
};

QTEST_MAIN(TestDetailsPane)
#include "tst_detailspane.moc"
