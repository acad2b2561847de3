// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/lockfile.h"

#include <fcntl.h>
#include <optional>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace ExporterProxy;

namespace {

const QString Held = QStringLiteral("it is held");

class TestLockFile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isHeldOnce()
    {
        std::optional<LockFile> first(take(m_path).take());
        QVERIFY(QFile::exists(QFile::decodeName(m_path)));
        const Result<LockFile> second = take(m_path);
        QVERIFY(!second);
        QCOMPARE(second.error(), Held);
        QVERIFY(QFile::exists(QFile::decodeName(m_path))); // a failed attempt leaves it alone

        first.reset();
        QVERIFY(!QFile::exists(QFile::decodeName(m_path)));
        QVERIFY(take(m_path));
        QVERIFY(!QFile::exists(QFile::decodeName(m_path)));
    }

    void isHeldByWhatItIsMovedTo()
    {
        LockFile first = take(m_path).take();
        std::optional<LockFile> second(std::move(first));
        QCOMPARE(take(m_path).error(), Held);
        second.reset();
        QVERIFY(take(m_path));
    }

    void mayLieInAFolderThatIsHeld()
    {
        const Descriptor folder(open(QFile::encodeName(m_folder.path()).constData(), O_RDONLY | O_DIRECTORY));
        QVERIFY(folder.isOpen());
        const Result<LockFile> lock = LockFile::acquire(folder.get(), "lock", Held);
        QVERIFY(lock);
        QCOMPARE(take(m_path).error(), Held); // it is the same file
    }

    void followsNoLink()
    {
        const QString target = m_folder.filePath(QStringLiteral("target"));
        QVERIFY(QFile::link(target, QFile::decodeName(m_path)));
        const QString error = take(m_path).error();
        QVERIFY(QFile::remove(QFile::decodeName(m_path)));
        QCOMPARE(error,
                 QStringLiteral("cannot create the lock file %1: too many levels of symbolic links")
                     .arg(QFile::decodeName(m_path)));
        QVERIFY(!QFile::exists(target));
    }

    void saysWhyThereIsNone()
    {
        const QByteArray path = QFile::encodeName(m_folder.filePath(QStringLiteral("missing/lock")));
        QCOMPARE(take(path).error(),
                 QStringLiteral("cannot create the lock file %1: no such file or directory")
                     .arg(QFile::decodeName(path)));
    }

private:
    static Result<LockFile> take(const QByteArray &path) { return LockFile::acquire(AT_FDCWD, path, Held); }

    QTemporaryDir m_folder;
    const QByteArray m_path = QFile::encodeName(m_folder.filePath(QStringLiteral("lock")));
};

} // namespace

QTEST_GUILESS_MAIN(TestLockFile)
#include "tst_lockfile.moc"
