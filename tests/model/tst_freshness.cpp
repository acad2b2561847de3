// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/model/appmodel.h"

#include <QTest>
#include <thread>

using namespace ExporterProxy;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr AppModel::Limits Roomy{10'000, 1 << 30};
const QByteArray Source = QByteArrayLiteral("127.0.0.1:6554");
constexpr Timestamp Noon{12h};

std::optional<Rejection> push(AppModel &model, const QByteArray &name, const QByteArray &text, Timestamp at)
{
    AppUpdate update{name, text};
    return model.apply({&update, 1}, Source, SourceKind::Push, at);
}

void poll(AppModel &model, const QByteArray &name, const QByteArray &text, Timestamp at)
{
    AppUpdate update{name, text};
    model.apply({&update, 1}, name, SourceKind::Poll, at);
}

FreshnessRules rules(milliseconds stale, milliseconds expire, milliseconds forget)
{
    FreshnessRules made;
    made.staleAfter = stale;
    made.expireAfter = expire;
    made.forgetAfter = forget;
    return made;
}

QByteArray stateOf(AppModel &model, const QByteArray &name, Timestamp at)
{
    const auto app = model.find(name, at);
    if (!app)
        return "(not there)";
    const std::string_view state = appStateName(appStateAt(*app, at));
    return QByteArray(state.data(), qsizetype(state.size()));
}

} // namespace

class TestFreshness : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theStrongestLevelThatHasAKeyCounts()
    {
        FreshnessRules some = rules(10s, 20s, 30s);
        some.push.staleAfter = 1s;
        some.poll.expireAfter = 0s; // never, which is something else than not said
        some.apps["a"].staleAfter = 5s;
        some.apps["a"].forgetAfter = 0s;
        QVERIFY(some.limitsFor("other", SourceKind::Push) == (FreshnessLimits{1s, 20s, 30s}));
        QVERIFY(some.limitsFor("a", SourceKind::Push) == (FreshnessLimits{5s, 20s, 0s}));
        QVERIFY(some.limitsFor("a", SourceKind::Poll) == (FreshnessLimits{5s, 0s, 0s}));
        QVERIFY(FreshnessRules().limitsFor("a", SourceKind::Push) == FreshnessLimits());
    }

    void whatIsForgottenCannotStayOnThePage()
    {
        QVERIFY(rules(0s, 0s, 30s).limitsFor("a", SourceKind::Push) == (FreshnessLimits{0s, 30s, 30s}));
        AppModel model(Roomy, rules(0s, 0s, 30s));
        push(model, "a", "x 1\n", Noon);
        QCOMPARE(model.view(Noon + 29999ms)->apps.size(), 1u);
        QCOMPARE(model.view(Noon + 30s)->apps.size(), 0u);
    }

    void statesByTime_data()
    {
        QTest::addColumn<int>("age"); // milliseconds
        QTest::addColumn<bool>("failed");
        QTest::addColumn<QByteArray>("push");
        QTest::addColumn<QByteArray>("poll");
        const auto row = [](const char *name, int age, bool failed, const char *push, const char *poll) {
            QTest::newRow(name) << age << failed << QByteArray(push) << QByteArray(poll);
        };
        row("now", 0, false, "fresh", "fresh");
        row("a clock set back", -5000, false, "fresh", "fresh");
        row("before three intervals", 14'999, false, "fresh", "fresh");
        row("three intervals", 15'000, false, "late", "late");
        row("before stale_after", 59'999, false, "late", "late");
        row("stale_after", 60'000, false, "stale", "stale");
        row("expire_after", 120'000, false, "expired", "expired");
        row("long after", 1'000'000, false, "expired", "expired");
        row("failed and fresh", 0, true, "rejected", "failing");
        row("failed and stale", 60'000, true, "rejected", "failing");
        row("failed and expired", 120'000, true, "expired", "expired");
    }
    void statesByTime()
    {
        QFETCH(int, age);
        QFETCH(bool, failed);
        QFETCH(QByteArray, push);
        QFETCH(QByteArray, poll);
        AppSnapshot app;
        app.lastUpdate = Noon;
        app.interval = 5s;
        app.limits = {60s, 120s, 0s};
        app.lastFailed = failed;
        const auto nameOf = [&](SourceKind kind) {
            app.kind = kind;
            const std::string_view name = appStateName(appStateAt(app, Noon + milliseconds(age)));
            return QByteArray(name.data(), qsizetype(name.size()));
        };
        QCOMPARE(nameOf(SourceKind::Push), push);
        QCOMPARE(nameOf(SourceKind::Poll), poll);
    }

    void byDefaultNothingEverDisappears()
    {
        AppModel model(Roomy);
        push(model, "a", "x 1\n", Noon);
        const auto view = model.view();
        QVERIFY(!model.expire(Noon + 24h * 365));
        QCOMPARE(model.view(Noon + 24h * 365).get(), view.get());
        QCOMPARE(stateOf(model, "a", Noon + 24h * 365), "fresh");
        QCOMPARE(stateOf(model, "a", Timestamp::max()), "fresh");
        QCOMPARE(stateOf(model, "a", Timestamp::min()), "fresh");
    }

    void aPushedApplicationShowsItsRhythm()
    {
        AppModel model(Roomy);
        for (int i = 0; i < 4; ++i)
            push(model, "a", "x 1\n", Noon + i * 15s);
        QVERIFY(model.view()->find("a")->interval == 15s);
        const Timestamp last = Noon + 45s;
        QCOMPARE(stateOf(model, "a", last + 44s), "fresh");
        QCOMPARE(stateOf(model, "a", last + 46s), "late");
        push(model, "a", "x 1\n", last + 46s);
        QCOMPARE(stateOf(model, "a", last + 46s), "fresh");
        QVERIFY(model.view()->find("a")->interval == 15s);
    }

    void pollsKeepTheirConfiguredInterval()
    {
        AppModel model(Roomy);
        model.addConfigured("p", "p", SourceKind::Poll, 5s);
        for (int i = 0; i < 10; ++i)
            poll(model, "p", "x 1\n", Noon + i * 1s);
        QVERIFY(model.view()->find("p")->interval == 5s);
    }

    void anExpiredTextIsGoneWithItsBytesAndItsNameStays()
    {
        AppModel model({2, 10}, rules(0s, 60s, 0s));
        push(model, "a", "x 12345\n", Noon);
        push(model, "b", "\n", Noon + 50s);
        QCOMPARE(model.view(Noon + 59999ms)->totalSize, 9);
        const auto before = model.view();
        const auto view = model.view(Noon + 60s);
        QVERIFY(view->generation > before->generation);
        QCOMPARE(before->find("a")->text, "x 12345\n"); // who reads it still has it
        QCOMPARE(view->apps.size(), 2u);
        QCOMPARE(view->totalSize, 1);
        QCOMPARE(view->find("a")->text, "");
        QCOMPARE(view->find("a")->updates, 1u);
        QVERIFY(view->find("a")->textVersion != before->find("a")->textVersion);
        QCOMPARE(view->find("b"), before->find("b"));
        QCOMPARE(model.view(Noon + 70s).get(), view.get()); // once
        QCOMPARE(stateOf(model, "a", Noon), "expired"); // a clock that is set back does not bring it back
        QVERIFY(!push(model, "b", "y 12345\n", Noon + 61s));
    }

    void anExpiredTextGivesWayToAPushWithoutAnybodyLooking()
    {
        AppModel model({10, 10}, rules(0s, 60s, 0s));
        push(model, "a", "x 12345\n", Noon);
        QVERIFY(push(model, "b", "y 12345\n", Noon + 59s));
        QVERIFY(!push(model, "b", "y 12345\n", Noon + 60s));
        QCOMPARE(model.view()->totalSize, 8);
    }

    void aForgottenNameGivesItsPlaceBack()
    {
        AppModel model({1, 1000}, rules(0s, 60s, 120s));
        push(model, "a", "x 1\n", Noon);
        QVERIFY(push(model, "b", "x 1\n", Noon + 59s));
        QCOMPARE(stateOf(model, "a", Noon + 119s), "expired");
        QCOMPARE(stateOf(model, "a", Noon + 120s), "(not there)");
        QVERIFY(!push(model, "b", "x 1\n", Noon + 120s));
    }

    void anExpiredNameGivesItsPlaceToANewOne()
    {
        AppModel model({1, 1000}, rules(0s, 60s, 120s));
        push(model, "a", "x 1\n", Noon);
        QVERIFY(push(model, "b", "x 1\n", Noon + 59s));
        QVERIFY(!push(model, "b", "x 1\n", Noon + 60s));
        QCOMPARE(model.view()->apps.size(), 1u);
        QCOMPARE(model.view()->apps.front()->name, "b");
    }

    void aNewPushRevivesATombstoneWithItsCounters()
    {
        AppModel model(Roomy, rules(0s, 60s, 0s));
        for (int i = 0; i < 4; ++i)
            push(model, "a", "x 1\n", Noon + i * 10s);
        model.noteRejected("a", "refused", SourceKind::Push, Noon + 31s);
        QCOMPARE(stateOf(model, "a", Noon + 10min), "expired");
        model.noteRejected("a", "refused again", SourceKind::Push, Noon + 11min);
        QCOMPARE(stateOf(model, "a", Noon + 11min), "expired");
        push(model, "a", "x 2\n", Noon + 12min);
        const auto view = model.view();
        const AppSnapshot &app = *view->find("a");
        QCOMPARE(app.text, "x 2\n");
        QCOMPARE(app.updates, 5u);
        QCOMPARE(app.rejected, 2u);
        QVERIFY(app.interval == 10s);
        QCOMPARE(stateOf(model, "a", Noon + 12min), "fresh");
        QCOMPARE(stateOf(model, "a", Noon + 13min), "expired"); // and again
    }

    void aPolledApplicationExpiresAndIsNeverForgotten()
    {
        AppModel model(Roomy, rules(0s, 60s, 120s));
        model.addConfigured("p", "p", SourceKind::Poll, 5s);
        QVERIFY(!model.expire(Noon)); // it has nothing yet
        poll(model, "p", "x 1\n", Noon);
        model.noteRejected("p", "connection refused", SourceKind::Poll, Noon + 5s);
        QCOMPARE(stateOf(model, "p", Noon + 59s), "failing");
        QCOMPARE(stateOf(model, "p", Noon + 60s), "expired");
        QCOMPARE(model.view()->find("p")->text, "");
        QVERIFY(!model.expire(Noon + 24h));
        QCOMPARE(stateOf(model, "p", Noon + 24h), "expired");
        poll(model, "p", "x 1\n", Noon + 25h);
        QCOMPARE(stateOf(model, "p", Noon + 25h), "fresh");
    }

    void otherRulesHoldAtOnce()
    {
        AppModel model(Roomy);
        push(model, "a", "x 1\n", Noon);
        push(model, "b", "x 1\n", Noon);
        FreshnessRules some = rules(10s, 60s, 0s);
        some.apps["b"].expireAfter = 0s;
        const quint64 before = model.generation();
        model.setFreshness(some);
        QVERIFY(model.generation() > before);
        QCOMPARE(stateOf(model, "a", Noon + 10s), "stale");
        QCOMPARE(stateOf(model, "b", Noon + 60s), "stale");
        QCOMPARE(stateOf(model, "a", Noon + 60s), "expired");
        const quint64 after = model.generation();
        model.setFreshness(some);
        QCOMPARE(model.generation(), after); // nothing has changed
        model.setFreshness({});
        QCOMPARE(stateOf(model, "b", Noon + 60s), "fresh");
        QCOMPARE(stateOf(model, "a", Noon + 60s), "expired"); // its text is gone
        QVERIFY(!model.expire(Noon + 24h));
        push(model, "a", "x 1\n", Noon + 25h);
        QCOMPARE(stateOf(model, "a", Noon + 24h * 100), "fresh");
    }

    void theNextDeadlineIsTold()
    {
        AppModel model(Roomy, rules(0s, 60s, 100s));
        QVERIFY(!model.expire(Noon));
        push(model, "a", "x 1\n", Noon);
        push(model, "b", "x 1\n", Noon + 10s);
        QVERIFY(model.expire(Noon + 11s) == Noon + 60s);
        push(model, "a", "x 1\n", Noon + 30s);
        QVERIFY(model.expire(Noon + 59s) == Noon + 60s); // too early: nobody has looked
        QVERIFY(model.expire(Noon + 60s) == Noon + 70s);
        QVERIFY(model.expire(Noon + 70s) == Noon + 90s); // b expires, then a
        QVERIFY(model.expire(Noon + 90s) == Noon + 110s); // a expires, then b goes
        QVERIFY(model.expire(Noon + 110s) == Noon + 130s);
        QVERIFY(!model.expire(Noon + 130s));
        QCOMPARE(model.view()->apps.size(), 0u);
    }

    void theWatcherIsCalledWhenItGetsEarlierAndOnlyThen()
    {
        AppModel model(Roomy, rules(0s, 60s, 0s));
        int calls = 0;
        model.setDeadlineWatcher([&calls] { ++calls; });
        push(model, "a", "x 1\n", Noon);
        QCOMPARE(calls, 1);
        for (int i = 1; i < 50; ++i) {
            push(model, "a", "x 1\n", Noon + i * 1s);
            push(model, "b", "x 1\n", Noon + i * 1s);
        }
        model.expire(Noon + 60s);
        push(model, "c", "x 1\n", Noon + 61s);
        QCOMPARE(calls, 1);
        FreshnessRules sooner = rules(0s, 60s, 0s);
        sooner.apps["c"].expireAfter = 10s;
        model.setFreshness(sooner);
        QCOMPARE(calls, 2);
        model.setDeadlineWatcher({});
        model.setFreshness(rules(0s, 1s, 0s));
        QCOMPARE(calls, 2);
        QVERIFY(!model.expire(Noon + 1h));
    }

    void manyExpireAtOnce()
    {
        AppModel model(Roomy, rules(0s, 60s, 120s));
        for (int i = 0; i < 1000; ++i)
            push(model, "app" + QByteArray::number(i), "x 1\n", Noon + i % 7 * 5s);
        QCOMPARE(model.view(Noon + 59s)->totalSize, 4000);
        QCOMPARE(model.view(Noon + 90s)->totalSize, 0);
        const auto view = model.view(Noon + 135s);
        QCOMPARE(view->apps.size(), 428u); // those of 20, 25 and 30 seconds
        QVERIFY(std::is_sorted(view->apps.begin(), view->apps.end(),
                               [](const auto &a, const auto &b) { return a->name < b->name; }));
        for (const auto &app : view->apps)
            QVERIFY(model.find(app->name, Noon + 135s));
        QCOMPARE(model.view(Noon + 10min)->apps.size(), 0u);
    }

    void expiryAmongWritersAndReadersOnManyThreads()
    {
        AppModel model(Roomy, rules(0s, 1ms, 2ms));
        std::atomic<qint64> clock{0};
        std::atomic<int> calls{0};
        std::atomic<int> running{3};
        model.setDeadlineWatcher([&calls] { ++calls; });
        std::vector<std::thread> writers;
        for (int writer = 0; writer < 3; ++writer) {
            writers.emplace_back([&, writer] {
                for (int i = 0; i < 3000; ++i)
                    push(model, QByteArray::number(i % 40 + writer), "x 1\n",
                         Noon + std::chrono::microseconds(++clock * 10));
                --running;
            });
        }
        bool isConsistent = true;
        while (running > 0) {
            const Timestamp now = Noon + std::chrono::microseconds(clock.load() * 10);
            const auto view = model.view(now);
            qint64 size = 0;
            for (const auto &app : view->apps)
                size += app->text.size();
            isConsistent = isConsistent && size == view->totalSize;
            model.find("7", now);
            model.setFreshness(rules(0s, milliseconds(1 + clock % 2), 2ms));
        }
        for (std::thread &writer : writers)
            writer.join();
        QVERIFY(isConsistent);
        QVERIFY(calls > 0);
        QVERIFY(!model.expire(Noon + 1h));
        QCOMPARE(model.view()->apps.size(), 0u);
    }
};

QTEST_APPLESS_MAIN(TestFreshness)
#include "tst_freshness.moc"
