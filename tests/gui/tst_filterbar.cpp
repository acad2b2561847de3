// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/filterbar.h"
#include "tests/gui/listings.h"

#include <QLabel>
#include <QLayout>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;

namespace {

const QString Daemon = QStringLiteral("http://127.0.0.1:6555");

struct Fixture
{
    AppTableModel model;
    AppFilter filter{model};
    FilterBar bar{filter};
    QLineEdit &box = *bar.findChild<QLineEdit *>(QStringLiteral("filterBox"));
    QToolButton &regex = *bar.findChild<QToolButton *>(QStringLiteral("regexButton"));
    QLabel &count = *bar.findChild<QLabel *>(QStringLiteral("matchCount"));

    Fixture()
    {
        model.setListing(
            Daemon,
            listingOf({appNamed(QStringLiteral("alpha")), appNamed(QStringLiteral("beta"), AppState::Late),
                       appNamed(QStringLiteral("gamma"), AppState::Failing),
                       appNamed(QStringLiteral("alphabet"), AppState::Late)}));
        bar.show();
    }
    QToolButton &chip(AppState state)
    {
        return *bar.findChild<QToolButton *>(QStringLiteral("chip%1").arg(int(state)));
    }
};

} // namespace

class TestFilterBar : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void typingNarrowsOnceTheKeysRest()
    {
        Fixture f;
        QTest::keyClicks(&f.box, QStringLiteral("alpha"));
        QCOMPARE(f.filter.rowCount(), 4); // not at each key
        QTRY_COMPARE(f.filter.rowCount(), 2);
        QCOMPARE(f.count.text(), QStringLiteral("2 of 4"));
        QTest::keyClick(&f.box, Qt::Key_T, Qt::NoModifier);
        QTest::keyClick(&f.box, Qt::Key_Return);
        QCOMPARE(f.filter.rowCount(), 0); // Return does not wait
    }

    void escapeShowsAllAndLeaves()
    {
        Fixture f;
        QSignalSpy left(&f.bar, &FilterBar::left);
        f.box.setText(QStringLiteral("alpha"));
        QTest::keyClick(&f.box, Qt::Key_Return);
        QCOMPARE(f.filter.rowCount(), 2);
        QTest::keyClick(&f.box, Qt::Key_Escape);
        QCOMPARE(f.filter.rowCount(), 4);
        QCOMPARE(f.box.text(), QString());
        QCOMPARE(f.count.text(), QString());
        QCOMPARE(left.count(), 1);
    }

    void aWrongExpressionIsTintedAndChangesNothing()
    {
        Fixture f;
        f.regex.click();
        f.box.setText(QStringLiteral("^alpha$"));
        QTest::keyClick(&f.box, Qt::Key_Return);
        QCOMPARE(f.filter.rowCount(), 1);
        const QColor base = f.box.palette().color(QPalette::Base);
        f.box.setText(QStringLiteral("^alpha("));
        QTest::keyClick(&f.box, Qt::Key_Return);
        QCOMPARE(f.filter.rowCount(), 1);
        QVERIFY(f.box.palette().color(QPalette::Base) != base);
        QVERIFY(!f.box.toolTip().isEmpty());
        f.box.setText(QStringLiteral("^alpha"));
        QTest::keyClick(&f.box, Qt::Key_Return);
        QCOMPARE(f.filter.rowCount(), 2);
        QCOMPARE(f.box.palette().color(QPalette::Base), base);
        QCOMPARE(f.box.toolTip(), QString());
    }

    void chipsCountAndChoose()
    {
        Fixture f;
        QVERIFY(f.chip(AppState::Late).text().contains(u'2'));
        f.chip(AppState::Late).click();
        QCOMPARE(f.filter.rowCount(), 2);
        f.chip(AppState::Failing).click();
        QCOMPARE(f.filter.rowCount(), 3);
        f.chip(AppState::Late).click();
        f.chip(AppState::Failing).click();
        QCOMPARE(f.filter.rowCount(), 4); // none pressed: all
    }

    void chipsCountWhatTheTextLetsThrough()
    {
        Fixture f;
        f.box.setText(QStringLiteral("alpha"));
        QTest::keyClick(&f.box, Qt::Key_Return);
        QVERIFY(f.chip(AppState::Late).text().contains(u'1'));
        QVERIFY(f.chip(AppState::Failing).text().contains(u'0'));
    }

    void problemsAreAllThatIsNotFresh()
    {
        Fixture f;
        auto &problems = *f.bar.findChild<QToolButton *>(QStringLiteral("problemsChip"));
        problems.click();
        QCOMPARE(f.filter.rowCount(), 3);
        QVERIFY(problems.isChecked());
        QVERIFY(f.chip(AppState::Late).isChecked());
        QVERIFY(!f.chip(AppState::Fresh).isChecked());
        problems.click();
        QCOMPARE(f.filter.rowCount(), 4);
        QVERIFY(!problems.isChecked());
    }

    void statesOfNewerDaemonsHaveAChipWhileThereAreAny()
    {
        Fixture f;
        auto &problems = *f.bar.findChild<QToolButton *>(QStringLiteral("problemsChip"));
        QToolButton &unknown = f.chip(AppState::Unknown);
        QVERIFY(unknown.isHidden());
        problems.click(); // chooses it as well, and shows nothing of it
        QVERIFY(unknown.isHidden());
        problems.click();
        for (const AppState state :
             {AppState::Late, AppState::Stale, AppState::Rejected, AppState::Failing, AppState::Expired})
            f.chip(state).click();
        QVERIFY(problems.isChecked()); // all that can be pressed
        f.chip(AppState::Fresh).click();
        QVERIFY(!problems.isChecked() && !f.chip(AppState::Fresh).isChecked()); // all is as none

        AppRecord app = appNamed(QStringLiteral("alpha"), AppState::Unknown);
        app.stateWord = QStringLiteral("dizzy");
        AppRecord other = appNamed(QStringLiteral("beta"), AppState::Unknown);
        other.stateWord = QStringLiteral("dizzy");
        f.model.setListing(Daemon, listingOf({app, other, appNamed(QStringLiteral("gamma"))}));
        QVERIFY(!unknown.isHidden());
        QCOMPARE(unknown.text(), QStringLiteral("dizzy 2"));
        other.stateWord = QStringLiteral("giddy");
        f.model.setListing(Daemon, listingOf({app, other, appNamed(QStringLiteral("gamma"))}));
        QCOMPARE(unknown.text(), QStringLiteral("other 2"));
        unknown.click();
        QCOMPARE(f.filter.rowCount(), 2);
        f.model.setListing(Daemon, listingOf({appNamed(QStringLiteral("gamma"))}));
        QVERIFY(!unknown.isHidden()); // it is pressed
        unknown.click();
        QVERIFY(unknown.isHidden());
        QCOMPARE(f.filter.rowCount(), 1);
    }

    void countsFollowTheModel()
    {
        Fixture f;
        f.model.setListing(Daemon, listingOf({appNamed(QStringLiteral("alpha"), AppState::Expired)}));
        QVERIFY(f.chip(AppState::Expired).text().contains(u'1'));
        QVERIFY(f.chip(AppState::Late).text().contains(u'0'));
    }

    void clearTakesAwayTextAndChips()
    {
        Fixture f;
        f.chip(AppState::Late).click();
        f.box.setText(QStringLiteral("nothing"));
        QTest::keyClick(&f.box, Qt::Key_Return);
        QCOMPARE(f.filter.rowCount(), 0);
        f.bar.clear();
        QCOMPARE(f.filter.rowCount(), 4);
        QVERIFY(!f.chip(AppState::Late).isChecked());
    }

    void aNarrowWindowWrapsTheChips()
    {
        Fixture f;
        f.bar.resize(2000, 100);
        const int oneRow = f.bar.layout()->heightForWidth(2000);
        const int several = f.bar.layout()->heightForWidth(300);
        QVERIFY(several >= 2 * oneRow);
    }
};

QTEST_MAIN(TestFilterBar)
#include "tst_filterbar.moc"
