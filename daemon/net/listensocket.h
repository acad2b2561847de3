// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/descriptor.h"
#include "common/util/result.h"
#include "common/util/socketaddress.h"

#include <memory>
#include <QByteArray>
#include <QString>

namespace ExporterProxy {

/// Where and how a Unix socket is made.
struct UnixSocketOptions
{
    QString path;
    QString user; ///< a name, a number, or "current_user"
    QString group; ///< a name, a number, or "current_group"
    uint mode = 0660;
};

/// A bound, listening, non-blocking stream socket. Owns the descriptor, and for a Unix socket the file and
/// its lock.
class ListenSocket
{
public:
    /// Connects that may wait to be accepted. With Qt's 50, five thousand connects took 52 s; the kernel caps
    /// it by somaxconn.
    static constexpr int Backlog = 4096;

    virtual ~ListenSocket() = default;
    ListenSocket(const ListenSocket &) = delete;
    ListenSocket &operator=(const ListenSocket &) = delete;

    int descriptor() const { return m_descriptor.get(); }

    /// What applications that push here show as their source: the address, or the path.
    const QByteArray &name() const { return m_name; }

    /// Whether somebody else keeps it open: what nobody accepts now waits for the next process.
    virtual bool outlivesProcess() const { return false; }

    /// Keeps clients from connecting from now on. Those that wait to be accepted can still be, so that a
    /// daemon that stops can let in all that believe that they are connected. It cannot be undone. Where
    /// somebody else keeps the socket open, nothing is done.
    virtual void refuseNew() { }

    /// Gives an open Unix socket another owner, group and mode. If that fails it has those that it had
    /// before. A port has none, and nothing is done.
    virtual Result<> changePermissions(const UnixSocketOptions &) { return {}; }

protected:
    ListenSocket(Descriptor descriptor, QByteArray name)
        : m_descriptor(std::move(descriptor))
        , m_name(std::move(name))
    {
    }

private:
    const Descriptor m_descriptor;
    const QByteArray m_name;
};

/// What the clients of a port do first.
enum class FirstWord {
    AtOnce, ///< they send right after they connect: the kernel keeps them back until they have
    AtLeisure, ///< they may be silent
};

/// Listens on TCP; `[::]` takes IPv4 too. Port 0 takes a free one; name() then has the one that was taken.
Result<std::unique_ptr<ListenSocket>> listenOnTcp(const SocketAddress &address, FirstWord firstWord);

/// Listens on a Unix socket. Owner, group and mode hold before anybody can connect. A lock file beside the
/// socket (PATH.lock) keeps a second instance from taking the path; a socket that a crash left behind is
/// replaced; anything else that is at the path stays, and is an error. The files are removed with the object.
/// It sets the umask to 0 for a moment: other threads must make files by modes that are right by themselves.
Result<std::unique_ptr<ListenSocket>> listenOnUnix(const UnixSocketOptions &options);

} // namespace ExporterProxy
