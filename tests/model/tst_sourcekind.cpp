// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/model/sourcekind.h"

#include "common/exposition/appsjson.h"
#include "common/model/appmodel.h"

#include <QTest>

using namespace ExporterProxy;
using namespace std::chrono_literals;

namespace {

constexpr Timestamp Noon{std::chrono::hours(24 * 365 * 50)};

/// The model and one application of it, which came by that kind of source.
struct Fixture
{
    const SourceKind kind;
    const SourceKindInfo &info = infoOf(kind);
    AppModel model;

    explicit Fixture(SourceKind ofKind, FreshnessRules rules = {})
        : kind(ofKind)
        , model({10, 1'000}, std::move(rules))
    {
        if (info.isConfigured)
            model.addConfigured("a", "there", kind, 1h);
    }

    void take(Timestamp at)
    {
        AppUpdate update{"a", "x 1\n"};
        QVERIFY(!model.apply({&update, 1}, "there", kind, at));
    }
    const AppSnapshot *app() { return model.view()->find("a"); }
};

} // namespace

/// What holds for every kind that is in the list, also for one that is added.
class TestSourceKind : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data()
    {
        QTest::addColumn<int>("kind");
        for (std::size_t i = 0; i < SourceKindCount; ++i)
            QTest::newRow(infoOf(SourceKind(i)).name.data()) << int(i);
    }

    void itsWordIsInTheListing()
    {
        Fixture f(current());
        f.take(Noon);
        const QByteArray json = renderAppsJson(*f.model.view(), Noon, Noon);
        const QByteArray name(f.info.name.data(), qsizetype(f.info.name.size()));
        QVERIFY2(json.contains("\"kind\":\"" + name + '"'), json.constData());
        for (std::size_t other = 0; other < SourceKindCount; ++other)
            QVERIFY(SourceKind(other) == f.kind || infoOf(SourceKind(other)).name != f.info.name);
    }

    void anAttemptThatFailsLeavesItsState()
    {
        Fixture f(current());
        f.take(Noon);
        f.model.noteRejected("a", "reason", f.kind, Noon);
        QCOMPARE(appStateAt(*f.app(), Noon), f.info.failedState);
        QVERIFY(!isUp(f.info.failedState));
        f.take(Noon);
        QCOMPARE(appStateAt(*f.app(), Noon), AppState::Fresh);
    }

    void itsRhythmIsLearnedOrConfigured()
    {
        Fixture f(current());
        for (int i = 0; i < 10; ++i)
            f.take(Noon + i * 10s);
        QVERIFY(f.app()->interval == (f.info.learnsInterval ? 10s : 3'600s));
    }

    void whatIsNotConfiguredIsForgottenAndKept()
    {
        FreshnessRules rules;
        rules.forgetAfter = 60s;
        Fixture f(current(), rules);
        int told = 0;
        f.model.notifyNextPush([&told] { ++told; });
        f.take(Noon);
        QCOMPARE(told, f.info.isConfigured ? 0 : 1); // the state file has to be written
        f.model.expire(Noon + 61s);
        QCOMPARE(f.app() != nullptr, f.info.isConfigured);
        f.model.removeConfigured("a");
        QVERIFY(!f.app());
    }

    void itHasLimitsOfItsOwn()
    {
        FreshnessRules rules;
        (rules.*infoOf(current()).freshness).staleAfter = 5s;
        Fixture f(current(), rules);
        f.take(Noon);
        QVERIFY(f.app()->limits.staleAfter == 5s);
    }

    void itsAttemptsHaveWordsForTheLog()
    {
        const SourceKindInfo &info = infoOf(current());
        QVERIFY(*info.attempt);
        QCOMPARE(*info.recovered != '\0', info.failedState == AppState::Failing);
        QCOMPARE(*info.attempts != '\0', info.failedState == AppState::Rejected);
    }

private:
    static SourceKind current()
    {
        QFETCH_GLOBAL(int, kind);
        return SourceKind(kind);
    }
};

QTEST_APPLESS_MAIN(TestSourceKind)
#include "tst_sourcekind.moc"
