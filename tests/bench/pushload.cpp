// SPDX-License-Identifier: GPL-3.0-or-later
// Pushes as fast as they are taken: each client begins its next push when the last one has ended. One line of
// JSON comes out.
//
//   pushload --unix PATH | --tcp PORT [options]
//     --format FORMAT     json: {"app": "text"} (default), array: {"app": ["line", …]}, capnp,
//                         or put: a request of Pushgateway's API
//     --stream            capnp: each client sends message after message on one connection, and the
//                         clock stops with the last send. (put always keeps its connections.)
//     --size 1024         bytes of each text
//     --clients 64        at once
//     --apps N            different applications in turn; as many as clients by default
//     --first-app 0       the number of the first one
//     --salt 0            another number: other values in the texts
//     --seconds 1         measured, after --warmup 0.2
//     --fill              each application once, in place of a time
//     --idle 0            connections that are opened before and never send
//     --rate R            one client, R pushes a second at most: the latency of a push that meets no other
//     --pid PID           the server's process, whose CPU is measured along
//
// Otherwise a push is a connection of its own, from connect() to the end that the receiver makes when it has
// read the sender's: a push is taken by then. Whatever it answers is a refusal and ends the run.
#include "tests/bench/measure.h"
#include "tests/bench/messages.h"
#include "tests/bench/options.h"
#include "tests/bench/sockets.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <deque>
#include <fcntl.h>
#include <optional>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <thread>
#include <vector>

using namespace ExporterProxy::Bench;

namespace {

/// Messages that a streaming client sends before the others get their turn.
constexpr int MessagesATurn = 64;
/// Messages of a stream that are sent by one system call.
constexpr unsigned MessagesACall = 16;
/// How long pushes that have begun may take to end.
constexpr double EndTime = 60;

struct Client
{
    enum class Phase { Waiting, Sending, Answered, Ended };

    Descriptor socket;
    Phase phase = Phase::Waiting; ///< Answered: all is sent, the answer or the end is awaited
    std::string_view rest; ///< of the message being sent
    std::string answer;
    Clock::time_point begun;
    bool hasTurn = false; ///< it is in the queue of those that can go on without an event
};

MessageFormat formatOf(const std::string &name)
{
    constexpr std::array<std::pair<std::string_view, MessageFormat>, 4> Names = {
        {{"json", MessageFormat::JsonString},
         {"array", MessageFormat::JsonArray},
         {"capnp", MessageFormat::CapnProto},
         {"put", MessageFormat::HttpPut}}};
    for (const auto &[known, format] : Names)
        if (name == known)
            return format;
    fail("unknown format " + name);
}

class PushLoad
{
public:
    explicit PushLoad(Options &options)
        : m_target(Target::fromOptions(options))
        , m_format(formatOf(options.text("format", "json")))
        , m_stream(options.flag("stream"))
        , m_fill(options.flag("fill"))
        , m_rate(options.real("rate", 0))
        , m_idle(options.number("idle", 0))
        , m_seconds(options.real("seconds", 1))
        , m_warmup(options.real("warmup", 0.2))
        , m_pid(options.number("pid", 0))
    {
        const long clients = options.number("clients", 64);
        const long apps = options.number("apps", clients);
        const long firstApp = options.number("first-app", 0);
        const auto size = std::size_t(options.number("size", 1024));
        const auto salt = unsigned(options.number("salt", 0));
        options.finish();
        if (clients < 1 || apps < 1)
            fail("needs at least one client and one application");
        if (m_stream && m_format != MessageFormat::CapnProto)
            fail("only Cap'n Proto is sent as a stream");
        if (m_rate > 0 && clients != 1)
            fail("--rate is for one client");
        for (long app = firstApp; app < firstApp + apps; ++app) {
            const std::string name = appName(app);
            m_messages.push_back(encodePush(m_format, name, metricsText(name, size, salt)));
        }
        m_clients.resize(std::size_t(clients));
    }

    void run()
    {
        openIdleConnections();
        m_window.emplace(m_fill ? 0 : m_warmup, m_fill ? EndTime : m_seconds, m_pid);
        for (std::size_t i = 0; i < m_clients.size(); ++i)
            giveTurn(i);
        std::array<epoll_event, 256> events;
        std::optional<Clock::time_point> stopped;
        while (m_ended < m_clients.size()) {
            const bool idle = m_turns.empty();
            const int timeout = idle ? (m_waitsForBacklog ? 1 : 10) : 0;
            const int count = epoll_wait(m_epoll.number(), events.data(), int(events.size()), timeout);
            m_waitsForBacklog = false;
            for (int i = 0; i < count; ++i)
                advance(std::size_t(events[std::size_t(i)].data.u64));
            for (std::size_t turns = m_turns.size(); turns > 0; --turns) {
                const std::size_t client = m_turns.front();
                m_turns.pop_front();
                m_clients[client].hasTurn = false;
                advance(client);
            }
            m_window->tick();
            if (isStopping() && !stopped)
                stopped = Clock::now();
            if (stopped && secondsBetween(*stopped, Clock::now()) > EndTime)
                fail("pushes do not end");
        }
        m_window->end();
        std::printf("{%s, \"message\": %zu}\n", m_window->figures().c_str(), m_messages.front().size());
    }

private:
    bool isStopping() const { return m_fill ? m_begun >= m_messages.size() : m_window->isOver(); }

    void openIdleConnections()
    {
        for (long i = 0; i < m_idle; ++i) {
            Descriptor socket = connectTo(m_target);
            for (int tries = 0; !socket.isOpen() && errno == EAGAIN && tries < 5000; ++tries) {
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
                socket = connectTo(m_target);
            }
            if (!socket.isOpen())
                fail("cannot open idle connection " + std::to_string(i + 1), errno);
            m_idleSockets.push_back(std::move(socket));
        }
        if (m_idle > 0) // until the receiver has accepted them
            std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }

    void giveTurn(std::size_t number)
    {
        if (!std::exchange(m_clients[number].hasTurn, true))
            m_turns.push_back(number);
    }

    /// Does whatever can be done for a client without waiting.
    void advance(std::size_t number)
    {
        Client &client = m_clients[number];
        // A paced client sleeps between its pushes, and the window's time has to be looked at.
        const int limit = m_rate > 0 ? 1 : MessagesATurn;
        for (int messages = 0; messages < limit;) {
            switch (client.phase) {
            case Client::Phase::Waiting:
                if (!begin(number))
                    return;
                ++messages;
                break;
            case Client::Phase::Sending:
                if (!send(client))
                    return;
                break;
            case Client::Phase::Answered:
                if (!receive(client))
                    return;
                break;
            case Client::Phase::Ended:
                return;
            }
        }
        giveTurn(number);
    }

    // Each of the following does one step and returns whether the next can be tried at once.

    bool begin(std::size_t number)
    {
        Client &client = m_clients[number];
        if (isStopping()) {
            end(client);
            return client.phase != Client::Phase::Ended;
        }
        if (m_rate > 0)
            waitForSlot();
        client.begun = Clock::now();
        if (!client.socket.isOpen() && !open(number))
            return false;
        client.rest = m_messages[m_begun++ % m_messages.size()];
        client.phase = Client::Phase::Sending;
        return true;
    }

    bool open(std::size_t number)
    {
        Client &client = m_clients[number];
        client.socket = connectTo(m_target);
        if (!client.socket.isOpen()) {
            if (errno != EAGAIN)
                fail("cannot connect", errno);
            m_waitsForBacklog = true;
            giveTurn(number);
            return false;
        }
        // Edge-triggered, so that one call serves the connection's whole life.
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
        event.data.u64 = number;
        if (epoll_ctl(m_epoll.number(), EPOLL_CTL_ADD, client.socket.number(), &event) != 0)
            fail("cannot watch a connection", errno);
        return true;
    }

    bool send(Client &client)
    {
        const ssize_t size =
            ::send(client.socket.number(), client.rest.data(), client.rest.size(), MSG_NOSIGNAL);
        if (size < 0) {
            if (errno == EAGAIN || errno == ENOTCONN)
                return false;
            refuse(client, errno);
        }
        client.rest.remove_prefix(std::size_t(size));
        if (!client.rest.empty())
            return true;
        if (m_stream) {
            m_window->count(1, m_messages.front().size());
            client.phase = Client::Phase::Waiting;
            return sendMore(client);
        }
        if (m_format != MessageFormat::HttpPut)
            shutdown(client.socket.number(), SHUT_WR);
        client.phase = Client::Phase::Answered;
        return true;
    }

    /// Sends further messages of a stream, each in a write of its own, with one call: as the load of one
    /// sender that is faster than its receiver, which a call for each message is not.
    bool sendMore(Client &client)
    {
        std::array<iovec, MessagesACall> bytes;
        std::array<mmsghdr, MessagesACall> calls{};
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            std::string &message = m_messages[(m_begun + i) % m_messages.size()];
            bytes[i] = {message.data(), message.size()};
            calls[i].msg_hdr.msg_iov = &bytes[i];
            calls[i].msg_hdr.msg_iovlen = 1;
        }
        const int sent = sendmmsg(client.socket.number(), calls.data(), MessagesACall, MSG_NOSIGNAL);
        if (sent < 0)
            return true; // the next send() finds out why
        for (std::size_t i = 0; i < std::size_t(sent); ++i) {
            ++m_begun;
            if (calls[i].msg_len < bytes[i].iov_len) { // the last one: the socket is full
                client.rest = {static_cast<const char *>(bytes[i].iov_base), bytes[i].iov_len};
                client.rest.remove_prefix(calls[i].msg_len);
                client.phase = Client::Phase::Sending;
            } else {
                m_window->count(1, bytes[i].iov_len);
            }
        }
        return true;
    }

    bool receive(Client &client)
    {
        std::array<char, 4096> buffer;
        const ssize_t size = recv(client.socket.number(), buffer.data(), buffer.size(), 0);
        if (size < 0 && errno == EAGAIN)
            return false;
        if (size < 0)
            fail("a connection broke", errno);
        if (m_format == MessageFormat::HttpPut)
            return receiveResponse(client, {buffer.data(), std::size_t(size)});
        if (size > 0) {
            client.answer.assign(buffer.data(), std::size_t(size));
            refuse(client, 0);
        }
        client.socket.close();
        if (m_stream) {
            client.phase = Client::Phase::Ended;
            ++m_ended;
        } else {
            finish(client);
        }
        return true;
    }

    bool receiveResponse(Client &client, std::string_view bytes)
    {
        client.answer += bytes;
        if (client.answer.find("\r\n\r\n") == client.answer.npos && !bytes.empty())
            return true;
        if (!client.answer.starts_with("HTTP/1.1 20"))
            refuse(client, 0);
        client.answer.clear();
        finish(client);
        return true;
    }

    void finish(Client &client)
    {
        m_window->count(client.begun, Clock::now());
        m_window->count(0, m_messages.front().size());
        client.phase = Client::Phase::Waiting;
    }

    /// No more pushes from this client. A stream has ended when the receiver has read it all.
    void end(Client &client)
    {
        if (m_stream && client.socket.isOpen()) {
            shutdown(client.socket.number(), SHUT_WR);
            client.phase = Client::Phase::Answered;
            return;
        }
        client.socket.close();
        client.phase = Client::Phase::Ended;
        ++m_ended;
    }

    [[noreturn]] void refuse(Client &client, int error)
    {
        if (client.answer.empty()) {
            std::array<char, 4096> buffer;
            const ssize_t size = recv(client.socket.number(), buffer.data(), buffer.size(), 0);
            client.answer.assign(buffer.data(), std::size_t(std::max<ssize_t>(size, 0)));
        }
        fail("a push was refused: " + client.answer, error);
    }

    void waitForSlot()
    {
        const auto now = Clock::now();
        m_nextSlot = std::max(
            m_nextSlot
                + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / m_rate)),
            now);
        std::this_thread::sleep_until(m_nextSlot);
    }

    const Target m_target;
    const MessageFormat m_format;
    const bool m_stream;
    const bool m_fill;
    const double m_rate;
    const long m_idle;
    const double m_seconds;
    const double m_warmup;
    const long m_pid;
    std::vector<std::string> m_messages;
    std::vector<Client> m_clients;
    std::vector<Descriptor> m_idleSockets;
    std::deque<std::size_t> m_turns;
    std::optional<Window> m_window;
    Descriptor m_epoll = Descriptor(epoll_create1(EPOLL_CLOEXEC));
    std::size_t m_begun = 0; ///< pushes
    std::size_t m_ended = 0; ///< clients
    bool m_waitsForBacklog = false;
    Clock::time_point m_nextSlot;
};

} // namespace

int main(int argc, char **argv)
{
    raiseDescriptorLimit();
    Options options(argc, argv);
    PushLoad(options).run();
}
