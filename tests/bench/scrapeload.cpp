// SPDX-License-Identifier: GPL-3.0-or-later
// Scrapes a server as fast as it answers: each connection sends its next request when the last response has
// been read. One line of JSON comes out.
//
//   scrapeload --tcp PORT [--path /metrics] [--gzip] [--connections 8] [--seconds 1] [--warmup 0.2]
//              [--pid PID]
//
// --pid: the server's process, whose CPU is measured along. Bytes are those of the bodies, counted as they
// come.
#include "tests/bench/measure.h"
#include "tests/bench/options.h"
#include "tests/bench/sockets.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <vector>

using namespace ExporterProxy::Bench;

namespace {

constexpr std::size_t ReadSize = 256 * 1024;
/// Reads of one connection before the others get their turn.
constexpr int ReadsATurn = 8;
constexpr std::size_t MaxHead = 16 * 1024;

struct Connection
{
    Descriptor socket;
    std::string head; ///< of the response, until it is whole
    std::uint64_t bodyLeft = 0;
    std::uint64_t body = 0;
    Clock::time_point asked;
};

std::string lowerCase(std::string text)
{
    for (char &c : text)
        c = c >= 'A' && c <= 'Z' ? char(c + 32) : c;
    return text;
}

class ScrapeLoad
{
public:
    explicit ScrapeLoad(Options &options)
        : m_target(Target::fromOptions(options))
        , m_gzip(options.flag("gzip"))
        , m_request("GET " + options.text("path", "/metrics") + " HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                    + (m_gzip ? "Accept-Encoding: gzip\r\n" : "") + "\r\n")
        , m_connections(std::size_t(options.number("connections", 8)))
        , m_warmup(options.real("warmup", 0.2))
        , m_seconds(options.real("seconds", 1))
        , m_pid(options.number("pid", 0))
    {
        options.finish();
    }

    void run()
    {
        for (std::size_t i = 0; i < m_connections.size(); ++i) {
            m_connections[i].socket = connectTo(m_target);
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.u64 = i;
            if (!m_connections[i].socket.isOpen()
                || epoll_ctl(m_epoll.number(), EPOLL_CTL_ADD, m_connections[i].socket.number(), &event) != 0)
                fail("cannot connect", errno);
        }
        m_window.emplace(m_warmup, m_seconds, m_pid);
        for (Connection &connection : m_connections)
            ask(connection);
        std::array<epoll_event, 64> events;
        while (!m_window->isOver()) {
            const int count = epoll_wait(m_epoll.number(), events.data(), int(events.size()), 10);
            for (int i = 0; i < count; ++i)
                read(m_connections[std::size_t(events[std::size_t(i)].data.u64)]);
            m_window->tick();
        }
        std::printf("{%s, \"page\": %llu}\n", m_window->figures().c_str(),
                    static_cast<unsigned long long>(m_lastBody));
    }

private:
    void ask(Connection &connection)
    {
        connection.asked = Clock::now();
        // A request is far smaller than an empty socket buffer.
        const ssize_t size =
            send(connection.socket.number(), m_request.data(), m_request.size(), MSG_NOSIGNAL);
        if (size != ssize_t(m_request.size()))
            fail("cannot send a request", errno);
    }

    void read(Connection &connection)
    {
        for (int turn = 0; turn < ReadsATurn; ++turn) {
            const ssize_t size = recv(connection.socket.number(), m_buffer.data(), m_buffer.size(), 0);
            if (size < 0 && errno == EAGAIN)
                return;
            if (size <= 0)
                fail("the server closed a connection", size < 0 ? errno : 0);
            std::string_view bytes(m_buffer.data(), std::size_t(size));
            if (connection.bodyLeft == 0)
                bytes.remove_prefix(takeHead(connection, bytes));
            if (bytes.size() > connection.bodyLeft)
                fail("a response is longer than its Content-Length");
            connection.bodyLeft -= bytes.size();
            m_window->count(0, bytes.size());
            if (connection.bodyLeft == 0 && connection.head.empty() && connection.body > 0) {
                m_lastBody = connection.body;
                m_window->count(connection.asked, Clock::now());
                ask(connection);
                return;
            }
        }
    }

    /// How many of the bytes belong to the head. When it is whole, `head` is empty again.
    std::size_t takeHead(Connection &connection, std::string_view bytes)
    {
        std::string &head = connection.head;
        const std::size_t before = head.size();
        head.append(bytes);
        const std::size_t end = head.find("\r\n\r\n");
        if (end == head.npos) {
            if (head.size() > MaxHead)
                fail("the response's head does not end");
            return bytes.size();
        }
        checkHead(connection, lowerCase(head.substr(0, end + 2)));
        head.clear();
        return end + 4 - before;
    }

    void checkHead(Connection &connection, const std::string &head)
    {
        if (!head.starts_with("http/1.1 200 "))
            fail("the server answered " + head.substr(0, head.find('\r')));
        if ((head.find("\r\ncontent-encoding: gzip\r\n") != head.npos) != m_gzip)
            fail(m_gzip ? "the page is not compressed" : "the page is compressed");
        constexpr std::string_view Length = "\r\ncontent-length: ";
        const std::size_t found = head.find(Length);
        const char *number = head.data() + found + Length.size();
        if (found == head.npos
            || std::from_chars(number, head.data() + head.size(), connection.body).ec != std::errc{}
            || connection.body == 0)
            fail("the response has no Content-Length, or no body");
        connection.bodyLeft = connection.body;
    }

    const Target m_target;
    const bool m_gzip;
    const std::string m_request;
    std::vector<Connection> m_connections;
    const double m_warmup;
    const double m_seconds;
    const long m_pid;
    std::optional<Window> m_window;
    Descriptor m_epoll = Descriptor(epoll_create1(EPOLL_CLOEXEC));
    std::vector<char> m_buffer = std::vector<char>(ReadSize);
    std::uint64_t m_lastBody = 0;
};

} // namespace

int main(int argc, char **argv)
{
    Options options(argc, argv);
    ScrapeLoad(options).run();
}
