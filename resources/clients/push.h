// SPDX-License-Identifier: GPL-3.0-or-later
// Pushes metrics to exporter-proxy as Cap'n Proto messages. Header-only; needs C++17, libcapnp, and
// metric_data.capnp.h, which is made by: capnp compile -oc++ metric_data.capnp
//
//     exporterproxy::Pusher pusher("/run/exporter-proxy/receiver.sock");
//     pusher.push("backup", "backup_done_timestamp_seconds 1700000000\n");
#pragma once

#include "metric_data.capnp.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <cerrno>
#include <netdb.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace exporterproxy {

/// A connection to the proxy's receiver (receiver.format = "capnp"). It can carry any number of pushes; a
/// program that pushes now and then keeps one. Blocking; one thread at a time.
class Pusher
{
public:
    /// `address` is the path of the Unix socket, or "host:port". Throws std::system_error or
    /// std::runtime_error.
    explicit Pusher(const std::string &address)
        : m_socket(address.find('/') != std::string::npos ? connectUnix(address) : connectTcp(address))
    {
    }
    ~Pusher()
    {
        if (m_socket >= 0)
            ::close(m_socket);
    }
    Pusher(const Pusher &) = delete;
    Pusher &operator=(const Pusher &) = delete;

    /// Sends one application's metrics, which replace all it had before. Does not wait for an answer; what
    /// the proxy refuses shows in finish(). Throws std::system_error when the connection is gone.
    void push(std::string_view application, std::string_view text)
    {
        capnp::MallocMessageBuilder message;
        auto metrics = message.initRoot<::ExporterProxy::Schema::InboundMetrics>();
        application.copy(metrics.initAppName(unsigned(application.size())).begin(), application.size());
        text.copy(metrics.initData(unsigned(text.size())).begin(), text.size());
        const auto words = capnp::messageToFlatArray(message);
        const auto bytes = words.asBytes();
        for (std::size_t sent = 0; sent < bytes.size();) {
            // MSG_NOSIGNAL: a proxy that is restarted must not end its sender.
            const ssize_t count = ::send(m_socket, bytes.begin() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (count >= 0)
                sent += std::size_t(count);
            else if (errno != EINTR)
                throw failure("send");
        }
        read(MSG_DONTWAIT); // the proxy reads no more from one that does not read its answers
    }

    /// Ends the connection and waits until all pushes are in. Returns how many of them the proxy has said
    /// that it has stored: all, if its receiver.answer is "always", and none otherwise. Throws
    /// std::runtime_error with the proxy's words if it refused one.
    std::size_t finish()
    {
        ::shutdown(m_socket, SHUT_WR);
        if (!read(0))
            throw failure("recv");
        if (!m_answer.empty())
            throw std::runtime_error(m_answer);
        return m_stored;
    }

private:
    /// Reads answers, "ok 1" for each push that is stored; keeps the others. Returns false if that failed.
    bool read(int flags)
    {
        char buffer[1024];
        ssize_t count = 0;
        while ((count = ::recv(m_socket, buffer, sizeof buffer, flags)) > 0
               || (count < 0 && errno == EINTR)) {
            m_answer.append(buffer, count > 0 ? std::size_t(count) : 0);
            for (std::size_t end = 0;
                 m_answer.compare(0, 3, "ok ") == 0 && (end = m_answer.find('\n')) != std::string::npos;) {
                m_answer.erase(0, end + 1);
                ++m_stored;
            }
        }
        return count == 0;
    }

    static std::system_error failure(const char *what)
    {
        return std::system_error(errno, std::generic_category(), what);
    }

    static int connectUnix(const std::string &path)
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (path.size() >= sizeof address.sun_path)
            throw std::runtime_error("the path of the socket is too long: " + path);
        path.copy(address.sun_path, path.size());
        const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (descriptor < 0
            || ::connect(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0) {
            const std::system_error error = failure(path.c_str());
            ::close(descriptor);
            throw error;
        }
        return descriptor;
    }

    static int connectTcp(const std::string &address)
    {
        const std::size_t colon = address.rfind(':');
        if (colon == std::string::npos)
            throw std::runtime_error("neither a path nor host:port: " + address);
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        addrinfo *found = nullptr;
        const int fault =
            getaddrinfo(address.substr(0, colon).c_str(), address.substr(colon + 1).c_str(), &hints, &found);
        if (fault != 0)
            throw std::runtime_error(address + ": " + gai_strerror(fault));
        int descriptor = -1;
        for (const addrinfo *at = found; at && descriptor < 0; at = at->ai_next) {
            descriptor = ::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
            if (descriptor >= 0 && ::connect(descriptor, at->ai_addr, at->ai_addrlen) != 0) {
                const int error = errno;
                ::close(descriptor);
                descriptor = -1;
                errno = error;
            }
        }
        freeaddrinfo(found);
        if (descriptor < 0)
            throw failure(address.c_str());
        return descriptor;
    }

    int m_socket;
    std::string m_answer;
    std::size_t m_stored = 0;
};

} // namespace exporterproxy
