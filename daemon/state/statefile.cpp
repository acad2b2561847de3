// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/state/statefile.h"

#include "common/state/statewriter.h"
#include "common/util/utctime.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <kj/exception.h>
#include <QFile>
#include <QFileInfo>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ExporterProxy {

namespace {

/// Read and written at a time: large against what a system call costs, small against the texts.
constexpr qsizetype BlockSize = 1 << 20;
/// Damaged files of one second. More are not a fault of the disk.
constexpr int MaxSameNames = 100;
/// What the file holds, only the HTTP port may show, under its own rules.
constexpr mode_t FileMode = 0600;

QString reason(int error)
{
    return QString::fromLocal8Bit(std::strerror(error)).toLower();
}

/// Closes a descriptor at the end of a block.
struct Closing
{
    int descriptor;
    ~Closing()
    {
        if (descriptor >= 0)
            ::close(descriptor);
    }
};

/// Gathers what is written into blocks.
class BlockFile
{
public:
    explicit BlockFile(int descriptor)
        : m_descriptor(descriptor)
    {
        m_block.reserve(BlockSize);
    }

    bool put(QByteArrayView bytes)
    {
        if (m_block.size() + bytes.size() > BlockSize && !flush())
            return false;
        if (bytes.size() >= BlockSize)
            return writeAll(bytes);
        m_block.append(bytes);
        return true;
    }

    bool flush()
    {
        const bool good = writeAll(m_block);
        m_block.resize(0);
        return good;
    }

    int error() const { return m_error; }

private:
    bool writeAll(QByteArrayView bytes)
    {
        while (!bytes.isEmpty()) {
            const ssize_t size = ::write(m_descriptor, bytes.data(), std::size_t(bytes.size()));
            if (size < 0 && errno == EINTR)
                continue;
            if (size <= 0) {
                m_error = size < 0 ? errno : ENOSPC;
                return false;
            }
            bytes = bytes.sliced(size);
        }
        return true;
    }

    const int m_descriptor;
    QByteArray m_block;
    int m_error = 0;
};

/// "20261122T233000Z".
QByteArray compactTime(Timestamp now)
{
    QByteArray text;
    appendUtcTime(text, std::chrono::floor<std::chrono::seconds>(now), UtcForm::Rfc3339);
    text.replace("-", "");
    text.replace(":", "");
    return text;
}

} // namespace

StateFile::StateFile(const QString &path)
    : m_path(path)
    , m_name(QFile::encodeName(QFileInfo(path).fileName()))
{
}

StateFile::~StateFile()
{
    if (m_lock >= 0) {
        unlinkat(m_folder, (m_name + ".lock").constData(), 0); // before the lock is given up
        ::close(m_lock);
    }
    if (m_folder >= 0)
        ::close(m_folder);
}

QString StateFile::cannot(const char *what, int error) const
{
    return QStringLiteral("cannot keep the state in %1: %2: %3")
        .arg(m_path, QString::fromLatin1(what), reason(error));
}

std::optional<QString> StateFile::open()
{
    if (m_name.isEmpty() || m_name == "." || m_name == "..")
        return cannot("it names no file", EISDIR);
    const QByteArray folder = QFile::encodeName(QFileInfo(m_path).path());
    m_folder = ::open(folder.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (m_folder < 0)
        return cannot("its folder", errno);
    if (std::optional<QString> error = takeLock())
        return error;
    if (std::optional<QString> error = checkFile())
        return error;
    // By doing it: what access(2) says is not all that can stand against it.
    const QByteArray probe = m_name + ".new";
    unlinkat(m_folder, probe.constData(), 0); // of a process that was killed; ours, by the lock
    const Closing made{
        openat(m_folder, probe.constData(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FileMode)};
    if (made.descriptor < 0)
        return cannot("a file in its folder cannot be made", errno);
    unlinkat(m_folder, probe.constData(), 0);
    return std::nullopt;
}

std::optional<QString> StateFile::takeLock()
{
    const QByteArray lockName = m_name + ".lock";
    for (;;) {
        const int lock =
            openat(m_folder, lockName.constData(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, FileMode);
        if (lock < 0)
            return cannot("its lock file cannot be made", errno);
        if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
            const int error = errno;
            ::close(lock);
            if (error == EWOULDBLOCK)
                return QStringLiteral("cannot keep the state in %1: another exporter-proxy does").arg(m_path);
            return cannot("its lock file cannot be locked", error);
        }
        // Whoever held it may have removed the file between our openat() and flock(); the next one would make
        // a new one and lock that.
        struct stat held
        {
        };
        struct stat named
        {
        };
        if (fstat(lock, &held) == 0
            && fstatat(m_folder, lockName.constData(), &named, AT_SYMLINK_NOFOLLOW) == 0
            && held.st_ino == named.st_ino && held.st_dev == named.st_dev) {
            m_lock = lock;
            return std::nullopt;
        }
        ::close(lock);
    }
}

/// A link, a device or a folder is not damage: somebody meant something else, and to rename it would be
/// wrong.
std::optional<QString> StateFile::checkFile() const
{
    struct stat status
    {
    };
    if (fstatat(m_folder, m_name.constData(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? std::nullopt : std::optional(cannot("it cannot be looked at", errno));
    if (S_ISREG(status.st_mode))
        return std::nullopt;
    return QStringLiteral("cannot keep the state in %1: there is %2 of that name")
        .arg(m_path,
             S_ISLNK(status.st_mode)       ? QStringLiteral("a symbolic link")
                 : S_ISDIR(status.st_mode) ? QStringLiteral("a folder")
                                           : QStringLiteral("something that is not a file"));
}

StateFile::Content StateFile::read(const StateReader::Limits &limits)
{
    Content content;
    const Closing file{openat(m_folder, m_name.constData(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    if (file.descriptor < 0) {
        if (errno != ENOENT)
            content.error = cannot("it cannot be read", errno);
        return content;
    }
    content.existed = true;
    StateReader reader(limits);
    QByteArray block(BlockSize, Qt::Uninitialized);
    ssize_t size = 0;
    do {
        size = ::read(file.descriptor, block.data(), std::size_t(block.size()));
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            content.damage = QStringLiteral("it cannot be read: ") + reason(errno);
        else if (size == 0 ? !reader.finish() : !reader.read({block.constData(), size}))
            content.damage = QString::fromUtf8(reader.fault());
    } while (content.damage.isEmpty() && size != 0);
    if (!content.damage.isEmpty()) {
        if (const std::optional<QString> error = setAside(content))
            content.error = *error;
        return content;
    }
    content.apps = reader.takeApps();
    content.leftOut = reader.leftOut();
    content.writtenAt = reader.writtenAt();
    return content;
}

std::optional<QString> StateFile::setAside(Content &content) const
{
    const QByteArray base = m_name + ".damaged-" + compactTime(wallClock());
    for (int number = 1; number <= MaxSameNames; ++number) {
        const QByteArray name = number == 1 ? base : base + '-' + QByteArray::number(number);
        int error = 0;
        if (renameat2(m_folder, m_name.constData(), m_folder, name.constData(), RENAME_NOREPLACE) != 0)
            error = errno;
        if (error == EINVAL
            || error == ENOSYS) { // a file system that cannot; the lock keeps others of us out
            struct stat status
            {
            };
            const bool isFree = fstatat(m_folder, name.constData(), &status, AT_SYMLINK_NOFOLLOW) != 0;
            error = !isFree                                                               ? EEXIST
                : renameat(m_folder, m_name.constData(), m_folder, name.constData()) == 0 ? 0
                                                                                          : errno;
        }
        if (error == 0) {
            content.setAsideAs = QFileInfo(m_path).path() + u'/' + QFile::decodeName(name);
            fsync(m_folder);
            return std::nullopt;
        }
        if (error != EEXIST)
            return cannot("it is damaged, and cannot be set aside", error);
    }
    return cannot("it is damaged, and cannot be set aside", EEXIST);
}

std::optional<QString> StateFile::write(Apps apps, Timestamp now)
{
    const QByteArray newName = m_name + ".new";
    const auto failed = [&](const char *what, int error) {
        unlinkat(m_folder, newName.constData(), 0);
        return QStringLiteral("cannot write the state to %1: %2: %3")
            .arg(m_path, QString::fromLatin1(what), reason(error));
    };
    unlinkat(m_folder, newName.constData(), 0);
    const Closing made{openat(m_folder, newName.constData(),
                              O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FileMode)};
    if (made.descriptor < 0)
        return failed("the new file", errno);
    BlockFile file(made.descriptor);
    StateWriter writer([&file](QByteArrayView bytes) { return file.put(bytes); });
    try {
        bool good = writer.begin(now);
        for (std::shared_ptr<const AppSnapshot> &app : apps) {
            good = good && writer.add(*app);
            app.reset();
        }
        if (!good || !writer.end() || !file.flush())
            return failed("the new file", file.error());
    } catch (const kj::Exception &) { // the library's only reason here
        return failed("the new file", ENOMEM);
    }
    // Before the rename: otherwise a machine that loses its power could have the name of a file without
    // content.
    if (fsync(made.descriptor) != 0)
        return failed("the new file", errno);
    if (renameat(m_folder, newName.constData(), m_folder, m_name.constData()) != 0)
        return failed("the new file takes its place", errno);
    m_size = writer.size();
    // The new file is in place for everybody but a machine that loses its power now.
    if (fsync(m_folder) != 0)
        return failed("its folder", errno);
    return std::nullopt;
}

} // namespace ExporterProxy
