// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/net/listensocket.h"

#include "common/util/errortext.h"

#include <arpa/inet.h>
#include <cerrno>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace ExporterProxy {

namespace {

class TcpListenSocket final : public ListenSocket
{
public:
    TcpListenSocket(Descriptor descriptor, const SocketAddress &address)
        : ListenSocket(std::move(descriptor), address.toString().toUtf8())
    {
    }
    void refuseNew() override;
};

/// Has the kernel drop what comes to the listening socket itself. A client whose handshake is not complete is
/// not answered any more, and refused once the socket is closed. (shutdown() would reset those that wait.)
void TcpListenSocket::refuseNew()
{
    sock_filter dropAll = BPF_STMT(BPF_RET | BPF_K, 0);
    const sock_fprog program{1, &dropAll};
    setsockopt(descriptor(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

/// What the kernel takes for a connection ahead of what it has sent: as much as one turn of the loop sends on
/// a line of 200 Mbit/s.
constexpr int UnsentBytes = 256 * 1024;

QString reason(int error)
{
    switch (error) {
    case EADDRINUSE:
        return QStringLiteral("address in use");
    case EADDRNOTAVAIL:
        return QStringLiteral("no interface has this address");
    default:
        return errorText(error);
    }
}

} // namespace

Result<std::unique_ptr<ListenSocket>> listenOnTcp(const SocketAddress &address, FirstWord firstWord)
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

    Descriptor socket(::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    const int off = 0;
    if (isV6)
        setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    // SO_REUSEADDR: a restart must not wait for the last connections' TIME_WAIT.
    if (!socket.isOpen() || setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0
        || bind(socket.get(), generic, size) != 0 || listen(socket.get(), ListenSocket::Backlog) != 0)
        return Failure{QStringLiteral("cannot listen on %1: %2").arg(address.toString(), reason(errno))};
    // Accepted sockets inherit it. Everything is written in one go, and must not wait for an acknowledgement.
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // Inherited as well. The kernel would take megabytes for a reader that takes nothing; of what it has not
    // sent it keeps this much. What is under way to a reader that does read is not bounded by it.
    const int unsent = UnsentBytes;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    if (firstWord == FirstWord::AtOnce) {
        // The kernel keeps a connection back until its first bytes are there (or for a second, tcp(7)): a
        // push is then read right after it is accepted, and never has to be waited for. Without it the daemon
        // works as well.
        const int deferSeconds = 1;
        setsockopt(socket.get(), IPPROTO_TCP, TCP_DEFER_ACCEPT, &deferSeconds, sizeof deferSeconds);
    }
    SocketAddress bound = address;
    if (getsockname(socket.get(), generic, &size) == 0)
        bound.port = ntohs(isV6 ? v6->sin6_port : v4->sin_port);
    return std::unique_ptr<ListenSocket>(std::make_unique<TcpListenSocket>(std::move(socket), bound));
}

} // namespace ExporterProxy
