// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/net/listensocket.h"

#include "common/util/errortext.h"
#include "common/util/lockfile.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <optional>
#include <pwd.h>
#include <QFile>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace ExporterProxy {

namespace {

struct Owner
{
    uid_t user = uid_t(-1);
    gid_t group = gid_t(-1);
    QString error;
};

template<typename Entry, typename Lookup>
std::optional<Entry> lookUp(const QString &name, Lookup lookup)
{
    const QByteArray encoded = name.toLocal8Bit();
    std::vector<char> memory(16 * 1024);
    Entry entry{};
    Entry *found = nullptr;
    while (lookup(encoded.constData(), &entry, memory.data(), memory.size(), &found) == ERANGE)
        memory.resize(memory.size() * 2); // a group may have very many members
    if (!found)
        return std::nullopt;
    return entry;
}

/// The numbers for names; -1 for "do not change".
Owner resolveOwner(const UnixSocketOptions &options)
{
    Owner owner;
    bool isNumber = false;
    if (options.user != u"current_user") {
        owner.user = options.user.toUInt(&isNumber);
        if (!isNumber) {
            const auto entry = lookUp<passwd>(options.user, getpwnam_r);
            if (!entry) {
                owner.error =
                    QStringLiteral("unknown user \"%1\" (receiver.unix_socket_user)").arg(options.user);
                return owner;
            }
            owner.user = entry->pw_uid;
        }
    }
    if (options.group != u"current_group") {
        owner.group = options.group.toUInt(&isNumber);
        if (!isNumber) {
            const auto entry = lookUp<group>(options.group, getgrnam_r);
            if (!entry) {
                owner.error =
                    QStringLiteral("unknown group \"%1\" (receiver.unix_socket_group)").arg(options.group);
                return owner;
            }
            owner.group = entry->gr_gid;
        }
    }
    return owner;
}

sockaddr_un addressOf(const QByteArray &path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.constData(), std::size_t(path.size()) + 1);
    return address;
}

/// Whether somebody accepts connections at the path: an instance that knows nothing of our lock.
bool isAlive(const sockaddr_un &address)
{
    const Descriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    // EAGAIN: there is a listener, and its queue is full.
    return connect(probe.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0
        || errno == EAGAIN;
}

/// Clears the path for bind(). Returns what stands against it; empty if nothing does.
QString clearPath(const QByteArray &path)
{
    struct stat status
    {
    };
    if (lstat(path.constData(), &status) != 0)
        return errno == ENOENT ? QString() : errorText(errno);
    if (!S_ISSOCK(status.st_mode))
        return QStringLiteral("there is a file that is not a socket");
    if (isAlive(addressOf(path)))
        return QStringLiteral("another process listens there");
    return unlink(path.constData()) == 0 ? QString() : errorText(errno);
}

class UnixListenSocket final : public ListenSocket
{
public:
    UnixListenSocket(Descriptor socket, LockFile lock, const QByteArray &path)
        : ListenSocket(std::move(socket), path)
        , m_lock(std::move(lock))
        , m_path(path)
    {
    }
    ~UnixListenSocket() override { refuseNew(); } // while the lock is held
    void refuseNew() override
    {
        if (!std::exchange(m_isRemoved, true))
            unlink(m_path.constData());
    }
    Result<> changePermissions(const UnixSocketOptions &options) override;

private:
    const LockFile m_lock;
    const QByteArray m_path;
    bool m_isRemoved = false;
};

Result<> UnixListenSocket::changePermissions(const UnixSocketOptions &options)
{
    const auto failed = [&](const QString &why) {
        return Failure{QStringLiteral("cannot change owner and mode of %1: %2").arg(options.path, why)};
    };
    const Owner owner = resolveOwner(options);
    if (!owner.error.isEmpty())
        return failed(owner.error);
    // The file itself, held by a descriptor: a link that takes its place meanwhile leads nobody astray.
    const Descriptor file(open(m_path.constData(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat before
    {
    };
    if (file.get() < 0 || fstat(file.get(), &before) != 0)
        return failed(errorText(errno));
    if (!S_ISSOCK(before.st_mode))
        return failed(QStringLiteral("it is no longer a socket"));
    // "current_user" and "current_group" are the process's own, which the socket may not have any more.
    const uid_t user = owner.user != uid_t(-1) ? owner.user : geteuid();
    const gid_t group = owner.group != gid_t(-1) ? owner.group : getegid();
    const QByteArray link = "/proc/self/fd/" + QByteArray::number(file.get()); // fchmod() takes no O_PATH
    const auto setMode = [&link](uint mode) { return chmod(link.constData(), mode_t(mode)) == 0; };
    const auto setOwner = [&](uid_t uid, gid_t gid) {
        return fchownat(file.get(), "", uid, gid, AT_EMPTY_PATH) == 0;
    };
    // For nobody in between: neither the old owner with the new mode nor the other way round.
    const bool good = setMode(before.st_mode & 0777 & options.mode)
        && ((user == before.st_uid && group == before.st_gid) || setOwner(user, group))
        && setMode(options.mode);
    if (good)
        return {};
    const QString why = errorText(errno);
    setOwner(before.st_uid, before.st_gid);
    setMode(before.st_mode & 0777);
    return failed(why);
}

} // namespace

Result<std::unique_ptr<ListenSocket>> listenOnUnix(const UnixSocketOptions &options)
{
    const QString cannotListen = QStringLiteral("cannot listen on %1: %2");
    const auto failed = [&](const QString &why) { return Failure{cannotListen.arg(options.path, why)}; };
    const QByteArray path = QFile::encodeName(options.path);
    if (path.isEmpty() || path.size() >= qsizetype(sizeof sockaddr_un::sun_path))
        return failed(
            QStringLiteral("the path must have 1 to %1 bytes").arg(sizeof sockaddr_un::sun_path - 1));
    const Owner owner = resolveOwner(options);
    if (!owner.error.isEmpty())
        return failed(owner.error);
    Result<LockFile> lock =
        LockFile::acquire(AT_FDCWD, path + ".lock", QStringLiteral("another exporter-proxy listens there"));
    if (!lock)
        return failed(lock.error());
    if (const QString fault = clearPath(path); !fault.isEmpty())
        return failed(fault);

    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const sockaddr_un address = addressOf(path);
    // bind() makes the file with the mode of the descriptor less the umask: it never exists with another one,
    // and no chmod() of a path can be led astray. Nobody can connect before listen().
    const bool modeSet = socket.get() >= 0 && fchmod(socket.get(), mode_t(options.mode)) == 0;
    const mode_t oldMask = umask(0);
    const bool bound =
        modeSet && bind(socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
    const int bindError = errno;
    umask(oldMask);
    if (!bound)
        return failed(errorText(bindError));
    if ((owner.user != uid_t(-1) || owner.group != gid_t(-1))
        && lchown(path.constData(), owner.user, owner.group) != 0) {
        const QString why = errorText(errno);
        unlink(path.constData());
        return failed(
            QStringLiteral("cannot give the socket to %1:%2: %3").arg(options.user, options.group, why));
    }
    if (listen(socket.get(), ListenSocket::Backlog) != 0) {
        const QString why = errorText(errno);
        unlink(path.constData());
        return failed(why);
    }
    return std::unique_ptr<ListenSocket>(
        std::make_unique<UnixListenSocket>(std::move(socket), lock.take(), path));
}

} // namespace ExporterProxy
