// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/model/appmodel.h"

#include <array>
#include <QTest>

using namespace ExporterProxy;

namespace {

constexpr Timestamp Noon{std::chrono::seconds(1'653'220'800)};

bool push(AppModel &model, const QByteArray &name, const QByteArray &text, SourceKind kind = SourceKind::Push)
{
    AppUpdate update{name, text};
    return !model.apply({&update, 1}, "here", kind, Noon);
}

std::shared_ptr<AppSnapshot> saved(const QByteArray &name, const QByteArray &text)
{
    auto app = std::make_shared<AppSnapshot>();
    app->name = name;
    app->text = text;
    app->lastUpdate = Noon;
    app->updates = 5;
    return app;
}

QByteArrayList namesOf(AppModel &model)
{
    QByteArrayList names;
    for (const auto &app : model.view()->apps)
        names << app->name;
    return names;
}

} // namespace

/// What happens to the model at start and reload.
class TestAppModelChanges : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatWasSavedGoesOnFromThere()
    {
        AppModel model({10, 100});
        const quint64 before = model.generation();
        QCOMPARE(model.restore({saved("b", "x 1"), saved("a", "y 1\n")}), 0u);
        QVERIFY(model.generation() != before);
        QCOMPARE(namesOf(model), QByteArrayList({"a", "b"}));
        const auto view = model.view();
        QCOMPARE(view->totalSize, 8);
        QCOMPARE(view->apps[1]->text, "x 1\n"); // neighbours never fuse
        QCOMPARE(view->apps[1]->lastUpdate, Noon);
        QVERIFY(view->apps[0]->textVersion != view->apps[1]->textVersion);
        QVERIFY(push(model, "b", "x 2\n"));
        QCOMPARE(model.view()->find("b")->updates, 6u);
        QCOMPARE(view->apps[1]->text, "x 1\n"); // a view does not change
    }

    void whatDoesNotFitIsLeftOut()
    {
        AppModel model({3, 12});
        QVERIFY(push(model, "a", "x 1\n"));
        // Known already; too large; the third; one too many.
        QCOMPARE(model.restore({saved("a", "old\n"), saved("b", "123456789\n"), saved("c", "x\n"),
                                saved("d", "x\n"), saved("e", "x\n")}),
                 3u);
        QCOMPARE(namesOf(model), QByteArrayList({"a", "c", "d"}));
        QCOMPARE(model.view()->find("a")->text, "x 1\n");
        QCOMPARE(model.view()->totalSize, 8);
    }

    void lowerLimitsDropNothingAndTakeNothingNew()
    {
        AppModel model({10, 100});
        QVERIFY(push(model, "a", "123456789\n") && push(model, "b", "x 1\n"));
        model.setLimits({1, 100});
        QVERIFY(!push(model, "c", "x 1\n"));
        QVERIFY(push(model, "b", "x 2\n"));
        model.setLimits({10, 10});
        QVERIFY(!push(model, "b", "x 3\n")); // still over it
        QCOMPARE(namesOf(model), QByteArrayList({"a", "b"}));
        QVERIFY(push(model, "a", "1\n")); // makes room
        QVERIFY(push(model, "b", "x 3\n"));
    }

    void whatPagesKeepGoesWithTheText()
    {
        FreshnessRules freshness;
        freshness.expireAfter = std::chrono::seconds(1);
        AppModel model({10, 100}, freshness);
        const auto charged = [&model] { return model.view()->charged; };
        QVERIFY(push(model, "pushed", "x 1\n"));
        QVERIFY(push(model, "polled", "x 1\n", SourceKind::Poll));
        QCOMPARE(charged(), 8);
        model.setTextCost({.perByte = 2, .perSample = 10}); // of what is held as well
        QCOMPARE(charged(), 8 + 2 * 18);
        QVERIFY(model.replaceHeld(*model.view()->find("pushed"), {"pushed", "#x 1\n"}, {}, Noon));
        QCOMPARE(charged(), 9 + 18 + 10);
        // 4 + 18 each: one fits, the other does not.
        QCOMPARE(model.restore({saved("first", "y 1\n"), saved("second", "y 1\n" + QByteArray(20, '\n'))}),
                 1u);
        QCOMPARE(charged(), 9 + 18 + 10 + 22);
        model.removeConfigured("polled");
        QCOMPARE(charged(), 5 + 10 + 22);
        model.setTextCost({.perByte = 100}); // over the limit: it stays, and nothing new is taken
        QCOMPARE(charged(), 9 + 900);
        QVERIFY(!push(model, "pushed", "x 1\n"));
        model.expire(Noon + std::chrono::seconds(1));
        QCOMPARE(charged(), 0);
        QVERIFY(!push(model, "pushed", "x\n"));
        model.setTextCost({});
        QVERIFY(push(model, "pushed", "x\n"));
        QCOMPARE(charged(), 2);
    }

    void aPolledApplicationCanBeRemoved()
    {
        AppModel model({2, 100});
        model.addConfigured("a", "there", SourceKind::Poll, std::chrono::seconds(5));
        model.addConfigured("b", "there", SourceKind::Poll, std::chrono::seconds(5));
        QVERIFY(push(model, "a", "x 1\n", SourceKind::Poll));
        const auto view = model.view();
        model.removeConfigured("a");
        QCOMPARE(namesOf(model), QByteArrayList({"b"}));
        QCOMPARE(model.view()->totalSize, 0);
        QCOMPARE(view->apps[0]->text, "x 1\n");
        QVERIFY(push(model, "c", "x 1\n")); // there is room again
        model.removeConfigured("c"); // pushed
        model.removeConfigured("unknown");
        QCOMPARE(namesOf(model), QByteArrayList({"b", "c"}));
    }

    void whatTheConfigurationNamesCannotBePushedNorMadeToFail()
    {
        AppModel model({10, 100});
        QVERIFY(push(model, "polled", "x 1\n")); // before the configuration names it
        model.addConfigured("polled", "there", SourceKind::Poll, std::chrono::seconds(5));
        std::array updates = {AppUpdate{"a", "x 1\n"}, AppUpdate{"polled", "forged 1\n"}};
        const std::optional<Rejection> rejection = model.apply(updates, "here", SourceKind::Push, Noon);
        QVERIFY(rejection);
        QCOMPARE(rejection->reason, RejectReason::Reserved);
        QCOMPARE(rejection->app, QByteArray("polled"));
        QVERIFY(rejection->message.startsWith("polled: "));
        QCOMPARE(namesOf(model), QByteArrayList{"polled"}); // all or none
        QVERIFY(push(model, "polled", "x 2\n", SourceKind::Poll));
        model.noteRejected("polled", rejection->message, SourceKind::Push, Noon);
        QCOMPARE(appStateAt(*model.view()->find("polled"), Noon), AppState::Fresh);
        model.removeConfigured("polled");
        QVERIFY(push(model, "polled", "x 3\n"));
    }

    void applicationsWithoutATextGiveTheirPlace()
    {
        AppModel model({3, 100});
        model.addConfigured("polled", "there", SourceKind::Poll, std::chrono::seconds(5)); // keeps its place
        QVERIFY(push(model, "junk1", ""));
        QVERIFY(push(model, "junk2", ""));
        QVERIFY(push(model, "junk1", "")); // has lost nothing
        QVERIFY(push(model, "a", "x 1\n"));
        QCOMPARE(namesOf(model), QByteArrayList({"a", "junk2", "polled"}));
        std::array both = {AppUpdate{"junk2", "x 1\n"}, AppUpdate{"b", "x 1\n"}};
        QVERIFY(model.apply(both, "here", SourceKind::Push, Noon)); // no place for both
        QCOMPARE(namesOf(model), QByteArrayList({"a", "junk2", "polled"}));
        QVERIFY(push(model, "b", "x 1\n"));
        QCOMPARE(namesOf(model), QByteArrayList({"a", "b", "polled"}));
        QVERIFY(!push(model, "c", "x 1\n"));
        QVERIFY(push(model, "b", ""));
        QVERIFY(push(model, "c", "x 1\n"));
        QCOMPARE(namesOf(model), QByteArrayList({"a", "c", "polled"}));
    }

    void anEmptyMessageChangesNothing()
    {
        AppModel model({3, 100});
        int told = 0;
        model.notifyNextPush([&told] { ++told; });
        const quint64 before = model.generation();
        QVERIFY(!model.apply({}, "here", SourceKind::Push, Noon));
        QCOMPARE(model.generation(), before);
        QCOMPARE(told, 0);
    }

    void theNextPushIsTold()
    {
        AppModel model({3, 100});
        int told = 0;
        const auto tell = [&told] { ++told; };
        model.addConfigured("polled", "there", SourceKind::Poll, std::chrono::seconds(5));
        model.notifyNextPush(tell);
        QVERIFY(push(model, "polled", "x 1\n", SourceKind::Poll));
        model.noteRejected("polled", "timeout", SourceKind::Poll, Noon);
        model.noteRejected("unknown", "bad", SourceKind::Push, Noon);
        QVERIFY(!push(model, "a", QByteArray(1000, 'x')));
        QCOMPARE(told, 0);
        QVERIFY(push(model, "a", "x 1\n"));
        QCOMPARE(told, 1);
        QVERIFY(push(model, "a", "x 2\n")); // once only
        QCOMPARE(told, 1);
        model.notifyNextPush(tell);
        model.noteRejected("a", "bad", SourceKind::Push, Noon); // its counters are kept too
        QCOMPARE(told, 2);
        model.notifyNextPush(tell);
        model.notifyNextPush(nullptr);
        QVERIFY(push(model, "a", "x 3\n"));
        QCOMPARE(told, 2);
    }
};

QTEST_APPLESS_MAIN(TestAppModelChanges)
#include "tst_appmodelchanges.moc"
