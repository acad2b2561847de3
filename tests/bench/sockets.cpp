// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/sockets.h"

#include "tests/bench/options.h"

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace ExporterProxy::Bench {

namespace {

/// As many as the kernel allows by default (net.core.somaxconn): a burst of connects waits, none is refused.
constexpr int Backlog = 4096;

/// Any of both kinds, as the socket calls take them.
struct Address
{
    explicit Address(const Target &target)
    {
        if (target.unixPath.empty()) {
            sockaddr_in internet{};
            internet.sin_family = AF_INET;
            internet.sin_port = htons(target.port);
            internet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            size = sizeof internet;
            std::memcpy(&storage, &internet, sizeof internet);
        } else {
            sockaddr_un local{};
            if (target.unixPath.size() >= sizeof local.sun_path)
                fail("the socket's path is too long: " + target.unixPath);
            local.sun_family = AF_UNIX;
            std::memcpy(local.sun_path, target.unixPath.data(), target.unixPath.size());
            size = sizeof local;
            std::memcpy(&storage, &local, sizeof local);
        }
    }
    sockaddr *get() { return reinterpret_cast<sockaddr *>(&storage); }

    sockaddr_storage storage{};
    socklen_t size = 0;
};

Descriptor makeSocket(const Target &target)
{
    const int domain = target.unixPath.empty() ? AF_INET : AF_UNIX;
    return Descriptor(socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

void setOption(const Descriptor &socket, int level, int option)
{
    const int on = 1;
    if (setsockopt(socket.number(), level, option, &on, sizeof on) != 0)
        fail("cannot set a socket option", errno);
}

void bindToNextSource(const Descriptor &socket)
{
    // 127.1.1.1 to 127.1.250.250: 62500 addresses, each with all the ports.
    constexpr std::uint32_t Span = 250;
    static std::uint32_t next = 0;
    const std::uint32_t turn = next++ % (Span * Span);
    sockaddr_in source{};
    source.sin_family = AF_INET;
    source.sin_addr.s_addr = htonl(0x7F010000U | (turn / Span + 1) << 8 | (turn % Span + 1));
    setOption(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT); // the port is chosen when both ends are known
    if (bind(socket.number(), reinterpret_cast<sockaddr *>(&source), sizeof source) != 0)
        fail("cannot bind to a source address", errno);
}

} // namespace

void Descriptor::close()
{
    if (m_number >= 0)
        ::close(std::exchange(m_number, -1));
}

Target Target::fromOptions(Options &options)
{
    Target target;
    target.unixPath = options.text("unix");
    const long port = options.number("tcp", -1);
    if (target.unixPath.empty() == (port < 0) || port > 65535)
        fail("needs either --unix PATH or --tcp PORT");
    if (port >= 0)
        target.port = std::uint16_t(port);
    return target;
}

Descriptor connectTo(const Target &target)
{
    Descriptor socket = makeSocket(target);
    if (!socket.isOpen())
        return socket;
    if (target.unixPath.empty()) {
        setNoDelay(socket);
        bindToNextSource(socket);
    }
    Address address(target);
    if (connect(socket.number(), address.get(), address.size) != 0 && errno != EINPROGRESS) {
        const int error = errno;
        socket.close();
        errno = error;
    }
    return socket;
}

Descriptor listenOn(Target &target)
{
    Descriptor socket = makeSocket(target);
    if (!socket.isOpen())
        fail("cannot make a socket", errno);
    if (target.unixPath.empty())
        setOption(socket, SOL_SOCKET, SO_REUSEADDR);
    Address address(target);
    if (bind(socket.number(), address.get(), address.size) != 0 || listen(socket.number(), Backlog) != 0)
        fail("cannot listen", errno);
    if (target.unixPath.empty()) {
        sockaddr_in taken{};
        socklen_t size = sizeof taken;
        if (getsockname(socket.number(), reinterpret_cast<sockaddr *>(&taken), &size) != 0)
            fail("cannot ask for the port", errno);
        target.port = ntohs(taken.sin_port);
    }
    return socket;
}

void setNoDelay(const Descriptor &socket)
{
    setOption(socket, IPPROTO_TCP, TCP_NODELAY);
}

void raiseDescriptorLimit()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

} // namespace ExporterProxy::Bench
