// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/state/statefile.h"
#include "tests/state/states.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <sys/stat.h>
#include <unistd.h>

using namespace ExporterProxy;

namespace {

StateFile::Apps apps(const QByteArrayList &names)
{
    StateFile::Apps result;
    for (const QByteArray &name : names)
        result.push_back(savedApp(name, name + " 1\n"));
    return result;
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(not there)");
}

void put(const QString &path, const QByteArray &content)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(content), content.size());
}

QByteArray magic()
{
    return {StateFormat::Magic.data(), qsizetype(StateFormat::Magic.size())};
}

} // namespace

class TestStateFile : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;

    QString path(const char *name) const { return m_folder.filePath(QString::fromLatin1(name)); }

    QStringList files() const
    {
        return QDir(m_folder.path()).entryList(QDir::Files | QDir::System | QDir::Hidden, QDir::Name);
    }

private Q_SLOTS:
    void init() { QVERIFY(m_folder.isValid()); }
    void cleanup()
    {
        for (const QString &name : files())
            QVERIFY(QFile::remove(m_folder.filePath(name)));
    }

    void whatIsWrittenIsRead()
    {
        {
            StateFile file(path("state"));
            QCOMPARE(file.open().error(), QString());
            const Result<StateFile::Content> none = file.read({});
            QVERIFY(none && !none.value().existed && none.value().damage.isEmpty());
            QCOMPARE(file.write(apps({"a", "b"}), wallClock()).error(), QString());
            QCOMPARE(files(), QStringList({QStringLiteral("state"), QStringLiteral("state.lock")}));
            QCOMPARE(file.size(), contentOf(path("state")).size());
            QCOMPARE(file.write(apps({"b", "c"}), wallClock()).error(), QString()); // in place of the former
        }
        QCOMPARE(files(), QStringList({QStringLiteral("state")}));
        struct stat status
        {
        };
        QCOMPARE(stat(QFile::encodeName(path("state")).constData(), &status), 0);
        QCOMPARE(status.st_mode & 07777, mode_t(0600));
        StateFile again(path("state"));
        QCOMPARE(again.open().error(), QString());
        const StateFile::Content content = again.read({}).take();
        QVERIFY(content.existed);
        QCOMPARE(content.damage, QString());
        QCOMPARE(namesOf(content.apps), QByteArrayList({"b", "c"}));
        QCOMPARE(content.apps[1]->text, "c 1\n");
    }

    void aTextIsLetGoOnceItIsWritten()
    {
        StateFile file(path("state"));
        QCOMPARE(file.open().error(), QString());
        StateFile::Apps held = apps({"a", "b"});
        const std::weak_ptr<const AppSnapshot> first = held[0];
        QCOMPARE(file.write(std::move(held), wallClock()).error(), QString());
        QVERIFY(first.expired());
    }

    void onlyOneCanHaveIt()
    {
        StateFile first(path("state"));
        QCOMPARE(first.open().error(), QString());
        StateFile second(path("state"));
        QCOMPARE(
            second.open().error(),
            QStringLiteral("cannot keep the state in %1: another exporter-proxy does").arg(path("state")));
        StateFile other(path("other"));
        QCOMPARE(other.open().error(), QString());
    }

    void whatAKilledOneLeftIsInNobodysWay()
    {
        put(path("state.new"), "half of a st");
        put(path("state.lock"), "");
        StateFile file(path("state"));
        QCOMPARE(file.open().error(), QString());
        QVERIFY(!file.read({}).value().existed);
        QCOMPARE(file.write(apps({"a"}), wallClock()).error(), QString());
        QCOMPARE(files(), QStringList({QStringLiteral("state"), QStringLiteral("state.lock")}));
    }

    void aDamagedFileIsSetAsideAndNoOtherIsOverwritten()
    {
        QStringList aside;
        for (int round = 0; round < 5; ++round) { // several within a second
            const QByteArray content = magic() + " damaged " + QByteArray::number(round);
            put(path("state"), content);
            StateFile file(path("state"));
            QCOMPARE(file.open().error(), QString());
            const StateFile::Content read = file.read({}).take();
            QVERIFY(read.existed);
            QVERIFY(read.apps.empty());
            QVERIFY(!read.damage.isEmpty());
            QVERIFY(!aside.contains(read.setAsideAs));
            QVERIFY2(read.setAsideAs.startsWith(path("state.damaged-2")), qPrintable(read.setAsideAs));
            aside << read.setAsideAs;
            QVERIFY(!QFile::exists(path("state")));
        }
        for (int round = 0; round < 5; ++round)
            QCOMPARE(contentOf(aside[round]), magic() + " damaged " + QByteArray::number(round));
    }

    void anothersFileStaysAsItIs()
    {
        for (const QByteArray &content : {QByteArray("root:x:0:0:root\n"), QByteArray("x")}) {
            put(path("state"), content);
            StateFile file(path("state"));
            QCOMPARE(file.open().error(), QString());
            const QString error = file.read({}).error();
            QVERIFY2(error.endsWith(QStringLiteral("is no state file of exporter-proxy")), qPrintable(error));
            QCOMPARE(contentOf(path("state")), content);
            QVERIFY(QFile::remove(path("state")));
        }
    }

    void aFileThatCannotBeReadStaysAsItIs()
    {
        put(path("state"), magic());
        StateFile file(path("state"));
        QCOMPARE(file.open().error(), QString());
        QFile::remove(path("state"));
        // The kernel's way to fail read(2) on a name that can be opened.
        QVERIFY(QDir().mkdir(path("state")));
        const QString error = file.read({}).error();
        QVERIFY2(error.contains(QStringLiteral("it cannot be read: ")), qPrintable(error));
        QVERIFY(QDir().rmdir(path("state"))); // it is there, and was not renamed
    }

    void aLinkIsNotFollowed()
    {
        put(path("precious"), "data");
        for (const char *name : {"state", "state.lock"}) {
            QVERIFY(QFile::link(path("precious"), path(name)));
            StateFile file(path("state"));
            const QString error = file.open().error();
            QVERIFY2(error.contains(QStringLiteral("symbolic link")), qPrintable(error));
            QVERIFY(QFile::remove(path(name)));
        }
        QVERIFY(QFile::link(path("precious"), path("state.new")));
        StateFile file(path("state"));
        QCOMPARE(file.open().error(), QString()); // the link itself is removed
        QCOMPARE(file.write(apps({"a"}), wallClock()).error(), QString());
        QCOMPARE(contentOf(path("precious")), "data");
    }

    void aWriteThatFailsLeavesTheFileAsItWas()
    {
        StateFile file(path("state"));
        QCOMPARE(file.open().error(), QString());
        QCOMPARE(file.write(apps({"a"}), wallClock()).error(), QString());
        const QByteArray before = contentOf(path("state"));
        QVERIFY(QDir(m_folder.path()).mkdir(QStringLiteral("state.new")));
        const QString error = file.write(apps({"a", "b"}), wallClock()).error();
        QCOMPARE(
            error,
            QStringLiteral("cannot write the state to %1: the new file: file exists").arg(path("state")));
        QCOMPARE(contentOf(path("state")), before);
        QVERIFY(QDir(m_folder.path()).rmdir(QStringLiteral("state.new")));
        QCOMPARE(file.write(apps({"a", "b"}), wallClock()).error(), QString());
    }

    void aFolderThatIsNotThere()
    {
        const QString missing = path("missing") + QStringLiteral("/state");
        StateFile file(missing);
        QCOMPARE(file.open().error(),
                 QStringLiteral("cannot keep the state in %1: its folder: no such file or directory")
                     .arg(missing));
        StateFile folder(m_folder.path() + u'/');
        QVERIFY(!folder.open());
    }

    void aFolderThatIsNotWritable()
    {
        if (geteuid() == 0)
            QSKIP("root may write anywhere");
        QVERIFY(QFile::setPermissions(m_folder.path(), QFile::ReadOwner | QFile::ExeOwner));
        StateFile file(path("state"));
        const QString error = file.open().error();
        QVERIFY(
            QFile::setPermissions(m_folder.path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        QVERIFY(error.endsWith(QStringLiteral("permission denied")));
    }
};

QTEST_GUILESS_MAIN(TestStateFile)
#include "tst_statefile.moc"
