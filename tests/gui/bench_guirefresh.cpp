// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/appfilter.h"

#include "common/apps/appslisting.h"
#include "common/exposition/appsjson.h"
#include "common/model/appmodel.h"
#include "tests/gui/listings.h"

#include <algorithm>
#include <ctime>
#include <QApplication>
#include <QTableView>
#include <QTest>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr int Applications = 10'000;
constexpr int Rounds = 41;
const QString Daemon = u"http://127.0.0.1:6555"_s;

using Times = std::vector<double>; ///< milliseconds

/// Processor time of this thread: what the window cannot do anything else in, whatever else the machine does.
double threadTime()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) * 1e3 + double(time.tv_nsec) / 1e6;
}

template<typename Work>
double timed(Work work)
{
    const double begin = threadTime();
    work();
    return threadTime() - begin;
}

double report(const char *what, Times times)
{
    std::sort(times.begin(), times.end());
    const double median = times[times.size() / 2];
    qInfo("%-58s median %6.2f ms, worst %6.2f ms", what, median, times.back());
    return median;
}

} // namespace

/// Measures the cost of a refresh for the thread of the window, with ten thousand applications. Figures
/// belong to a machine; the bounds are those below which it stays fluent.
class BenchGuiRefresh : public QObject
{
    Q_OBJECT

    std::vector<AppRecord> m_apps;

    /// As an hour of updates leaves them: ages in no order of the names.
    void makeApps()
    {
        m_apps.clear();
        for (int i = 0; i < Applications; ++i) {
            m_apps.push_back(appNamed(u"application_%1_of_a_host"_s.arg(i, 5, 10, QLatin1Char('0')),
                                      AppState::Fresh, std::chrono::milliseconds(i * 7919 % 15'000)));
            m_apps.back().lastErrorReason = i % 20 == 0 ? u"line 3: no value"_s : QString();
        }
    }

    /// `step`: each so manieth application has sent an update.
    void change(int round, int step)
    {
        for (std::size_t i = std::size_t(round % step); i < m_apps.size(); i += std::size_t(step)) {
            m_apps[i].updates += 1;
            m_apps[i].bytes += round % 3;
            m_apps[i].lastUpdate = ListedAt + round * 1s + std::chrono::milliseconds(i * 104'729 % 1000);
            m_apps[i].state = i % 100 == 0 && round % 2 ? AppState::Late : AppState::Fresh;
        }
    }

private Q_SLOTS:
    void refresh_data()
    {
        QTest::addColumn<int>("step");
        QTest::addColumn<bool>("withView");
        QTest::addColumn<double>("bound");
        QTest::newRow("1 % changed, model and filter") << 100 << false << 16.0;
        QTest::newRow("1 % changed, and a table that shows them") << 100 << true << 16.0;
        QTest::newRow("all changed, model and filter") << 1 << false << 60.0;
        QTest::newRow("all changed, and a table that shows them") << 1 << true << 60.0;
    }
    void refresh()
    {
        QFETCH(int, step);
        QFETCH(bool, withView);
        QFETCH(double, bound);
        makeApps();
        AppTableModel model;
        AppFilter filter(model);
        filter.sort(int(AppColumn::Age), Qt::AscendingOrder);
        std::ignore = filter.setPattern(u"application"_s, AppFilter::Pattern::Text);
        QTableView view;
        if (withView) {
            view.setModel(&filter);
            view.setSortingEnabled(true);
            view.sortByColumn(int(AppColumn::Age), Qt::AscendingOrder);
            view.resize(1200, 800);
            view.show();
            view.selectRow(5000);
        }
        connect(&filter, &AppFilter::countsChanged, &filter, [&filter] { filter.matchingCounts(); });
        const double first = timed([&] { model.setListing(Daemon, listingOf(m_apps)); });
        QApplication::processEvents();
        Times times;
        for (int round = 1; round <= Rounds; ++round) {
            change(round, step);
            const auto listing = listingOf(m_apps, ListedAt + round * 1s);
            times.push_back(timed([&] {
                model.setListing(Daemon, listing);
                filter.rowCount();
                QApplication::processEvents();
            }));
        }
        QCOMPARE(filter.rowCount(), Applications);
        const double median = report(QTest::currentDataTag(), times);
        qInfo("%-58s        %6.2f ms", "    the first listing", first);
        QVERIFY2(median < bound, "over the bound");
    }

    void typing()
    {
        makeApps();
        AppTableModel model;
        AppFilter filter(model);
        filter.sort(int(AppColumn::Age), Qt::AscendingOrder);
        model.setListing(Daemon, listingOf(m_apps));
        Times texts;
        Times expressions;
        for (int round = 0; round < Rounds; ++round) {
            const QString digit = QString::number(round % 10);
            texts.push_back(timed([&] {
                std::ignore = filter.setPattern(digit, AppFilter::Pattern::Text);
                filter.rowCount(); // filtered and sorted when it is asked for
            }));
            expressions.push_back(timed([&] {
                std::ignore = filter.setPattern(u"_\\d*"_s + digit + u"\\d?_of"_s,
                                                AppFilter::Pattern::RegularExpression);
                filter.rowCount();
            }));
        }
        QVERIFY(report("another text to filter by", texts) < 60);
        QVERIFY(report("another regular expression to filter by", expressions) < 60);
    }

    void daemonsThatComeBackWithOtherApplications()
    {
        makeApps();
        AppTableModel model;
        AppFilter filter(model);
        filter.sort(int(AppColumn::Application), Qt::AscendingOrder);
        Times times;
        for (int round = 0; round < 9; ++round) {
            std::vector<AppRecord> apps;
            for (std::size_t i = std::size_t(round % 2); i < m_apps.size(); i += 2)
                apps.push_back(m_apps[i]);
            const auto listing = listingOf(apps);
            times.push_back(timed([&] {
                model.setListing(Daemon, listing);
                filter.rowCount();
            }));
        }
        report("5000 go and 5000 others come", times);
    }

    void reading()
    {
        AppModel source({20'000, 1 << 30});
        for (int i = 0; i < Applications; ++i) {
            AppUpdate update{"application_" + QByteArray::number(i) + "_of_a_host", "x 1\n"};
            QVERIFY(!source.apply({&update, 1}, "127.0.0.1:6554", SourceKind::Push, ListedAt));
        }
        const QByteArray json = renderAppsJson(*source.view(), ListedAt, ListedAt);
        Times times;
        for (int round = 0; round < Rounds; ++round)
            times.push_back(timed([&] { QVERIFY(readAppsJson(json).listing); }));
        report("reading the JSON, on another thread", times);
    }
};

QTEST_MAIN(BenchGuiRefresh)
#include "bench_guirefresh.moc"
