// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/peer.h"

#include "common/util/socketaddress.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace ExporterProxy {

QByteArray peerName(int descriptor)
{
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (getpeername(descriptor, reinterpret_cast<sockaddr *>(&address), &size) != 0)
        return QByteArrayLiteral("a peer that is gone");
    if (address.ss_family == AF_UNIX) {
        ucred credentials{};
        size = sizeof credentials;
        if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
            return QByteArrayLiteral("an unknown process");
        return "pid " + QByteArray::number(credentials.pid) + ", uid " + QByteArray::number(credentials.uid);
    }
    char text[INET6_ADDRSTRLEN] = "";
    const bool isV6 = address.ss_family == AF_INET6;
    const auto *v4 = reinterpret_cast<const sockaddr_in *>(&address);
    const auto *v6 = reinterpret_cast<const sockaddr_in6 *>(&address);
    const void *host = isV6 ? static_cast<const void *>(&v6->sin6_addr) : &v4->sin_addr;
    inet_ntop(address.ss_family, host, text, sizeof text);
    return SocketAddress{QString::fromLatin1(text), ntohs(isV6 ? v6->sin6_port : v4->sin_port)}
        .toString()
        .toLatin1();
}

} // namespace ExporterProxy
