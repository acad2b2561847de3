// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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
    virtual ~ListenSocket();
    ListenSocket(const ListenSocket &) = delete;
    ListenSocket &operator=(const ListenSocket &) = delete;

    int descriptor() const { return m_descriptor; }

    /// What applications that push here show as their source: the address, or the path.
    const QByteArray &name() const { return m_name; }

    /// Whether somebody else keeps it open: what nobody accepts now waits for the next process.
    virtual bool outlivesProcess() const { return false; }

    /// Gives an open Unix socket another owner, group and mode. Returns what failed as one sentence; then it
    /// has those that it had before.
    virtual QString changePermissions(const UnixSocketOptions &options);

protected:
    ListenSocket(int descriptor, QByteArray name);

private:
    const int m_descriptor;
    const QByteArray m_name;
};

/// A ListenSocket, or one sentence that says what could not be done and why.
struct ListenResult
{
    std::unique_ptr<ListenSocket> socket;
    QString error;
};

/// Listens on TCP. Port 0 takes a free one; name() then has the one that was taken.
ListenResult listenOnTcp(const SocketAddress &address);

/// Listens on a Unix socket. Owner, group and mode hold before anybody can connect. A lock file beside the
/// socket (PATH.lock) keeps a second instance from taking the path; a socket that a crash left behind is
/// replaced; anything else that is at the path stays, and is an error. The files are removed with the object.
/// It sets the umask to 0 for a moment: other threads must make files by modes that are right by themselves.
ListenResult listenOnUnix(const UnixSocketOptions &options);

} // namespace ExporterProxy
