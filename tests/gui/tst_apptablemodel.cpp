// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/apptablemodel.h"

#include "tests/gui/listings.h"

#include <map>
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
const QString There = u"https://there/prefix"_s;
constexpr auto Fatal = QAbstractItemModelTester::FailureReportingMode::Fatal;

/// A model under the tester's eyes, and its signals.
struct Watched
{
    AppTableModel model;
    QAbstractItemModelTester tester{&model, Fatal};
    QSignalSpy changed{&model, &QAbstractItemModel::dataChanged};
    QSignalSpy inserted{&model, &QAbstractItemModel::rowsInserted};
    QSignalSpy removed{&model, &QAbstractItemModel::rowsRemoved};
    QSignalSpy layouts{&model, &QAbstractItemModel::layoutChanged};
    QSignalSpy resets{&model, &QAbstractItemModel::modelReset};
    QSignalSpy ended{&model, &AppTableModel::updateEnded};

    void forget()
    {
        for (QSignalSpy *spy : {&changed, &inserted, &removed, &layouts, &resets, &ended})
            spy->clear();
    }
    QString text(int row, AppColumn column, int role = Qt::DisplayRole) const
    {
        return model.index(row, int(column)).data(role).toString();
    }
    QStringList names() const
    {
        QStringList names;
        for (int row = 0; row < model.rowCount(); ++row)
            names << model.record(row).name;
        return names;
    }
};

/// "3:Age-5:Updates": what a dataChanged spanned.
QString spanOf(const QList<QVariant> &arguments)
{
    const auto from = arguments[0].toModelIndex();
    const auto to = arguments[1].toModelIndex();
    return u"rows %1-%2 columns %3-%4"_s.arg(from.row()).arg(to.row()).arg(from.column()).arg(to.column());
}

QStringList spansOf(const QSignalSpy &spy)
{
    QStringList spans;
    for (const QList<QVariant> &arguments : spy)
        spans << spanOf(arguments);
    return spans;
}

} // namespace

class TestAppTableModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aFirstListingIsOneInsertion()
    {
        Watched w;
        w.model.setListing(Here, named({u"a"_s, u"b"_s, u"c"_s}));
        QCOMPARE(w.names(), (QStringList{u"a"_s, u"b"_s, u"c"_s}));
        QCOMPARE(w.inserted.size(), 1);
        QCOMPARE(w.changed.size(), 0);
        QCOMPARE(w.ended.size(), 1);
        QCOMPARE(w.model.counts()[AppState::Fresh], 3);
    }

    void theSameListingAgainChangesNothing()
    {
        Watched w;
        w.model.setListing(Here, named({u"a"_s, u"b"_s, u"c"_s}));
        w.forget();
        w.model.setListing(Here, named({u"a"_s, u"b"_s, u"c"_s}));
        QCOMPARE(w.changed.size() + w.inserted.size() + w.removed.size() + w.layouts.size(), 0);
        QCOMPARE(w.ended.size(), 1);
    }

    void changesAreRunsOfRowsAndOnlyTheColumnsThatChanged()
    {
        Watched w;
        std::vector<AppRecord> apps;
        for (const char *name : {"a", "b", "c", "d", "e"})
            apps.push_back(appNamed(QString::fromLatin1(name)));
        w.model.setListing(Here, listingOf(apps));
        w.forget();
        apps[0].bytes = 1;
        apps[1].series = 1;
        apps[3].state = AppState::Late;
        w.model.setListing(Here, listingOf(apps));
        const auto column = [](AppColumn c) { return QString::number(int(c)); };
        QCOMPARE(spansOf(w.changed),
                 (QStringList{
                     u"rows 0-1 columns "_s + column(AppColumn::Size) + u"-"_s + column(AppColumn::Series),
                     u"rows 3-3 columns "_s + column(AppColumn::State) + u"-"_s + column(AppColumn::State)}));
        QCOMPARE(w.model.counts()[AppState::Late], 1);
        QCOMPARE(w.model.counts()[AppState::Fresh], 4);
    }

    void whatAllRowsChangeIsOneSpan()
    {
        Watched w;
        std::vector<AppRecord> apps;
        for (int i = 0; i < 1000; ++i)
            apps.push_back(appNamed(QString::number(i)));
        w.model.setListing(Here, listingOf(apps));
        w.forget();
        for (AppRecord &app : apps)
            app.lastUpdate += 1s;
        w.model.setListing(Here, listingOf(apps));
        QCOMPARE(w.changed.size(), 1);
    }

    void tooManyRunsBecomeOne()
    {
        Watched w;
        std::vector<AppRecord> apps;
        for (int i = 0; i < 2000; ++i)
            apps.push_back(appNamed(u"%1"_s.arg(i, 5)));
        w.model.setListing(Here, listingOf(apps));
        w.forget();
        for (std::size_t i = 1; i < apps.size(); i += 2)
            apps[i].bytes = 7;
        w.model.setListing(Here, listingOf(apps));
        QCOMPARE(w.changed.size(), 1);
        QVERIFY(spanOf(w.changed.front()).startsWith(u"rows 1-1999 "_s));
    }

    void newApplicationsComeToTheEndAsOneRun()
    {
        Watched w;
        w.model.setListing(Here, named({u"b"_s, u"d"_s}));
        w.model.setListing(There, named({u"x"_s}));
        w.forget();
        w.model.setListing(Here, named({u"a"_s, u"b"_s, u"c"_s, u"d"_s, u"e"_s}));
        QCOMPARE(w.names(), (QStringList{u"b"_s, u"d"_s, u"a"_s, u"c"_s, u"e"_s, u"x"_s}));
        QCOMPARE(w.inserted.size(), 1);
        QCOMPARE(w.changed.size(), 0);
        QCOMPARE(w.model.find(There, u"x"_s).row(), 5);
        QCOMPARE(w.model.find(Here, u"e"_s).row(), 4);
    }

    void goneApplicationsAreRemovedInRuns()
    {
        Watched w;
        w.model.setListing(Here, named({u"a"_s, u"b"_s, u"c"_s, u"d"_s, u"e"_s, u"f"_s}));
        w.forget();
        w.model.setListing(Here, named({u"a"_s, u"d"_s, u"f"_s}));
        QCOMPARE(w.names(), (QStringList{u"a"_s, u"d"_s, u"f"_s}));
        QCOMPARE(w.removed.size(), 2);
        QCOMPARE(w.layouts.size(), 0);
        QVERIFY(!w.model.find(Here, u"b"_s).isValid());
        QCOMPARE(w.model.counts().total(), 3);
    }

    void manyScatteredRemovalsAreOneChangeOfLayoutAndOneRun()
    {
        Watched w;
        QStringList all;
        for (int i = 0; i < 400; ++i)
            all << u"%1"_s.arg(i, 4);
        w.model.setListing(Here, named(all));
        const QPersistentModelIndex kept = w.model.find(Here, all[301]);
        const QPersistentModelIndex gone = w.model.find(Here, all[300]);
        w.forget();
        QStringList odd;
        for (int i = 1; i < 400; i += 2)
            odd << all[i];
        w.model.setListing(Here, named(odd));
        QCOMPARE(w.names(), odd);
        QCOMPARE(w.removed.size(), 1);
        QCOMPARE(w.layouts.size(), 1);
        QCOMPARE(w.resets.size(), 0);
        QCOMPARE(kept.data(NameRole).toString(), all[301]);
        QVERIFY(!gone.isValid());
    }

    void aDaemonThatComesBackWithOthersChangesOnlyItsOwn()
    {
        Watched w;
        w.model.setListing(Here, named({u"a"_s, u"b"_s}));
        w.model.setListing(There, named({u"a"_s, u"c"_s}));
        w.model.setListing(Here, named({u"n"_s, u"o"_s, u"p"_s}));
        QCOMPARE(w.names(), (QStringList{u"n"_s, u"o"_s, u"p"_s, u"a"_s, u"c"_s}));
        QCOMPARE(w.model.daemon(0), Here);
        QCOMPARE(w.model.daemon(3), There);
        QCOMPARE(w.model.index(3, 0).data(DaemonRole).toString(), There);
        QCOMPARE(w.resets.size(), 0);
    }

    void theRowsOfASilentDaemonStayAndSayThatTheyAreOutdated()
    {
        Watched w;
        w.model.setListing(Here, named({u"a"_s, u"b"_s}));
        w.model.setListing(There, named({u"c"_s}));
        w.forget();
        w.model.setOutdated(Here, true);
        w.model.setOutdated(Here, true);
        QCOMPARE(w.changed.size(), 1);
        QCOMPARE(w.names(), (QStringList{u"a"_s, u"b"_s, u"c"_s}));
        QVERIFY(w.model.index(0, 0).data(OutdatedRole).toBool());
        QVERIFY(!w.model.index(2, 0).data(OutdatedRole).toBool());
        QCOMPARE(w.text(0, AppColumn::State, Qt::AccessibleTextRole), u"fresh, outdated"_s);
        w.forget();
        w.model.setListing(Here, named({u"a"_s, u"b"_s})); // it is back, and nothing else is new
        QCOMPARE(w.changed.size(), 1);
        QVERIFY(!w.model.index(0, 0).data(OutdatedRole).toBool());
    }

    void aDaemonIsRemovedWithItsRows()
    {
        Watched w;
        w.model.setListing(Here, named({u"a"_s, u"b"_s}));
        w.model.setListing(There, named({u"c"_s}));
        w.forget();
        w.model.removeDaemon(Here);
        QCOMPARE(w.names(), QStringList{u"c"_s});
        QCOMPARE(w.removed.size(), 1);
        QCOMPARE(w.model.daemons(), QStringList{There});
        QCOMPARE(w.model.find(There, u"c"_s).row(), 0);
        QCOMPARE(w.model.counts().total(), 1);
        w.model.setOutdated(Here, true);
        w.model.removeDaemon(Here);
        QCOMPARE(w.ended.size(), 1);
    }

    void afterRandomListingsTheModelIsWhatTheLastOnesSay()
    {
        std::mt19937 random(20261122); // the same each time, so that a failure comes again
        const auto upTo = [&random](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
        Watched w;
        const QStringList daemons{Here, There, u"http://third:1"_s};
        std::map<QString, std::shared_ptr<const AppsListing>> last;
        std::map<std::pair<QString, QString>, QPersistentModelIndex> held;
        for (int round = 0; round < 300; ++round) {
            const QString daemon = daemons[upTo(3)];
            if (upTo(50) == 0) {
                w.model.removeDaemon(daemon);
                last.erase(daemon);
            } else if (upTo(10) == 0) {
                w.model.setOutdated(daemon, true);
            } else {
                // Mostly small differences, at times quite other applications.
                std::vector<AppRecord> apps;
                const int all = upTo(8) == 0 ? 200 : 40;
                for (int i = 0; i < all; ++i) {
                    if (upTo(all == 200 ? 2 : 10) == 0)
                        continue;
                    AppRecord app = appNamed(QString::number(i), AppState(upTo(int(ListedStateCount))));
                    app.updates = quint64(upTo(3));
                    app.lastUpdate = upTo(10) == 0 ? Never : ListedAt + std::chrono::seconds(round);
                    app.lastErrorReason = upTo(4) == 0 ? QString::number(upTo(2)) : QString();
                    apps.push_back(app);
                }
                last[daemon] = listingOf(apps);
                w.model.setListing(daemon, last[daemon]);
            }
            int rows = 0;
            StateCounts counts;
            for (const auto &[key, listing] : last) {
                for (const AppRecord &app : listing->apps) {
                    const QModelIndex found = w.model.find(key, app.name);
                    QVERIFY(found.isValid());
                    QVERIFY(w.model.record(found.row()) == app);
                    QCOMPARE(w.model.daemon(found.row()), key);
                    counts.add(app);
                    auto &persistent = held[{key, app.name}];
                    if (!persistent.isValid())
                        persistent = found;
                    QCOMPARE(persistent.row(), found.row());
                }
                rows += int(listing->apps.size());
            }
            QCOMPARE(w.model.rowCount(), rows);
            QVERIFY(w.model.counts() == counts);
            for (const auto &[name, persistent] : held) {
                const bool isListed = w.model.find(name.first, name.second).isValid();
                QCOMPARE(persistent.isValid(), isListed);
            }
        }
        QCOMPARE(w.resets.size(), 0);
    }

    void agesGoByTheDaemonsClock()
    {
        Watched w;
        // Whatever this host's clock says.
        w.model.setListing(Here, listingOf({appNamed(u"a"_s, AppState::Fresh, 230s), appNamed(u"b"_s)}));
        QCOMPARE(w.text(0, AppColumn::Age), u"3 m 50 s ago"_s);
        QVERIFY(w.model.age(0) >= 230s && w.model.age(0) < 240s);
        AppRecord future = appNamed(u"a"_s);
        future.lastUpdate = ListedAt + 1h;
        AppRecord never = appNamed(u"b"_s);
        never.lastUpdate = Never;
        w.model.setListing(Here, listingOf({future, never}));
        QCOMPARE(w.text(0, AppColumn::Age), u"now"_s);
        QCOMPARE(w.text(1, AppColumn::Age), u"never"_s);
        QVERIFY(!w.model.age(1));
    }

    void clocksAtTheEndsOfTimeOverflowNothing()
    {
        Watched w;
        AppRecord app = appNamed(u"a"_s);
        app.lastUpdate = Timestamp::min();
        w.model.setListing(Here, listingOf({app}, Timestamp::max()));
        w.model.setListing(There, listingOf({app, appNamed(u"b"_s)}, Timestamp::min()));
        QVERIFY(w.text(0, AppColumn::Age).endsWith(u"ago"_s));
        QCOMPARE(w.model.compare(AppColumn::Age, 0, 0), 0);
        QVERIFY(w.model.compare(AppColumn::Age, 0, 1) > 0);
        for (int row = 0; row < w.model.rowCount(); ++row) {
            for (int column = 0; column < AppColumnCount; ++column) {
                for (const int role : {Qt::DisplayRole, Qt::ToolTipRole, Qt::AccessibleTextRole})
                    w.model.index(row, column).data(role);
            }
            w.model.paintedHistory(row);
        }
    }

    void cellsSayWhatIsKnownInWordsAndUnits()
    {
        Watched w;
        AppRecord app = appNamed(u"shop"_s, AppState::Rejected);
        app.bytes = 12'595;
        app.series = 1'234'567;
        app.updates = 42;
        app.rejected = 3;
        app.interval = 15s;
        app.lastErrorReason = u"line 3: <b>no</b> value"_s;
        app.lastErrorAt = ListedAt;
        w.model.setListing(Here, listingOf({app}));
        QCOMPARE(w.text(0, AppColumn::State), u"rejected"_s);
        QCOMPARE(w.text(0, AppColumn::Application), u"shop"_s);
        QCOMPARE(w.text(0, AppColumn::Source), u"127.0.0.1:6554"_s);
        QCOMPARE(w.text(0, AppColumn::Interval), u"≈ 15 s"_s);
        QCOMPARE(w.text(0, AppColumn::Size), u"12.3 KiB"_s);
        QCOMPARE(w.text(0, AppColumn::Series), QLocale().toString(1'234'567));
        QCOMPARE(w.text(0, AppColumn::Updates), u"42"_s);
        QCOMPARE(w.text(0, AppColumn::Rejected), u"3"_s);
        QCOMPARE(w.text(0, AppColumn::Daemon), u"127.0.0.1:6555"_s);
        QVERIFY(w.text(0, AppColumn::State, Qt::ToolTipRole).contains(u"&lt;b&gt;no&lt;/b&gt;"_s));
        QVERIFY(w.text(0, AppColumn::Age, Qt::ToolTipRole).contains(u" UTC"_s));
        for (int column = 0; column < AppColumnCount; ++column) {
            QVERIFY(!w.model.headerData(column, Qt::Horizontal).toString().isEmpty());
            QVERIFY(!w.model.index(0, column).data(Qt::AccessibleTextRole).toString().isEmpty());
        }
    }

    void conflictsAreMarkedAndTold()
    {
        AppTableModel model;
        AppRecord app = appNamed(QStringLiteral("a"));
        model.setListing(Here, listingOf({app}));
        const QModelIndex name = model.index(0, int(AppColumn::Application));
        QVERIFY(!name.data(ConflictsRole).toBool());
        const QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
        for (int i = 0; i < 7; ++i)
            app.conflicts << QStringLiteral("<i>conflict</i> %1").arg(i);
        model.setListing(Here, listingOf({app}));
        QCOMPARE(changes.size(), 1);
        QVERIFY(name.data(ConflictsRole).toBool());
        QCOMPARE(name.data().toString(), QStringLiteral("a"));
        QCOMPARE(name.data(Qt::AccessibleTextRole).toString(), QStringLiteral("a, with conflicts"));
        const QString toolTip = name.data(Qt::ToolTipRole).toString();
        QVERIFY2(toolTip.contains(QStringLiteral("&lt;i&gt;conflict&lt;/i&gt; 4")), qPrintable(toolTip));
        QVERIFY2(!toolTip.contains(QStringLiteral("conflict&lt;/i&gt; 5")), qPrintable(toolTip));
        QVERIFY2(toolTip.contains(QStringLiteral("and 2 more")), qPrintable(toolTip));
    }

    void hostileNamesStayInTheirLine()
    {
        Watched w;
        const QString name = u"a\x1b[31m\n\u202Eb\u2028<img src='x'>"_s;
        AppRecord app = appNamed(name);
        app.source = name;
        app.lastErrorReason = name;
        w.model.setListing(Here, listingOf({app}));
        QCOMPARE(w.text(0, AppColumn::Application), u"a\\u001b[31m\\u000a\\u202eb\\u2028<img src='x'>"_s);
        QCOMPARE(w.text(0, AppColumn::Application, NameRole), name);
        for (int column = 0; column < AppColumnCount; ++column) {
            for (const int role : {int(Qt::DisplayRole), int(Qt::ToolTipRole), int(Qt::AccessibleTextRole)}) {
                const QString text = w.text(0, AppColumn(column), role);
                QVERIFY(!text.contains(u'\x1b') && !text.contains(QChar(0x202E)) && !text.contains(u'\n'));
                QVERIFY(role != Qt::ToolTipRole || !text.contains(u"<img"_s));
            }
        }
    }

    void arrivalsAreSeenBetweenListings()
    {
        Watched w;
        AppRecord app = appNamed(u"a"_s, AppState::Fresh, 0s);
        w.model.setListing(Here, listingOf({app}));
        for (int i = 1; i <= 3; ++i) {
            app.updates += 1;
            app.lastUpdate += 5s;
            w.model.setListing(Here, listingOf({app}, app.lastUpdate));
        }
        QCOMPARE(w.model.history(0).size(), 4);
        QCOMPARE(w.model.paintedHistory(0).arrivals.size(), 4);
        QVERIFY(w.model.paintedHistory(0).gaps.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestAppTableModel)
#include "tst_apptablemodel.moc"
