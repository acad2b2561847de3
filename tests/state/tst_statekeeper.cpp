// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/state/statekeeper.h"
#include "tests/state/states.h"

#include <atomic>
#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <thread>

using namespace ExporterProxy;

namespace {

/// A model with a keeper, on a path that outlives both.
struct Fixture
{
    explicit Fixture(const QString &path)
        : keeper(path, model, counters)
    {
    }

    void push(const QByteArray &name, const QByteArray &text, SourceKind kind = SourceKind::Push)
    {
        AppUpdate update{name, text};
        QCOMPARE(model.apply({&update, 1}, "here", kind, wallClock()), std::nullopt);
    }

    QByteArrayList names()
    {
        QByteArrayList names;
        for (const auto &app : model.view()->apps)
            names << app->name;
        return names;
    }

    AppModel model{{10'000, 1 << 30}};
    StateCounters counters;
    StateKeeper keeper;
};

} // namespace

class TestStateKeeper : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;
    int m_number = 0;

    QString newPath() { return m_folder.filePath(QStringLiteral("state%1").arg(++m_number)); }

private Q_SLOTS:
    void aPushIsWrittenSoonAndComesBack()
    {
        const QString path = newPath();
        {
            Fixture f(path);
            QCOMPARE(f.keeper.start({}).error(), QString());
            f.push("a", "x 1");
            QTRY_COMPARE(f.counters.writes, 1u);
            QVERIFY(f.counters.lastSuccessful);
            QCOMPARE(f.counters.bytes, QFile(path).size());
            f.keeper.stop();
            QCOMPARE(f.counters.writes, 1u); // nothing has changed since
        }
        Fixture f(path);
        QCOMPARE(f.keeper.start({}).error(), QString());
        QCOMPARE(f.names(), QByteArrayList({"a"}));
        QCOMPARE(f.counters.restoredApps, 1u);
        QVERIFY(f.counters.lastWrite != Never);
        f.keeper.stop();
        QCOMPARE(f.counters.writes, 0u);
    }

    void theStopWritesWhatThePauseHeldBack()
    {
        const QString path = newPath();
        {
            Fixture f(path);
            QCOMPARE(f.keeper.start({}).error(), QString());
            f.push("a", "x 1");
            QTRY_COMPARE(f.counters.writes, 1u);
            f.push("b", "x 1"); // within the pause
            f.keeper.stop();
            f.keeper.stop();
            QCOMPARE(f.counters.writes, 2u);
        }
        Fixture f(path);
        QCOMPARE(f.keeper.start({}).error(), QString());
        QCOMPARE(f.names(), QByteArrayList({"a", "b"}));
    }

    void polledApplicationsAreLeftOutAndWakeNobody()
    {
        const QString path = newPath();
        {
            Fixture f(path);
            QCOMPARE(f.keeper.start({}).error(), QString());
            f.model.addConfigured("polled", "there", SourceKind::Poll, std::chrono::seconds(5));
            f.push("polled", "x 1", SourceKind::Poll);
            f.model.noteRejected("polled", "timeout", SourceKind::Poll, wallClock());
            f.keeper.stop();
            QCOMPARE(f.counters.writes, 0u);
        }
        QVERIFY(!QFile::exists(path));
        {
            Fixture f(path);
            QCOMPARE(f.keeper.start({}).error(), QString());
            f.model.addConfigured("polled", "there", SourceKind::Poll, std::chrono::seconds(5));
            f.push("pushed", "x 1");
        }
        Fixture f(path);
        QCOMPARE(f.keeper.start({}).error(), QString());
        QCOMPARE(f.names(), QByteArrayList({"pushed"}));
    }

    void aRefusedPushIsAChange()
    {
        const QString path = newPath();
        {
            Fixture f(path);
            QCOMPARE(f.keeper.start({}).error(), QString());
            f.push("a", "x 1");
            QTRY_COMPARE(f.counters.writes, 1u);
            f.model.noteRejected("a", "a NUL byte", SourceKind::Push, wallClock());
        }
        Fixture f(path);
        QCOMPARE(f.keeper.start({}).error(), QString());
        QCOMPARE(f.model.view()->apps[0]->rejected, 1u);
        QCOMPARE(f.model.view()->apps[0]->lastErrorReason, "a NUL byte");
    }

    void aWriteThatFailedIsTriedAgainAtTheStop()
    {
        const QString path = newPath();
        {
            Fixture f(path);
            QCOMPARE(f.keeper.start({}).error(), QString());
            QVERIFY(QDir().mkdir(path + QStringLiteral(".new")));
            f.push("a", "x 1");
            QTRY_COMPARE(f.counters.errors, 1u);
            QVERIFY(!f.counters.lastSuccessful);
            QVERIFY(!QFile::exists(path));
            QVERIFY(QDir().rmdir(path + QStringLiteral(".new")));
            f.keeper.stop();
            QVERIFY(f.counters.lastSuccessful);
        }
        Fixture f(path);
        QCOMPARE(f.keeper.start({}).error(), QString());
        QCOMPARE(f.names(), QByteArrayList({"a"}));
    }

    void pushesOfManyThreadsAreAllIn()
    {
        const QString path = newPath();
        constexpr int Threads = 4;
        constexpr int Pushes = 2000;
        {
            Fixture f(path);
            QCOMPARE(f.keeper.start({}).error(), QString());
            std::atomic<int> running{Threads};
            std::vector<std::thread> threads;
            for (int number = 0; number < Threads; ++number) {
                threads.emplace_back([&f, &running, number] {
                    for (int value = 1; value <= Pushes; ++value) {
                        AppUpdate update{"app" + QByteArray::number(number),
                                         "x " + QByteArray::number(value)};
                        f.model.apply({&update, 1}, "here", SourceKind::Push, wallClock());
                    }
                    --running;
                });
            }
            QTRY_COMPARE(running.load(), 0);
            for (std::thread &thread : threads)
                thread.join();
        }
        Fixture f(path);
        QCOMPARE(f.keeper.start({}).error(), QString());
        QCOMPARE(f.names().size(), Threads);
        for (const auto &app : f.model.view()->apps) {
            QCOMPARE(app->text, "x " + QByteArray::number(Pushes) + '\n');
            QCOMPARE(app->updates, quint64(Pushes));
        }
    }

    void damageIsCounted()
    {
        const QString path = newPath();
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write({StateFormat::Magic.data(), qsizetype(StateFormat::Magic.size())});
        file.close();
        Fixture f(path);
        QTest::ignoreMessage(QtWarningMsg,
                             QRegularExpression(QStringLiteral(
                                 "is damaged and was set aside as .*it ends before its trailer")));
        QCOMPARE(f.keeper.start({}).error(), QString());
        QVERIFY(f.counters.restoreFailed);
        QVERIFY(f.names().isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestStateKeeper)
#include "tst_statekeeper.moc"
