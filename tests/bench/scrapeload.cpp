// SPDX-License-Identifier: GPL-3.0-or-later
// Scrapes a server as fast as it answers: each connection sends its next request when the last response has
// been read. One line of JSON comes out.
//
//   scrapeload --tcp PORT [options]
//     --path /metrics
//     --gzip              asks for a compressed page, and accepts no other
//     --prometheus        sends the header fields that Prometheus 3 sends
//     --connections 8
//     --seconds 1         measured, after --warmup 0.2
//     --scrapes N         ends after so many, in place of a time
//     --push PATH         pushes applications to that Unix socket before each scrape; needs --connections 1
//     --apps 1            of how many applications one is chosen at random for each push
//     --pushes 1          before each scrape, one after the other
//     --size 1024         bytes of each text
//     --pid PID           the server's process, whose CPU is measured along
//
// Bytes are those of the bodies, counted as they come. With --push an operation is the pushes and the scrape.
#include "tests/bench/measure.h"
#include "tests/bench/messages.h"
#include "tests/bench/options.h"
#include "tests/bench/sockets.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <optional>
#include <poll.h>
#include <random>
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

/// How long all of --scrapes may take, and one push.
constexpr double EndTime = 120;
/// Texts with other values that --push sends in turn.
constexpr unsigned PushedTexts = 16;

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

/// What Prometheus 3.16 sends, in its order.
std::string requestText(const std::string &path, bool prometheus, bool gzip)
{
    std::string text = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:6555\r\n";
    if (prometheus)
        text += "User-Agent: Prometheus/3.16.0\r\n"
                "Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.7,"
                "application/openmetrics-text;version=0.0.1;q=0.6,"
                "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.4,*/"
                "*;q=0.2\r\n";
    if (gzip)
        text += "Accept-Encoding: gzip\r\n";
    else if (prometheus)
        text += "Accept-Encoding: identity\r\n"; // enable_compression: false
    if (prometheus)
        text += "X-Prometheus-Scrape-Timeout-Seconds: 10\r\n";
    return text + "\r\n";
}

/// Pushes one application after the other, each on a connection of its own, and waits until it is accepted.
class Pusher
{
public:
    explicit Pusher(Options &options)
        : m_apps(options.number("apps", 1))
        , m_pushes(options.number("pushes", 1))
    {
        m_target.unixPath = options.text("push");
        const auto size = std::size_t(options.number("size", 1024));
        if (isWanted())
            for (unsigned salt = 0; salt < PushedTexts; ++salt)
                m_texts.push_back(
                    encodePush(MessageFormat::JsonString, "", metricsText("pushed", size, salt)));
    }

    bool isWanted() const { return !m_target.unixPath.empty(); }

    void pushAll()
    {
        for (long i = 0; i < m_pushes; ++i)
            push(appName(std::uniform_int_distribution<long>(0, m_apps - 1)(m_random)));
    }

private:
    void push(const std::string &app)
    {
        // {"": "text"}, and the name goes between the quotes.
        const std::string message = "{\"" + app + m_texts[m_next++ % m_texts.size()].substr(2);
        const Descriptor socket = connectTo(m_target);
        if (!socket.isOpen())
            fail("cannot connect to push", errno);
        for (std::string_view rest = message; !rest.empty();) {
            const ssize_t size = send(socket.number(), rest.data(), rest.size(), MSG_NOSIGNAL);
            if (size >= 0)
                rest.remove_prefix(std::size_t(size));
            else if (errno == EAGAIN)
                wait(socket, POLLOUT);
            else
                fail("cannot push", errno);
        }
        shutdown(socket.number(), SHUT_WR);
        wait(socket, POLLIN);
        std::array<char, 512> answer;
        const ssize_t size = recv(socket.number(), answer.data(), answer.size(), 0);
        if (size != 0)
            fail("a push was rejected: "
                 + std::string(answer.data(), std::size_t(std::max<ssize_t>(size, 0))));
    }

    static void wait(const Descriptor &socket, short event)
    {
        pollfd watched = {socket.number(), event, 0};
        if (poll(&watched, 1, int(EndTime) * 1000) != 1)
            fail("a push does not end");
    }

    Target m_target;
    const long m_apps;
    const long m_pushes;
    std::vector<std::string> m_texts; ///< messages without a name
    std::size_t m_next = 0;
    std::minstd_rand m_random; ///< always the same course
};

class ScrapeLoad
{
public:
    explicit ScrapeLoad(Options &options)
        : m_target(Target::fromOptions(options))
        , m_gzip(options.flag("gzip"))
        , m_request(requestText(options.text("path", "/metrics"), options.flag("prometheus"), m_gzip))
        , m_pusher(options)
        , m_connections(std::size_t(options.number("connections", 8)))
        , m_warmup(options.real("warmup", 0.2))
        , m_seconds(options.real("seconds", 1))
        , m_scrapes(options.number("scrapes", 0))
        , m_pid(options.number("pid", 0))
    {
        options.finish();
        if (m_pusher.isWanted() && m_connections.size() != 1)
            fail("--push needs --connections 1");
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
        m_window.emplace(m_scrapes ? 0 : m_warmup, m_scrapes ? EndTime : m_seconds, m_pid);
        for (Connection &connection : m_connections)
            ask(connection);
        std::array<epoll_event, 64> events;
        while (!m_window->isOver() && (m_scrapes == 0 || m_done < m_scrapes)) {
            const int count = epoll_wait(m_epoll.number(), events.data(), int(events.size()), 10);
            for (int i = 0; i < count; ++i)
                read(m_connections[std::size_t(events[std::size_t(i)].data.u64)]);
            m_window->tick();
        }
        if (m_done < m_scrapes)
            fail("the scrapes do not end");
        m_window->end();
        std::printf("{%s, \"page\": %llu}\n", m_window->figures().c_str(),
                    static_cast<unsigned long long>(m_lastBody));
    }

private:
    void ask(Connection &connection)
    {
        connection.asked = Clock::now();
        if (m_pusher.isWanted())
            m_pusher.pushAll();
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
                if (++m_done != m_scrapes)
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
    Pusher m_pusher;
    std::vector<Connection> m_connections;
    const double m_warmup;
    const double m_seconds;
    const long m_scrapes; ///< 0: as many as there is time for
    const long m_pid;
    std::optional<Window> m_window;
    Descriptor m_epoll = Descriptor(epoll_create1(EPOLL_CLOEXEC));
    std::vector<char> m_buffer = std::vector<char>(ReadSize);
    std::uint64_t m_lastBody = 0;
    long m_done = 0; ///< scrapes
};

} // namespace

int main(int argc, char **argv)
{
    Options options(argc, argv);
    ScrapeLoad(options).run();
}
