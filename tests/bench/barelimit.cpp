// SPDX-License-Identifier: GPL-3.0-or-later
// The least that can be done for the daemon's two jobs, on one thread and with no thought of errors: what the
// daemon's figures are measured against.
//
//   barelimit --unix PATH | --tcp PORT                   takes pushes: accepts, reads to the end, closes
//   barelimit --unix PATH | --tcp PORT --page BYTES      answers every request on its connections with one
//             [--gzip]                                   response of so many bytes of body, from one buffer;
//                                                        --gzip: and says that they are compressed
//
// Port 0 takes a free one. Prints "ready PORT" when it listens, and runs until it is killed.
#include "tests/bench/options.h"
#include "tests/bench/sockets.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

using namespace ExporterProxy::Bench;

namespace {

/// Holds all that a socket buffer has: one read empties it.
constexpr std::size_t ReadSize = 256 * 1024;

struct Connection
{
    Descriptor socket;
    std::size_t written = 0; ///< of the response that is on its way
    int requests = 0; ///< that wait for their response
};

class BareServer
{
public:
    BareServer(Target target, long page, bool gzip)
        : m_listener(listenOn(target))
        , m_isTcp(target.unixPath.empty())
        , m_epoll(epoll_create1(EPOLL_CLOEXEC))
    {
        if (page >= 0)
            m_response = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
                + std::string(gzip ? "Content-Encoding: gzip\r\n" : "") + "Content-Length: "
                + std::to_string(page) + "\r\n\r\n" + std::string(std::size_t(page), 'x');
        watch(m_listener, nullptr, EPOLLIN);
        std::printf("ready %d\n", int(target.port));
        std::fflush(stdout);
    }

    [[noreturn]] void run()
    {
        std::array<epoll_event, 256> events;
        for (;;) {
            const int count = epoll_wait(m_epoll.number(), events.data(), int(events.size()), -1);
            for (int i = 0; i < count; ++i) {
                auto *connection = static_cast<Connection *>(events[std::size_t(i)].data.ptr);
                if (!connection)
                    acceptAll();
                else if (!serve(*connection))
                    delete connection; // closing takes it out of the epoll set
            }
        }
    }

private:
    void watch(const Descriptor &socket, Connection *connection, std::uint32_t what)
    {
        epoll_event event{};
        event.events = what;
        event.data.ptr = connection;
        if (epoll_ctl(m_epoll.number(), EPOLL_CTL_ADD, socket.number(), &event) != 0)
            fail("cannot watch a socket", errno);
    }

    void acceptAll()
    {
        for (;;) {
            Descriptor socket(accept4(m_listener.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
            if (!socket.isOpen())
                return;
            const bool answers = !m_response.empty();
            // What has arrived with the connection is dealt with at once, without asking the kernel to watch
            // it.
            if (!answers && !readAll(socket, nullptr))
                continue;
            if (answers && m_isTcp)
                setNoDelay(socket);
            auto connection = std::make_unique<Connection>();
            connection->socket = std::move(socket);
            const std::uint32_t what = answers ? EPOLLIN | EPOLLOUT | EPOLLET : EPOLLIN;
            watch(connection->socket, connection.get(), what);
            connection.release();
        }
    }

    /// Whether the connection goes on.
    bool serve(Connection &connection)
    {
        if (!readAll(connection.socket, &connection.requests))
            return false;
        while (connection.requests > 0) {
            const std::string_view rest = std::string_view(m_response).substr(connection.written);
            const ssize_t size = send(connection.socket.number(), rest.data(), rest.size(), MSG_NOSIGNAL);
            if (size < 0)
                return errno == EAGAIN;
            connection.written += std::size_t(size);
            if (connection.written == m_response.size()) {
                connection.written = 0;
                --connection.requests;
            }
        }
        return true;
    }

    /// Reads until nothing is left, counts the ends of requests; whether the sender may send more.
    bool readAll(const Descriptor &socket, int *requests)
    {
        for (;;) {
            const ssize_t size = read(socket.number(), m_buffer.data(), m_buffer.size());
            if (size <= 0)
                return size < 0 && errno == EAGAIN;
            if (!requests)
                continue;
            // The drivers send a request in one piece.
            const std::string_view bytes(m_buffer.data(), std::size_t(size));
            for (std::size_t at = 0; (at = bytes.find("\r\n\r\n", at)) != bytes.npos; at += 4)
                ++*requests;
        }
    }

    Descriptor m_listener;
    const bool m_isTcp;
    Descriptor m_epoll;
    std::string m_response;
    std::vector<char> m_buffer = std::vector<char>(ReadSize);
};

} // namespace

int main(int argc, char **argv)
{
    raiseDescriptorLimit();
    Options options(argc, argv);
    const Target target = Target::fromOptions(options);
    const long page = options.number("page", -1);
    const bool gzip = options.flag("gzip");
    options.finish();
    BareServer(target, page, gzip).run();
}
