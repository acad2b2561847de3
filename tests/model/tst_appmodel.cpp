// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/model/appmodel.h"

#include <QTest>
#include <thread>

using namespace ExporterProxy;
using namespace std::chrono_literals;

namespace {

constexpr AppModel::Limits Roomy{10'000, 1 << 30};
const QByteArray Source = QByteArrayLiteral("127.0.0.1:6554");
constexpr Timestamp Noon{std::chrono::hours(12)};

std::optional<Rejection> push(AppModel &model, const QByteArray &name, const QByteArray &text,
                              Timestamp at = Noon)
{
    AppUpdate update{name, text};
    return model.apply({&update, 1}, Source, SourceKind::Push, at);
}

QByteArray textOf(AppModel &model, const QByteArray &name)
{
    const auto view = model.view();
    const AppSnapshot *app = view->find(name);
    return app ? app->text : QByteArrayLiteral("(not there)");
}

} // namespace

class TestAppModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aPushReplacesAllTheApplicationHad()
    {
        AppModel model(Roomy);
        QVERIFY(!push(model, "a", "old 1\nold 2\n"));
        QVERIFY(!push(model, "a", "new 1\n", Noon + 1s));
        const auto view = model.view();
        QCOMPARE(view->apps.size(), 1u);
        const AppSnapshot &app = *view->apps.front();
        QCOMPARE(app.text, "new 1\n");
        QCOMPARE(app.updates, 2u);
        QCOMPARE(app.source, Source);
        QVERIFY(app.lastUpdate == Noon + 1s);
        QCOMPARE(view->totalSize, 6);
    }

    void textsEndInANewline()
    {
        AppModel model(Roomy);
        push(model, "bare", "x 1");
        push(model, "ended", "x 1\n");
        push(model, "empty", "");
        QCOMPARE(textOf(model, "bare"), "x 1\n");
        QCOMPARE(textOf(model, "ended"), "x 1\n");
        QCOMPARE(textOf(model, "empty"), "");
    }

    void viewsAreOrderedByTheBytesOfTheName()
    {
        AppModel model(Roomy);
        for (const char *name : {"b", "a", "ä", "B", "ab"})
            push(model, name, "x 1\n");
        QByteArrayList names;
        for (const auto view = model.view(); const auto &app : view->apps)
            names << app->name;
        QCOMPARE(names, (QByteArrayList{"B", "a", "ab", "b", "ä"}));
    }

    void aViewStaysAsItWas()
    {
        AppModel model(Roomy);
        push(model, "a", "x 1\n");
        const auto before = model.view();
        QCOMPARE(model.view().get(), before.get());
        push(model, "a", "x 2\n");
        push(model, "b", "x 3\n");
        QCOMPARE(before->apps.size(), 1u);
        QCOMPARE(before->apps.front()->text, "x 1\n");
        QCOMPARE(before->apps.front()->updates, 1u);
        const auto after = model.view();
        QVERIFY(after->generation > before->generation);
        QCOMPARE(after->find("a")->text, "x 2\n");
        QVERIFY(after->find("a")->textVersion != before->find("a")->textVersion);
    }

    void anOutdatedViewKeepsNoTextAlive()
    {
        AppModel model(Roomy);
        push(model, "a", "x 1\n");
        std::weak_ptr<const AppView> view = model.view();
        QVERIFY(!view.expired());
        push(model, "a", "x 2\n");
        QVERIFY(view.expired());
    }

    void textsAreSharedNotCopied()
    {
        AppModel model(Roomy);
        const QByteArray text(10'000, 'x');
        AppUpdate update{"a", text + '\n'};
        const char *bytes = update.text.constData();
        QVERIFY(!model.apply({&update, 1}, Source, SourceKind::Push, Noon));
        QCOMPARE(static_cast<const void *>(model.view()->find("a")->text.constData()),
                 static_cast<const void *>(bytes));
    }

    void aMessageIsAppliedAllOrNone()
    {
        AppModel model({2, 1000});
        QVERIFY(!push(model, "a", "x 1\n"));
        AppUpdate updates[] = {{"a", "x 2\n"}, {"b", "x 2\n"}, {"c", "x 2\n"}};
        const quint64 before = model.generation();
        const auto rejection = model.apply(updates, Source, SourceKind::Push, Noon);
        QVERIFY(rejection);
        QCOMPARE(rejection->reason, RejectReason::TooManyApps);
        QCOMPARE(rejection->app, "c");
        QCOMPARE(model.generation(), before);
        QCOMPARE(textOf(model, "a"), "x 1\n");
        QCOMPARE(textOf(model, "b"), "(not there)");
    }

    void ofOneNameTwiceInAMessageTheLastTextStays()
    {
        AppModel model({2, 20});
        AppUpdate updates[] = {{"a", QByteArray(19, 'x')}, {"b", "x 2\n"}, {"a", "x 3\n"}};
        const auto rejection = model.apply(updates, Source, SourceKind::Push, Noon);
        QVERIFY(!rejection);
        QCOMPARE(textOf(model, "a"), "x 3\n");
        QCOMPARE(model.view()->totalSize, 8);
    }

    void theTotalIsLimitedAfterReplacement()
    {
        AppModel model({10, 10});
        QVERIFY(!push(model, "a", "12345678\n")); // 9 bytes
        const auto rejection = push(model, "b", "x\n");
        QVERIFY(rejection);
        QCOMPARE(rejection->reason, RejectReason::TotalTooLarge);
        QVERIFY(!push(model, "a", "123456789\n")); // 10 bytes, in place of the 9
        QVERIFY(push(model, "a", "1234567890\n"));
        QCOMPARE(textOf(model, "a"), "123456789\n");
        QVERIFY(!push(model, "a", "x\n"));
        QVERIFY(!push(model, "b", "x\n"));
        QCOMPARE(model.view()->totalSize, 4);
    }

    void whatPagesKeepCountsAsTheTextDoes()
    {
        AppModel model({10, 100});
        model.setTextCost({.perByte = 2, .perSample = 10});
        QVERIFY(!push(model, "a", "x 1\n")); // 4 + 8 + 10
        QCOMPARE(model.view()->charged, 22);
        QCOMPARE(model.view()->totalSize, 4);
        QVERIFY(!push(model, "a", "x 1\nx 2\n")); // 8 + 16 + 20
        QCOMPARE(model.view()->charged, 44);
        QCOMPARE(model.pending().allowed(), PendingBytes::AlwaysAllowed);
        const auto rejection = push(model, "b", "x 1\nx 2\nx 3\n"); // 12 + 24 + 30
        QVERIFY(rejection);
        QCOMPARE(rejection->reason, RejectReason::TotalTooLarge);
        QVERIFY2(rejection->message.contains("exposition.mode and app_label"),
                 rejection->message.constData());
        QVERIFY(!push(model, "b", "# x 1 x 2 x 3\n")); // 14 + 28
        QCOMPARE(model.view()->charged, 86);
    }

    void aRefusedPushShowsOnAKnownApplicationOnly()
    {
        AppModel model(Roomy);
        push(model, "a", "x 1\n");
        model.noteRejected("a", "a NUL byte", SourceKind::Push, Noon + 2s);
        model.noteRejected("stranger", "a NUL byte", SourceKind::Push, Noon + 2s);
        auto view = model.view();
        QCOMPARE(view->apps.size(), 1u);
        const AppSnapshot &app = *view->apps.front();
        QCOMPARE(app.text, "x 1\n");
        QCOMPARE(app.rejected, 1u);
        QCOMPARE(app.lastErrorReason, "a NUL byte");
        QVERIFY(app.lastErrorAt == Noon + 2s);
        QVERIFY(app.lastUpdate == Noon);
        QCOMPARE(appStateAt(app, Noon + 3s), AppState::Rejected);

        push(model, "a", "x 2\n", Noon + 4s);
        view = model.view();
        QCOMPARE(appStateAt(*view->apps.front(), Noon + 4s), AppState::Fresh);
        QCOMPARE(view->apps.front()->lastErrorReason, "a NUL byte"); // what happened stays told
    }

    void aPolledApplicationIsKnownBeforeItsFirstPoll()
    {
        AppModel model(Roomy);
        const QByteArray name = "external_poll: 127.0.0.1:9100";
        model.addConfigured(name, name, SourceKind::Poll, 5s);
        QVERIFY(model.view()->find(name));
        QVERIFY(model.view()->find(name)->lastUpdate == Never);
        QCOMPARE(appStateAt(*model.view()->find(name), Noon), AppState::Stale);
        model.noteRejected(name, "connection refused", SourceKind::Poll, Noon);
        QCOMPARE(appStateAt(*model.view()->find(name), Noon), AppState::Failing);
        AppUpdate update{name, "x 1\n"};
        model.apply({&update, 1}, name, SourceKind::Poll, Noon + 1s);
        QCOMPARE(appStateAt(*model.view()->find(name), Noon), AppState::Fresh);
        QVERIFY(model.view()->find(name)->interval == 5s);
    }

    void seriesAreTheLinesThatAreNeitherBlankNorComments()
    {
        AppModel model(Roomy);
        push(model, "a", "# HELP x y\n# TYPE x gauge\nx 1\n\n  \nx{a=\"#\"} 2\n  # c\n\t x 3");
        QCOMPARE(model.view()->find("a")->series(), 3);
        push(model, "a", "x 1\n");
        QCOMPARE(model.view()->find("a")->series(), 1);
        push(model, "a", "");
        QCOMPARE(model.view()->find("a")->series(), 0);
    }

    void seriesAreCountedWhereverLinesBegin()
    {
        // Of all bytes that matter, in every place of the blocks in which they are counted.
        quint32 random = 1;
        for (int size = 0; size < 300; ++size) {
            QByteArray text;
            qsizetype expected = 0;
            bool isBegin = true;
            while (text.size() < size) {
                random = random * 1664525 + 1013904223;
                const char c = "a#  \t\t\n\n"[random >> 29];
                text += c;
                expected += isBegin && c == 'a';
                isBegin = c == '\n' || (isBegin && (c == ' ' || c == '\t'));
                if (random % 50 == 0)
                    text += QByteArray(70, ' ');
            }
            AppModel model(Roomy);
            push(model, "a", text);
            QCOMPARE(model.view()->find("a")->series(), expected);
        }
    }

    void namesAreChecked_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<bool>("good");
        QTest::newRow("plain") << QByteArray("foo_bar") << true;
        QTest::newRow("with spaces and a colon") << QByteArray("external_poll: 127.0.0.1:80") << true;
        QTest::newRow("not ASCII") << QByteArray("größe 测试") << true;
        QTest::newRow("as long as allowed") << QByteArray(256, 'x') << true;
        QTest::newRow("empty") << QByteArray() << false;
        QTest::newRow("a byte too long") << QByteArray(257, 'x') << false;
        QTest::newRow("newline") << QByteArray("a\nb") << false;
        QTest::newRow("NUL") << QByteArray("a\0b", 3) << false;
        QTest::newRow("escape") << QByteArray("a\x1b[31m") << false;
        QTest::newRow("delete") << QByteArray("a\x7f") << false;
        QTest::newRow("C1 control sequence introducer") << QByteArray("a\xC2\x9B") << false;
        QTest::newRow("no-break space, just above C1") << QByteArray("a\xC2\xA0") << true;
    }
    void namesAreChecked()
    {
        QFETCH(QByteArray, name);
        QFETCH(bool, good);
        QCOMPARE(!nameFault(name).has_value(), good);
    }

    void writersAndReadersOnManyThreads()
    {
        AppModel model(Roomy);
        constexpr int Writers = 3;
        constexpr int Pushes = 3000;
        std::atomic<int> running{Writers};
        std::vector<std::thread> threads;
        for (int writer = 0; writer < Writers; ++writer) {
            threads.emplace_back([&model, &running, writer] {
                for (int i = 1; i <= Pushes; ++i) {
                    const QByteArray value = QByteArray::number(i);
                    AppUpdate updates[] = {{"shared", "x " + value},
                                           {"own" + QByteArray::number(writer), value}};
                    model.apply(updates, Source, SourceKind::Push, Noon);
                }
                --running;
            });
        }
        quint64 lastGeneration = 0;
        bool ordered = true;
        while (running > 0) {
            const auto view = model.view();
            ordered = ordered && view->generation >= lastGeneration;
            lastGeneration = view->generation;
            qint64 size = 0;
            for (const auto &app : view->apps)
                size += app->text.size() + 0 * app->series();
            ordered = ordered && size == view->totalSize;
        }
        for (std::thread &thread : threads)
            thread.join();
        QVERIFY(ordered);
        QCOMPARE(model.view()->find("shared")->updates, quint64(Writers * Pushes));
        for (int writer = 0; writer < Writers; ++writer)
            QCOMPARE(textOf(model, "own" + QByteArray::number(writer)), QByteArray::number(Pushes) + '\n');
    }
};

QTEST_APPLESS_MAIN(TestAppModel)
#include "tst_appmodel.moc"
