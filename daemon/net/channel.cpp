// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/net/channel.h"

#include "common/util/socketaddress.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace ExporterProxy {

Channel::Transfer Channel::read(std::span<char> to)
{
    for (;;) {
        const ssize_t size = ::recv(m_descriptor.get(), to.data(), to.size(), MSG_DONTWAIT);
        if (size > 0)
            return {Status::Ok, std::size_t(size)};
        if (size == 0)
            return {Status::Ended, 0};
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return {Status::WouldBlock, 0};
        if (errno != EINTR)
            return {Status::Failed, 0};
    }
}

Channel::Transfer Channel::write(std::span<const iovec> pieces)
{
    msghdr message{};
    message.msg_iov = const_cast<iovec *>(pieces.data()); // sendmsg() only reads it
    message.msg_iovlen = pieces.size();
    for (;;) {
        const ssize_t size = ::sendmsg(m_descriptor.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size >= 0) {
            m_mostUnsent += size;
            return {Status::Ok, std::size_t(size)};
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
            return {Status::WouldBlock, 0};
        if (errno != EINTR)
            return {Status::Failed, 0};
    }
}

bool Channel::writeOnce(QByteArrayView bytes)
{
    return ::send(m_descriptor.get(), bytes.data(), std::size_t(bytes.size()), MSG_DONTWAIT | MSG_NOSIGNAL)
        == bytes.size();
}

bool Channel::endOutput()
{
    return ::shutdown(m_descriptor.get(), SHUT_WR) == 0;
}

void Channel::reset()
{
    const struct ::linger dropAll
    {
        1, 0
    };
    ::setsockopt(m_descriptor.get(), SOL_SOCKET, SO_LINGER, &dropAll, sizeof dropAll);
    close();
}

bool Channel::hasInput() const
{
    pollfd waiting{m_descriptor.get(), POLLIN, 0};
    return ::poll(&waiting, 1, 0) > 0;
}

qint64 Channel::unacknowledgedBytes() const
{
    int bytes = 0;
    ::ioctl(m_descriptor.get(), SIOCOUTQ, &bytes);
    return bytes;
}

qint64 Channel::kernelMemory()
{
    quint32 memory[SK_MEMINFO_VARS] = {};
    socklen_t size = sizeof memory;
    ::getsockopt(m_descriptor.get(), SOL_SOCKET, SO_MEMINFO, memory, &size);
    // The one is what TCP holds until it is acknowledged, the other what a Unix socket's peer has not read.
    m_mostUnsent = std::max(memory[SK_MEMINFO_WMEM_QUEUED], memory[SK_MEMINFO_WMEM_ALLOC]);
    return m_mostUnsent + memory[SK_MEMINFO_RMEM_ALLOC];
}

QByteArray Channel::peerName() const
{
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getpeername(m_descriptor.get(), reinterpret_cast<sockaddr *>(&address), &size) != 0)
        return QByteArrayLiteral("a peer that is gone");
    if (address.ss_family == AF_UNIX) {
        ucred credentials{};
        size = sizeof credentials;
        if (::getsockopt(m_descriptor.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
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

PeerKey peerKeyOf(int descriptor)
{
    // Unix sockets have a prefix that no address has (RFC 4291, section 2.4: it is a multicast one).
    PeerKey key{{0xff, 0xff}};
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr *>(&address), &size) != 0)
        return key;
    const auto copy = [&key](const void *from, std::size_t count, std::size_t at) {
        std::memcpy(key.bytes.data() + at, from, count);
    };
    if (address.ss_family == AF_INET) {
        const auto &v4 = reinterpret_cast<const sockaddr_in &>(address);
        key = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}};
        copy(&v4.sin_addr, 4, 12);
    } else if (address.ss_family == AF_INET6) {
        const auto &v6 = reinterpret_cast<const sockaddr_in6 &>(address);
        key = {};
        copy(&v6.sin6_addr, IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) ? 16 : 8, 0);
    } else {
        ucred credentials{};
        size = sizeof credentials;
        if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0)
            copy(&credentials.uid, sizeof credentials.uid, 12);
    }
    return key;
}

} // namespace ExporterProxy
