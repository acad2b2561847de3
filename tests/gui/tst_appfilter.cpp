// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/appfilter.h"

#include "tests/gui/listings.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>
#include <random>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QString Here = u"http://127.0.0.1:6555"_s;
const QString There = u"http://there:6555"_s;
constexpr auto Fatal = QAbstractItemModelTester::FailureReportingMode::Fatal;

AppFilter::States states(std::initializer_list<AppState> wanted)
{
    AppFilter::States set;
    for (const AppState state : wanted)
        set.set(std::size_t(state));
    return set;
}

struct Watched
{
    AppTableModel model;
    AppFilter filter{model};
    QAbstractItemModelTester modelTester{&model, Fatal};
    QAbstractItemModelTester filterTester{&filter, Fatal};
    QSignalSpy changed{&filter, &QAbstractItemModel::dataChanged};
    QSignalSpy inserted{&filter, &QAbstractItemModel::rowsInserted};
    QSignalSpy removed{&filter, &QAbstractItemModel::rowsRemoved};
    QSignalSpy layouts{&filter, &QAbstractItemModel::layoutChanged};
    QSignalSpy resets{&filter, &QAbstractItemModel::modelReset};
    QSignalSpy counted{&filter, &AppFilter::countsChanged};

    void forget()
    {
        for (QSignalSpy *spy : {&changed, &inserted, &removed, &layouts, &resets, &counted})
            spy->clear();
    }
    qsizetype moves() const { return inserted.size() + removed.size() + layouts.size(); }
    QString names() const
    {
        QStringList names;
        for (int row = 0; row < filter.rowCount(); ++row)
            names << filter.index(row, 0).data(NameRole).toString();
        return names.join(u' ');
    }
    void list(const std::vector<AppRecord> &apps) { model.setListing(Here, listingOf(apps)); }
    void sort(AppColumn column, Qt::SortOrder order = Qt::AscendingOrder) { filter.sort(int(column), order); }
};

} // namespace

class TestAppFilter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sortsByRawValuesAndThenByName_data()
    {
        QTest::addColumn<AppColumn>("column");
        QTest::addColumn<QString>("ascending");
        QTest::addColumn<QString>("descending");
        QTest::newRow("state, worst last") << AppColumn::State << u"a C d b e"_s << u"e b a C d"_s;
        QTest::newRow("name, whatever its case")
            << AppColumn::Application << u"a b C d e"_s << u"e d C b a"_s;
        QTest::newRow("source") << AppColumn::Source << u"b a C d e"_s << u"a C d e b"_s;
        QTest::newRow("age, never last") << AppColumn::Age << u"d a C e b"_s << u"b a C e d"_s;
        QTest::newRow("size, as a number") << AppColumn::Size << u"C a b d e"_s << u"a b d e C"_s;
        QTest::newRow("updates, as a number") << AppColumn::Updates << u"a b d e C"_s << u"C a b d e"_s;
    }
    void sortsByRawValuesAndThenByName()
    {
        QFETCH(AppColumn, column);
        QFETCH(QString, ascending);
        QFETCH(QString, descending);
        AppRecord a = appNamed(u"a"_s);
        AppRecord b = appNamed(u"b"_s, AppState::Stale);
        b.source = u"/run/socket"_s;
        b.lastUpdate = Never;
        AppRecord c = appNamed(u"C"_s);
        c.bytes = 9; // "9" is after "100" as a text
        c.updates = 10; // and "10" before "9"
        AppRecord d = appNamed(u"d"_s, AppState::Fresh, 100ms);
        AppRecord e = appNamed(u"e"_s, AppState::Failing);
        for (AppRecord *other : {&a, &b, &d, &e})
            other->updates = 9;
        Watched w;
        w.sort(column);
        w.list({a, b, c, d, e});
        QCOMPARE(w.names(), ascending);
        w.sort(column, Qt::DescendingOrder);
        QCOMPARE(w.names(), descending);
    }

    void equalNamesAreInTheOrderOfTheirDaemons()
    {
        Watched w;
        w.sort(AppColumn::State);
        w.model.setListing(There, named({u"a"_s}));
        w.model.setListing(Here, named({u"a"_s}));
        QCOMPARE(w.filter.index(0, 0).data(DaemonRole).toString(), Here);
        w.sort(AppColumn::State, Qt::DescendingOrder);
        QCOMPARE(w.filter.index(0, 0).data(DaemonRole).toString(), Here);
    }

    void agesOfSeveralDaemonsCompareWhateverTheirClocksSay()
    {
        Watched w;
        w.sort(AppColumn::Age);
        w.model.setListing(Here, listingOf({appNamed(u"old"_s, AppState::Fresh, 1h)}));
        AppRecord young = appNamed(u"young"_s);
        young.lastUpdate = ListedAt - 24h * 1000 - 1min;
        w.model.setListing(There, listingOf({young}, ListedAt - 24h * 1000));
        QCOMPARE(w.names(), u"young old"_s);
    }

    void followsAnUpdateWithOneChangeOfLayout()
    {
        std::vector<AppRecord> apps;
        for (int i = 0; i < 1000; ++i)
            apps.push_back(appNamed(u"%1"_s.arg(i, 4, 10, QLatin1Char('0')), AppState::Fresh, i * 1s));
        Watched w;
        w.sort(AppColumn::Age);
        w.list(apps);
        w.forget();
        for (std::size_t i = 5; i < apps.size(); i += 10) // a hundred runs
            apps[i].lastUpdate = ListedAt + 1s;
        w.list(apps);
        QCOMPARE(w.layouts.size(), 1);
        QCOMPARE(w.inserted.size() + w.removed.size() + w.resets.size(), 0);
        QCOMPARE(w.changed.size(), 100);
        QCOMPARE(w.counted.size(), 1);
        QVERIFY(w.names().startsWith(u"0005 0015 0025 "_s));
    }

    void whatDoesNotTouchTheOrderMovesNothing()
    {
        std::vector<AppRecord> apps{appNamed(u"a"_s), appNamed(u"b"_s), appNamed(u"c"_s)};
        Watched w;
        w.sort(AppColumn::Application);
        QVERIFY(w.filter.setPattern(u"127"_s, AppFilter::Pattern::Text));
        w.list(apps);
        w.forget();
        for (AppRecord &app : apps)
            app.updates += 1;
        w.list(apps);
        QCOMPARE(w.moves(), 0);
        QCOMPARE(w.changed.size(), 1);
    }

    void filtersByText_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<AppFilter::Pattern>("kind");
        QTest::addColumn<QString>("left");
        using enum AppFilter::Pattern;
        QTest::newRow("nothing lets all through") << QString() << Text << u"alpha beta g.*"_s;
        QTest::newRow("an empty expression too") << QString() << RegularExpression << u"alpha beta g.*"_s;
        QTest::newRow("a part of the name") << u"BET"_s << Text << u"beta"_s;
        QTest::newRow("a part of the source") << u"run/s"_s << Text << u"g.*"_s;
        QTest::newRow("a part of the last error") << u"refused"_s << Text << u"alpha"_s;
        QTest::newRow("no expression in a text") << u".*"_s << Text << u"g.*"_s;
        QTest::newRow("an expression") << u"^(ALPHA|b.t)"_s << RegularExpression << u"alpha beta"_s;
        QTest::newRow("nothing") << u"omega"_s << Text << QString();
    }
    void filtersByText()
    {
        QFETCH(QString, pattern);
        QFETCH(AppFilter::Pattern, kind);
        QFETCH(QString, left);
        AppRecord alpha = appNamed(u"alpha"_s);
        alpha.lastErrorReason = u"connection refused"_s;
        AppRecord third = appNamed(u"g.*"_s);
        third.source = u"/run/socket"_s;
        Watched w;
        w.sort(AppColumn::Application);
        w.list({alpha, appNamed(u"beta"_s), third});
        QVERIFY(w.filter.setPattern(pattern, kind));
        QCOMPARE(w.names(), left);
        QVERIFY(w.filter.setPattern({}, AppFilter::Pattern::Text));
        QCOMPARE(w.filter.rowCount(), 3);
        // And the same when the rows come after the pattern.
        QVERIFY(w.filter.setPattern(pattern, kind));
        w.model.removeDaemon(Here);
        w.list({alpha, appNamed(u"beta"_s), third});
        QCOMPARE(w.names(), left);
    }

    void aWrongExpressionIsExplainedAndChangesNothing()
    {
        Watched w;
        w.list({appNamed(u"a"_s), appNamed(u"b"_s)});
        QVERIFY(w.filter.setPattern(u"a"_s, AppFilter::Pattern::Text));
        const QString fault = w.filter.setPattern(u"a(b"_s, AppFilter::Pattern::RegularExpression).error();
        QVERIFY2(fault.contains(u"at character 4"_s), qPrintable(fault));
        QCOMPARE(w.names(), u"a"_s);
    }

    void anExpressionThatNeverEndsIsCutShort()
    {
        std::vector<AppRecord> apps;
        for (int i = 0; i < 1000; ++i)
            apps.push_back(appNamed(QString(200, u'a') + QString::number(i) + u'!'));
        Watched w;
        w.list(apps);
        QVERIFY(w.filter.setPattern(u"(a+)+$"_s, AppFilter::Pattern::RegularExpression));
        QCOMPARE(w.filter.rowCount(), 0);
    }

    void textsThatChangeAreLookedAtAgain()
    {
        std::vector<AppRecord> apps{appNamed(u"a"_s), appNamed(u"b"_s)};
        Watched w;
        w.list(apps);
        QVERIFY(w.filter.setPattern(u"refused"_s, AppFilter::Pattern::Text));
        QCOMPARE(w.names(), QString());
        apps[1].lastErrorReason = u"connection refused"_s;
        w.list(apps);
        QCOMPARE(w.names(), u"b"_s);
        apps[1].lastErrorReason = u"timed out"_s;
        w.list(apps);
        QCOMPARE(w.names(), QString());
        // Another application in the place of one that matched.
        apps[1].lastErrorReason = u"refused"_s;
        w.list(apps);
        w.list({apps[0]});
        w.list({apps[0], appNamed(u"c"_s)});
        QCOMPARE(w.names(), QString());
    }

    void filtersByStateAndFollowsStates()
    {
        std::vector<AppRecord> apps{appNamed(u"a"_s), appNamed(u"b"_s, AppState::Late),
                                    appNamed(u"c"_s, AppState::Failing)};
        Watched w;
        w.sort(AppColumn::Application);
        w.list(apps);
        w.filter.setStates(states({AppState::Late, AppState::Failing}));
        QCOMPARE(w.names(), u"b c"_s);
        w.forget();
        apps[0].state = AppState::Late;
        apps[1].state = AppState::Fresh;
        w.list(apps);
        QCOMPARE(w.names(), u"a c"_s);
        QCOMPARE(w.layouts.size(), 0); // rows of their own, not the whole
        w.filter.setStates({});
        QCOMPARE(w.names(), u"a b c"_s);
    }

    void aFilterThatTurnsAllAroundIsOneChangeOfLayout()
    {
        std::vector<AppRecord> apps;
        for (int i = 0; i < 500; ++i)
            apps.push_back(
                appNamed(u"%1"_s.arg(i, 4, 10, QLatin1Char('0')), i % 2 ? AppState::Fresh : AppState::Stale));
        Watched w;
        w.sort(AppColumn::Application);
        w.list(apps);
        const QPersistentModelIndex kept = w.filter.index(1, 0);
        const QPersistentModelIndex gone = w.filter.index(2, 0);
        w.forget();
        w.filter.setStates(states({AppState::Fresh}));
        QCOMPARE(w.filter.rowCount(), 250);
        QCOMPARE(w.moves(), 1);
        QCOMPARE(kept.row(), 0);
        QVERIFY(!gone.isValid());
    }

    void countsAreOfWhatThePatternLetsThrough()
    {
        Watched w;
        w.list(
            {appNamed(u"shop a"_s), appNamed(u"shop b"_s, AppState::Late), appNamed(u"c"_s, AppState::Late)});
        QCOMPARE(w.filter.matchingCounts().total(), 3);
        w.forget();
        QVERIFY(w.filter.setPattern(u"shop"_s, AppFilter::Pattern::Text));
        w.filter.setStates(states({AppState::Fresh}));
        QCOMPARE(w.counted.size(), 1);
        QCOMPARE(w.filter.matchingCounts()[AppState::Fresh], 1);
        QCOMPARE(w.filter.matchingCounts()[AppState::Late], 1);
        QCOMPARE(w.model.counts()[AppState::Late], 2);
        w.list({appNamed(u"shop a"_s, AppState::Late), appNamed(u"shop b"_s, AppState::Late)});
        QCOMPARE(w.filter.matchingCounts()[AppState::Late], 2);
        QCOMPARE(w.filter.matchingCounts()[AppState::Fresh], 0);
    }

    void frozenRowsKeepTheirPlaces()
    {
        std::vector<AppRecord> apps{appNamed(u"a"_s, AppState::Late, 1s),
                                    appNamed(u"b"_s, AppState::Late, 2s),
                                    appNamed(u"c"_s, AppState::Late, 3s)};
        Watched w;
        w.sort(AppColumn::Age);
        w.filter.setStates(states({AppState::Late}));
        w.list(apps);
        w.filter.setFrozen(true);
        w.forget();
        apps[2].lastUpdate = ListedAt;
        apps[1].state = AppState::Fresh;
        w.list(apps);
        QCOMPARE(w.names(), u"a b c"_s);
        QCOMPARE(w.moves(), 0);
        QVERIFY(!w.changed.isEmpty()); // the cells are new all the same
        QCOMPARE(w.counted.size(), 1);
        w.filter.setFrozen(false);
        QCOMPARE(w.names(), u"c a"_s);
        w.forget();
        w.filter.setFrozen(true);
        w.filter.setFrozen(false);
        QCOMPARE(w.moves(), 0);
    }

    void whatTheUserAsksForAppliesWhileFrozen()
    {
        Watched w;
        w.sort(AppColumn::Application);
        w.list({appNamed(u"a"_s), appNamed(u"b"_s, AppState::Late)});
        w.filter.setFrozen(true);
        w.sort(AppColumn::Application, Qt::DescendingOrder);
        QCOMPARE(w.names(), u"b a"_s);
        QVERIFY(w.filter.setPattern(u"a"_s, AppFilter::Pattern::Text));
        QCOMPARE(w.names(), u"a"_s);
    }

    void aTickTouchesOnlyAgesAndHistoriesOfTheRowsGiven()
    {
        Watched w;
        w.list({appNamed(u"a"_s), appNamed(u"b"_s), appNamed(u"c"_s)});
        w.forget();
        w.filter.tick(1, 2);
        QCOMPARE(w.changed.size(), 2);
        for (const QList<QVariant> &signal : w.changed) {
            QCOMPARE(signal[0].toModelIndex().row(), 1);
            QCOMPARE(signal[1].toModelIndex().row(), 2);
            QCOMPARE(signal[0].toModelIndex().column(), signal[1].toModelIndex().column());
        }
        w.forget();
        w.filter.tick(-1, 2);
        w.filter.tick(2, 1);
        w.filter.tick(0, 3); // rows that are gone by now
        QCOMPARE(w.changed.size(), 0);
    }

    void afterRandomUpdatesOrderAndRowsAreAsIfMadeAnew()
    {
        std::mt19937 random(20261122); // the same each time, so that a failure comes again
        const auto upTo = [&random](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
        Watched w;
        w.sort(AppColumn::Age);
        QPersistentModelIndex selected;
        QString selectedName;
        QString pattern;
        for (int round = 0; round < 200; ++round) {
            const auto order = upTo(2) ? Qt::AscendingOrder : Qt::DescendingOrder;
            switch (upTo(8)) {
            case 0:
                w.sort(AppColumn(upTo(AppColumnCount)), order);
                break;
            case 1:
                pattern = upTo(2) ? QString::number(upTo(10)) : QString();
                QVERIFY(w.filter.setPattern(pattern, AppFilter::Pattern::Text));
                break;
            case 2:
                w.filter.setStates(AppFilter::States(quint64(upTo(1 << ListedStateCount))));
                break;
            case 3:
                w.filter.setFrozen(upTo(2));
                break;
            case 4:
                w.model.removeDaemon(There);
                break;
            default:
                std::vector<AppRecord> apps;
                for (int i = 0; i < 60; ++i) {
                    if (upTo(10) > 0)
                        apps.push_back(appNamed(QString::number(i), AppState(upTo(int(ListedStateCount))),
                                                std::chrono::seconds(upTo(20))));
                }
                w.model.setListing(upTo(2) ? Here : There, listingOf(apps));
            }
            if (selected.isValid())
                QCOMPARE(selected.data(NameRole).toString(), selectedName);
            else if (w.filter.rowCount() > 0) {
                selected = w.filter.index(upTo(w.filter.rowCount()), 0);
                selectedName = selected.data(NameRole).toString();
            }
            if (w.filter.isFrozen())
                continue;
            AppFilter anew(w.model);
            QVERIFY(anew.setPattern(pattern, AppFilter::Pattern::Text));
            anew.setStates(w.filter.states());
            anew.sort(w.filter.sortColumn(), w.filter.sortOrder());
            QCOMPARE(w.filter.rowCount(), anew.rowCount());
            for (int row = 0; row < anew.rowCount(); ++row)
                QCOMPARE(w.filter.sourceRow(row), anew.sourceRow(row));
            QVERIFY(w.filter.matchingCounts() == anew.matchingCounts());
        }
        QCOMPARE(w.resets.size(), 0);
    }
};

QTEST_GUILESS_MAIN(TestAppFilter)
#include "tst_appfilter.moc"
