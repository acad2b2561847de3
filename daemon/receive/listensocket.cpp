// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/listensocket.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ExporterProxy {

namespace {

/// Connects that wait to be accepted. With Qt's 50, five thousand connects took 52 s; the kernel caps it by
/// somaxconn.
constexpr int Backlog = 4096;

class TcpListenSocket final : public ListenSocket
{
public:
    using ListenSocket::ListenSocket;
    TcpListenSocket(int descriptor, const SocketAddress &address)
        : ListenSocket(descriptor, address.toString().toUtf8())
    {
    }
};

/// In the words that the HTTP port uses for the same causes.
QString reason()
{
    switch (errno) {
    case EADDRINUSE:
        return QStringLiteral("address in use");
    case EADDRNOTAVAIL:
        return QStringLiteral("no interface has this address");
    default:
        return QString::fromLocal8Bit(std::strerror(errno)).toLower();
    }
}

} // namespace

ListenSocket::ListenSocket(int descriptor, QByteArray name)
    : m_descriptor(descriptor)
    , m_name(std::move(name))
{
}

ListenSocket::~ListenSocket()
{
    ::close(m_descriptor);
}

QString ListenSocket::changePermissions(const UnixSocketOptions &)
{
    return {}; // a port has none
}

ListenResult listenOnTcp(const SocketAddress &address)
{
    sockaddr_storage storage{};
    auto *const v4 = reinterpret_cast<sockaddr_in *>(&storage);
    auto *const v6 = reinterpret_cast<sockaddr_in6 *>(&storage);
    auto *const generic = reinterpret_cast<sockaddr *>(&storage);
    const QByteArray host = address.host.toLatin1();
    const bool isV6 = host.contains(':');
    socklen_t size = isV6 ? sizeof *v6 : sizeof *v4;
    storage.ss_family = isV6 ? AF_INET6 : AF_INET;
    (isV6 ? v6->sin6_port : v4->sin_port) = htons(address.port);
    inet_pton(storage.ss_family, host.constData(),
              isV6 ? static_cast<void *>(&v6->sin6_addr) : static_cast<void *>(&v4->sin_addr));

    const int descriptor = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    // SO_REUSEADDR: a restart must not wait for the last connections' TIME_WAIT.
    if (descriptor < 0 || setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0
        || bind(descriptor, generic, size) != 0 || listen(descriptor, Backlog) != 0) {
        const QString error = QStringLiteral("cannot listen on %1: %2").arg(address.toString(), reason());
        if (descriptor >= 0)
            ::close(descriptor);
        return {nullptr, error};
    }
    // The kernel keeps a connection back until its first bytes are there (or for a second, tcp(7)): a push is
    // then read right after it is accepted, and never has to be waited for. Without it the daemon works as
    // well.
    const int deferSeconds = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_DEFER_ACCEPT, &deferSeconds, sizeof deferSeconds);
    SocketAddress bound = address;
    if (getsockname(descriptor, generic, &size) == 0)
        bound.port = ntohs(isV6 ? v6->sin6_port : v4->sin_port);
    return {std::make_unique<TcpListenSocket>(descriptor, bound), {}};
}

} // namespace ExporterProxy
