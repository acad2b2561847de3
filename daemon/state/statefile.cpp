// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/state/statefile.h"

#include "common/state/stateformat.h"
#include "common/util/errortext.h"
#include "common/util/words.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <kj/exception.h>
#include <QFile>
#include <QFileInfo>
#include <sys/stat.h>
#include <unistd.h>

namespace ExporterProxy {

namespace {

/// Bytes per read and write: large compared with the cost of a system call, small compared with the texts.
constexpr qsizetype BlockSize = 1 << 20;
/// The most damaged files renamed in one second. More of them are not the disk's fault.
constexpr int MaxSameNames = 100;
/// Only the owner: everyone else is to get the metrics from the HTTP port, under its rules.
constexpr mode_t FileMode = 0600;

/// Collects small writes into blocks.
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

/// Creates a file for writing; not open, with errno set, if it exists or cannot be created.
Descriptor createNew(const Descriptor &folder, const QByteArray &name)
{
    return Descriptor(openat(folder.get(), name.constData(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FileMode));
}

/// For the name of a file: "20261122T233000Z".
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

Failure StateFile::cannot(const char *what, int error) const
{
    return {QStringLiteral("cannot keep the state in %1: %2: %3")
                .arg(m_path, QString::fromLatin1(what), errorText(error))};
}

Result<> StateFile::open()
{
    if (m_name.isEmpty() || m_name == "." || m_name == "..")
        return cannot("it names no file", EISDIR);
    const QByteArray folder = QFile::encodeName(QFileInfo(m_path).path());
    m_folder = Descriptor(::open(folder.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!m_folder.isOpen())
        return cannot("its folder", errno);
    Result<LockFile> lock =
        LockFile::acquire(m_folder.get(), m_name + ".lock", QStringLiteral("another exporter-proxy does"));
    if (!lock)
        return Failure{QStringLiteral("cannot keep the state in %1: %2").arg(m_path, lock.error())};
    m_lock.emplace(lock.take());
    if (Result<> checked = checkFile(); !checked)
        return checked;
    // Creates a file, because access(2) does not know of everything that can prevent it.
    const QByteArray probe = m_name + ".new";
    unlinkat(m_folder.get(), probe.constData(), 0); // left by a killed process; the lock says that it is ours
    if (!createNew(m_folder, probe).isOpen())
        return cannot("a file in its folder cannot be made", errno);
    unlinkat(m_folder.get(), probe.constData(), 0);
    return {};
}

/// A link, a device or a folder is not a damaged file but a mistake in the configuration, and must not be
/// renamed.
Result<> StateFile::checkFile() const
{
    struct stat status
    {
    };
    if (fstatat(m_folder.get(), m_name.constData(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? Result<>() : cannot("it cannot be looked at", errno);
    if (S_ISREG(status.st_mode))
        return {};
    return Failure{QStringLiteral("cannot keep the state in %1: there is %2 of that name")
                       .arg(m_path,
                            S_ISLNK(status.st_mode)       ? QStringLiteral("a symbolic link")
                                : S_ISDIR(status.st_mode) ? QStringLiteral("a folder")
                                                          : QStringLiteral("something that is not a file"))};
}

Result<StateFile::Content> StateFile::read(const StateReader::Limits &limits)
{
    Content content;
    const Descriptor file(
        openat(m_folder.get(), m_name.constData(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file.isOpen()) {
        if (errno != ENOENT)
            return cannot("it cannot be read", errno);
        return content;
    }
    content.existed = true;
    StateReader reader(limits);
    QByteArray block(BlockSize, Qt::Uninitialized);
    ssize_t size = 0;
    do {
        size = ::read(file.get(), block.data(), std::size_t(block.size()));
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0) // the disk may be able to again: a good file must not be put aside for it
            return cannot("it cannot be read", errno);
        if (size == 0 ? !reader.finish() : !reader.read({block.constData(), size}))
            content.damage = QString::fromUtf8(reader.fault());
    } while (content.damage.isEmpty() && size != 0);
    if (reader.isForeign())
        return Failure{QStringLiteral("cannot keep the state in %1: there is a file of that name that is no "
                                      "state file of exporter-proxy")
                           .arg(m_path)};
    if (!content.damage.isEmpty()) {
        Result<QString> newPath = setAside();
        if (!newPath)
            return newPath.failure();
        content.setAsideAs = newPath.take();
        return content;
    }
    content.apps = reader.takeApps();
    content.leftOut = reader.leftOut();
    content.writtenAt = reader.writtenAt();
    return content;
}

/// Returns the path to which it renamed the file.
Result<QString> StateFile::setAside() const
{
    const int folder = m_folder.get();
    const QByteArray base = m_name + ".damaged-" + compactTime(wallClock());
    int error = EEXIST;
    for (int number = 1; number <= MaxSameNames && error == EEXIST; ++number) {
        const QByteArray name = number == 1 ? base : base + '-' + QByteArray::number(number);
        error = 0;
        if (renameat2(folder, m_name.constData(), folder, name.constData(), RENAME_NOREPLACE) != 0)
            error = errno;
        // Some file systems lack RENAME_NOREPLACE; the lock keeps other instances out between the two calls.
        if (error == EINVAL || error == ENOSYS) {
            if (faccessat(folder, name.constData(), F_OK, AT_SYMLINK_NOFOLLOW) == 0)
                error = EEXIST;
            else
                error = renameat(folder, m_name.constData(), folder, name.constData()) == 0 ? 0 : errno;
        }
        if (error == 0) {
            fsync(folder);
            return QString(QFileInfo(m_path).path() + u'/' + QFile::decodeName(name));
        }
    }
    return cannot("it is damaged, and cannot be set aside", error);
}

Result<> StateFile::write(Apps apps, Timestamp now)
{
    const int folder = m_folder.get();
    const QByteArray newName = m_name + ".new";
    const auto failed = [&](const char *what, int error) {
        unlinkat(folder, newName.constData(), 0);
        return Failure{QStringLiteral("cannot write the state to %1: %2: %3")
                           .arg(m_path, QString::fromLatin1(what), errorText(error))};
    };
    unlinkat(folder, newName.constData(), 0);
    const Descriptor made = createNew(m_folder, newName);
    if (!made.isOpen())
        return failed("the new file", errno);
    BlockFile file(made.get());
    StateWriter writer([&file](QByteArrayView bytes) { return file.put(bytes); });
    try {
        bool good = writer.begin(now);
        for (std::shared_ptr<const AppSnapshot> &app : apps) {
            good = good && writer.add(*app);
            app.reset();
        }
        if (!good || !writer.end() || !file.flush())
            return failed("the new file", file.error());
    } catch (const kj::Exception &) { // thrown here only when memory is short
        return failed("the new file", ENOMEM);
    }
    // Before the rename: otherwise a machine that loses power could keep the name without the content.
    if (fsync(made.get()) != 0)
        return failed("the new file", errno);
    if (renameat(folder, newName.constData(), folder, m_name.constData()) != 0)
        return failed("the new file takes its place", errno);
    m_size = writer.size();
    // Keeps the rename even if the machine loses power now. EINVAL: the file system cannot sync folders.
    if (fsync(folder) != 0 && errno != EINVAL)
        return failed("its folder", errno);
    return {};
}

} // namespace ExporterProxy
