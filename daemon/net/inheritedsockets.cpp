// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/net/inheritedsockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <optional>
#include <QFile>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace ExporterProxy {

namespace {

class InheritedSocket final : public ListenSocket
{
public:
    InheritedSocket(Descriptor descriptor, QByteArray name)
        : ListenSocket(std::move(descriptor), std::move(name))
    {
    }
    bool outlivesProcess() const override { return true; }
};

union Address {
    sockaddr generic;
    sockaddr_un local;
    sockaddr_in v4;
    sockaddr_in6 v6;
};

/// Returns the address that the socket is bound to; nullopt if it is not a listening stream socket.
std::optional<Address> addressOf(int descriptor)
{
    Address address{};
    socklen_t size = sizeof address;
    int type = 0;
    int listens = 0;
    socklen_t optionSize = sizeof type;
    if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &optionSize) != 0 || type != SOCK_STREAM
        || getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &optionSize) != 0 || listens == 0
        || getsockname(descriptor, &address.generic, &size) != 0)
        return std::nullopt;
    return address;
}

std::optional<SocketAddress> tcpAddress(const Address &address)
{
    const bool isV6 = address.generic.sa_family == AF_INET6;
    if (!isV6 && address.generic.sa_family != AF_INET)
        return std::nullopt;
    char host[INET6_ADDRSTRLEN] = "";
    inet_ntop(address.generic.sa_family,
              isV6 ? static_cast<const void *>(&address.v6.sin6_addr)
                   : static_cast<const void *>(&address.v4.sin_addr),
              host, sizeof host);
    return SocketAddress{QString::fromLatin1(host), ntohs(isV6 ? address.v6.sin6_port : address.v4.sin_port)};
}

/// Returns whether both paths lead to one file: /var/run is a link to /run.
bool isSameFile(const char *path, const char *other)
{
    struct stat status
    {
    };
    struct stat otherStatus
    {
    };
    return stat(path, &status) == 0 && stat(other, &otherStatus) == 0 && status.st_dev == otherStatus.st_dev
        && status.st_ino == otherStatus.st_ino;
}

bool isAt(const Address &address, const QString &path)
{
    // An abstract socket begins with a NUL, and has no file.
    return address.generic.sa_family == AF_UNIX && address.local.sun_path[0] != '\0'
        && isSameFile(address.local.sun_path, QFile::encodeName(path).constData());
}

bool isAt(const Address &address, const SocketAddress &wanted)
{
    const std::optional<SocketAddress> bound = tcpAddress(address);
    // "::1" can be written in many ways: both through the same conversion.
    in6_addr wantedHost{};
    in6_addr boundHost{};
    if (!bound || bound->port != wanted.port)
        return false;
    const int family = wanted.host.contains(u':') ? AF_INET6 : AF_INET;
    return address.generic.sa_family == family
        && inet_pton(family, wanted.host.toLatin1().constData(), &wantedHost) == 1
        && inet_pton(family, bound->host.toLatin1().constData(), &boundHost) == 1
        && std::equal(std::begin(wantedHost.s6_addr), std::end(wantedHost.s6_addr),
                      std::begin(boundHost.s6_addr));
}

QByteArray shown(const Address &address)
{
    if (address.generic.sa_family == AF_UNIX)
        return address.local.sun_path[0] == '\0' ? QByteArray("an abstract Unix socket")
                                                 : QByteArray(address.local.sun_path);
    const std::optional<SocketAddress> tcp = tcpAddress(address);
    return tcp ? tcp->toString().toUtf8() : QByteArray("a socket of another family");
}

std::unique_ptr<ListenSocket> duplicate(int descriptor, QByteArray name)
{
    Descriptor own(fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
    if (!own.isOpen())
        return nullptr;
    fcntl(own.get(), F_SETFL, fcntl(own.get(), F_GETFL) | O_NONBLOCK);
    return std::make_unique<InheritedSocket>(std::move(own), std::move(name));
}

} // namespace

InheritedSockets::InheritedSockets(std::vector<int> descriptors)
    : m_descriptors(std::move(descriptors))
{
}

std::unique_ptr<ListenSocket> InheritedSockets::onUnix(const QString &path) const
{
    for (const int descriptor : m_descriptors) {
        if (const auto address = addressOf(descriptor); address && isAt(*address, path))
            return duplicate(descriptor, QFile::encodeName(path));
    }
    return nullptr;
}

std::unique_ptr<ListenSocket> InheritedSockets::onTcp(const SocketAddress &wanted) const
{
    for (const int descriptor : m_descriptors) {
        if (const auto address = addressOf(descriptor); address && isAt(*address, wanted))
            return duplicate(descriptor, wanted.toString().toUtf8());
    }
    return nullptr;
}

QByteArrayList InheritedSockets::unusedBy(const Settings::Receiver &settings) const
{
    QByteArrayList unused;
    for (const int descriptor : m_descriptors) {
        const std::optional<Address> address = addressOf(descriptor);
        if (!address)
            unused << "a descriptor that is not a listening stream socket";
        else if (!(settings.receiveOnUnixSocket && isAt(*address, settings.unixSocketPath))
                 && !(settings.receiveOnTcpSocket && isAt(*address, settings.tcpSocket)))
            unused << shown(*address);
    }
    return unused;
}

} // namespace ExporterProxy
