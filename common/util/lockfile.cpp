// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/lockfile.h"

#include "common/util/errortext.h"

#include <cerrno>
#include <fcntl.h>
#include <QFile>
#include <sys/file.h>
#include <sys/stat.h>

namespace ExporterProxy {

Result<LockFile> LockFile::acquire(int folder, const QByteArray &name, const QString &ifHeld)
{
    const auto cannot = [&name](const char *what) {
        return Failure{QStringLiteral("cannot %1 the lock file %2: %3")
                           .arg(QLatin1StringView(what), QFile::decodeName(name), errorText(errno))};
    };
    for (;;) {
        Descriptor file(
            openat(folder, name.constData(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
        if (!file.isOpen())
            return cannot("create");
        if (flock(file.get(), LOCK_EX | LOCK_NB) != 0)
            return errno == EWOULDBLOCK ? Failure{ifHeld} : cannot("lock");
        // Between openat() and flock() the process that held the lock may have removed the file. A lock on a
        // removed file excludes no one: the next process creates another file and locks that.
        struct stat held
        {
        };
        struct stat named
        {
        };
        if (fstat(file.get(), &held) == 0
            && fstatat(folder, name.constData(), &named, AT_SYMLINK_NOFOLLOW) == 0
            && held.st_ino == named.st_ino && held.st_dev == named.st_dev)
            return LockFile(folder, name, std::move(file));
    }
}

LockFile::LockFile(int folder, const QByteArray &name, Descriptor file)
    : m_folder(folder)
    , m_name(name)
    , m_file(std::move(file))
{
}

LockFile::~LockFile()
{
    if (m_file.isOpen())
        unlinkat(m_folder, m_name.constData(), 0); // first: afterwards it may be another process's
}

} // namespace ExporterProxy
