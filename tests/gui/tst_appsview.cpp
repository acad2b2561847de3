// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/appsview.h"

#include "gui/model/apptexts.h"
#include "tests/gui/listings.h"

#include <QHeaderView>
#include <QMenu>
#include <QMouseEvent>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;

namespace {

const QString Daemon = QStringLiteral("http://127.0.0.1:6555");

/// "app0000" and so on.
std::vector<AppRecord> manyApps(int count, int from = 0)
{
    std::vector<AppRecord> apps;
    for (int i = from; i < from + count; ++i)
        apps.push_back(appNamed(QStringLiteral("app%1").arg(i, 4, 10, QLatin1Char('0'))));
    return apps;
}

struct Fixture
{
    AppTableModel model;
    AppFilter filter{model};
    AppsView view{filter};

    Fixture()
    {
        model.setListing(Daemon, listingOf(manyApps(500)));
        view.resize(900, 400);
        view.sortByColumn(int(AppColumn::Application), Qt::AscendingOrder);
        view.show();
    }
    QString nameAt(const QPoint &position) const { return view.indexAt(position).data(NameRole).toString(); }
};

} // namespace

class TestAppsView : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void selectionAndPlaceSurviveRowsThatComeAndGoAbove()
    {
        Fixture f;
        QVERIFY(QTest::qWaitForWindowExposed(&f.view));
        QVERIFY(f.view.selectApp(Daemon, QStringLiteral("app0300")));
        f.view.verticalScrollBar()->setValue(f.view.visualRect(f.filter.index(295, 0)).top()
                                             + f.view.verticalScrollBar()->value());
        const QString top = f.nameAt(QPoint(5, 1));
        QCOMPARE(top, QStringLiteral("app0295"));

        auto apps = manyApps(500);
        for (int i = 0; i < 30; ++i)
            apps.push_back(appNamed(QStringLiteral("aa%1").arg(i)));
        f.model.setListing(Daemon, listingOf(apps));
        QTRY_COMPARE(f.nameAt(QPoint(5, 1)), top);
        f.model.setListing(Daemon, listingOf(manyApps(400, 100)));
        QTRY_COMPARE(f.nameAt(QPoint(5, 1)), top);
        QCOMPARE(f.view.currentIndex().data(NameRole).toString(), QStringLiteral("app0300"));
        QCOMPARE(f.view.selectedSourceRows().size(), 1);
    }

    void thePlaceSurvivesWhateverGoes_data()
    {
        QTest::addColumn<QStringList>("gone");
        QTest::addColumn<QString>("top");
        QStringList above;
        QStringList scattered;
        for (int i = 0; i < 295; ++i) {
            above << QStringLiteral("app%1").arg(i, 4, 10, QLatin1Char('0'));
            if (i % 3 == 0)
                scattered << above.back();
        }
        QTest::newRow("all above") << above << QStringLiteral("app0295");
        QTest::newRow("many single ones above") << scattered << QStringLiteral("app0295");
        QTest::newRow("the topmost itself")
            << QStringList{above.front(), QStringLiteral("app0295")} << QStringLiteral("app0294");
    }
    void thePlaceSurvivesWhateverGoes()
    {
        QFETCH(QStringList, gone);
        QFETCH(QString, top);
        Fixture f;
        QVERIFY(QTest::qWaitForWindowExposed(&f.view));
        f.view.verticalScrollBar()->setValue(f.view.visualRect(f.filter.index(295, 0)).top());
        QCOMPARE(f.nameAt(QPoint(5, 1)), QStringLiteral("app0295"));
        const QString lower = f.nameAt(QPoint(5, 200));
        auto apps = manyApps(500);
        std::erase_if(apps, [&gone](const AppRecord &app) { return gone.contains(app.name); });
        f.model.setListing(Daemon, listingOf(apps));
        QTRY_COMPARE(f.nameAt(QPoint(5, 1)), top);
        QCOMPARE(f.nameAt(QPoint(5, 200)), lower);
    }

    void thePlaceSurvivesManyThatTheFilterLetsThrough()
    {
        Fixture f;
        QVERIFY(QTest::qWaitForWindowExposed(&f.view));
        f.filter.setStates(AppFilter::States().set(std::size_t(AppState::Fresh)));
        f.view.verticalScrollBar()->setValue(f.view.visualRect(f.filter.index(295, 0)).top());
        QCOMPARE(f.nameAt(QPoint(5, 1)), QStringLiteral("app0295"));
        auto apps = manyApps(500);
        for (int i = 0; i < 200; ++i)
            apps[std::size_t(i)].state = AppState::Late;
        f.model.setListing(Daemon, listingOf(apps));
        QCOMPARE(f.filter.rowCount(), 300);
        QTRY_COMPARE(f.nameAt(QPoint(5, 1)), QStringLiteral("app0295"));
        f.model.setListing(Daemon, listingOf(manyApps(500)));
        QCOMPARE(f.filter.rowCount(), 500);
        QTRY_COMPARE(f.nameAt(QPoint(5, 1)), QStringLiteral("app0295"));
    }

    void sortedAnewTheSamePartOfTheTableIsSeen()
    {
        Fixture f;
        QVERIFY(QTest::qWaitForWindowExposed(&f.view));
        f.view.verticalScrollBar()->setValue(1000);
        f.view.sortByColumn(int(AppColumn::Application), Qt::DescendingOrder);
        QCoreApplication::processEvents();
        QCOMPARE(f.view.verticalScrollBar()->value(), 1000);
    }

    void atTheTopWhatComesInAboveIsSeen()
    {
        Fixture f;
        QVERIFY(QTest::qWaitForWindowExposed(&f.view));
        auto apps = manyApps(500);
        apps.push_back(appNamed(QStringLiteral("aa")));
        f.model.setListing(Daemon, listingOf(apps));
        QTRY_COMPARE(f.nameAt(QPoint(5, 1)), QStringLiteral("aa"));
        QCOMPARE(f.view.verticalScrollBar()->value(), 0);
    }

    void aTickTouchesTheVisibleRowsOnly()
    {
        Fixture f;
        QVERIFY(QTest::qWaitForWindowExposed(&f.view));
        f.view.verticalScrollBar()->setValue(1000);
        const int first = f.view.indexAt(QPoint(5, 0)).row();
        const int last = f.view.indexAt(QPoint(5, f.view.viewport()->height() - 1)).row();
        QVERIFY(first > 0 && last > first && last < 200);
        QSignalSpy changes(&f.filter, &QAbstractItemModel::dataChanged);
        f.view.tick();
        QVERIFY(!changes.isEmpty());
        for (const auto &change : changes) {
            QVERIFY(change[0].value<QModelIndex>().row() >= first);
            QVERIFY(change[1].value<QModelIndex>().row() <= last);
        }
    }

    void rowsKeepTheirPlacesWhileTheMouseMovesOverThem()
    {
        Fixture f;
        QVERIFY(QTest::qWaitForWindowExposed(&f.view));
        f.view.sortByColumn(int(AppColumn::State), Qt::DescendingOrder);
        QTest::mouseMove(f.view.viewport(), QPoint(50, 50));
        QTest::mouseMove(f.view.viewport(), QPoint(60, 55));
        QTRY_VERIFY(f.filter.isFrozen());
        auto apps = manyApps(500);
        apps[400].state = AppState::Failing;
        f.model.setListing(Daemon, listingOf(apps));
        QCOMPARE(f.filter.index(0, 0).data(NameRole).toString(), QStringLiteral("app0000"));
        // And go to where they belong when it rests.
        QTRY_COMPARE(f.filter.index(0, 0).data(NameRole).toString(), QStringLiteral("app0400"));
        QVERIFY(!f.filter.isFrozen());
    }

    void rowsKeepTheirPlacesWhileAButtonIsDown()
    {
        Fixture f;
        QVERIFY(QTest::qWaitForWindowExposed(&f.view));
        QTest::mousePress(f.view.viewport(), Qt::LeftButton, {}, QPoint(50, 50));
        QVERIFY(f.filter.isFrozen());
        // A mouse that moved without a button over another view, later, has rested for long enough.
        QWidget otherViewport;
        AppFilter otherFilter(f.model);
        const RowHold other(otherViewport, otherFilter);
        QMouseEvent move(QEvent::MouseMove, QPointF(), QPointF(), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&otherViewport, &move);
        QVERIFY(otherFilter.isFrozen());
        QTRY_VERIFY(!otherFilter.isFrozen());
        QVERIFY(f.filter.isFrozen());
        QTest::mouseRelease(f.view.viewport(), Qt::LeftButton, {}, QPoint(50, 50));
        QTRY_VERIFY(!f.filter.isFrozen());
    }

    void columnsAreRemembered()
    {
        Fixture f;
        f.view.header()->moveSection(int(AppColumn::Series), 0);
        f.view.setColumnWidth(int(AppColumn::Source), 333);
        f.view.setColumnHidden(int(AppColumn::Updates), true);
        f.view.sortByColumn(int(AppColumn::Size), Qt::DescendingOrder);
        const QByteArray state = f.view.columnState();

        AppsView other(f.filter);
        QVERIFY(other.restoreColumnState(state));
        QCOMPARE(other.header()->logicalIndex(0), int(AppColumn::Series));
        QCOMPARE(other.columnWidth(int(AppColumn::Source)), 333);
        QVERIFY(other.isColumnHidden(int(AppColumn::Updates)));
        QCOMPARE(f.filter.sortColumn(), int(AppColumn::Size));
        QCOMPARE(f.filter.sortOrder(), Qt::DescendingOrder);
    }

    void aStateOfAnotherVersionIsNotTaken_data()
    {
        QTest::addColumn<QByteArray>("state");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("nonsense") << QByteArray("nonsense that is long enough to be something");
        QTest::newRow("a later version") << QByteArray::fromHex("000003e70000000b0100000000");
    }
    void aStateOfAnotherVersionIsNotTaken()
    {
        QFETCH(QByteArray, state);
        Fixture f;
        const QByteArray before = f.view.columnState();
        QVERIFY(!f.view.restoreColumnState(state));
        QCOMPARE(f.view.columnState(), before);
    }

    void theDaemonsColumnIsThereWhenItTellsSomething()
    {
        Fixture f;
        QVERIFY(f.view.isColumnHidden(int(AppColumn::Daemon)));
        f.view.setDaemonColumnUseful(true);
        QVERIFY(!f.view.isColumnHidden(int(AppColumn::Daemon)));
        f.view.setDaemonColumnUseful(false);
        QVERIFY(f.view.isColumnHidden(int(AppColumn::Daemon)));
    }

    void theColumnMenuHidesAndShows()
    {
        Fixture f;
        QMenu menu;
        f.view.fillColumnMenu(menu);
        QAction *size = nullptr;
        for (QAction *action : menu.actions()) {
            if (action->text() == f.filter.headerData(int(AppColumn::Size), Qt::Horizontal).toString())
                size = action;
            // Without names a table is nothing.
            QVERIFY(action->text()
                    != f.filter.headerData(int(AppColumn::Application), Qt::Horizontal).toString());
        }
        QVERIFY(size && size->isChecked());
        size->trigger();
        QVERIFY(f.view.isColumnHidden(int(AppColumn::Size)));
        size->trigger();
        QVERIFY(!f.view.isColumnHidden(int(AppColumn::Size)));
    }

    void detailsAreForEnterAndADoubleClickAndNotForAClick()
    {
        Fixture f;
        QVERIFY(QTest::qWaitForWindowExposed(&f.view));
        const QSignalSpy wanted(&f.view, &AppsView::detailsWanted);
        const QPoint row = f.view.visualRect(f.filter.index(2, 0)).center();
        QTest::mouseClick(f.view.viewport(), Qt::LeftButton, {}, row);
        QCOMPARE(f.view.currentIndex().row(), 2);
        QCOMPARE(wanted.size(), 0);
        QTest::mouseDClick(f.view.viewport(), Qt::LeftButton, {}, row);
        QCOMPARE(wanted.size(), 1);
        QTest::keyClick(&f.view, Qt::Key_Return);
        QCOMPARE(wanted.size(), 2);
        QTest::keyClick(&f.view, Qt::Key_Enter, Qt::KeypadModifier);
        QCOMPARE(wanted.size(), 3);
    }

    void everyStateFitsIntoItsColumnAtFirst()
    {
        Fixture f;
        for (std::size_t state = 0; state < AppStateCount; ++state)
            QVERIFY(f.view.columnWidth(int(AppColumn::State))
                    > f.view.fontMetrics().horizontalAdvance(AppTexts::state(AppState(state)))
                        + f.view.fontMetrics().height());
    }

    void typingFindsANameWhateverTheColumn()
    {
        Fixture f;
        QVERIFY(QTest::qWaitForWindowExposed(&f.view));
        f.view.setCurrentIndex(f.filter.index(0, int(AppColumn::Size)));
        QTest::keyClicks(&f.view, QStringLiteral("app0321"));
        QCOMPARE(f.view.currentIndex().data(NameRole).toString(), QStringLiteral("app0321"));
    }
};

QTEST_MAIN(TestAppsView)
#include "tst_appsview.moc"
