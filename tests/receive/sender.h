// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <QByteArray>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

/// A plain blocking socket, as a sender without any library has it.
class Sender
{
public:
    /// Connects to "127.0.0.1:port", or to a path.
    explicit Sender(const QByteArray &where)
    {
        const qsizetype colon = where.lastIndexOf(':');
        if (where.startsWith('/')) {
            sockaddr_un address{};
            address.sun_family = AF_UNIX;
            std::memcpy(address.sun_path, where.constData(), std::size_t(where.size()));
            m_descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
            m_connected = connect(m_descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
        } else {
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_port = htons(where.sliced(colon + 1).toUShort());
            inet_pton(AF_INET, where.first(colon).constData(), &address.sin_addr);
            m_descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            m_connected = connect(m_descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
        }
    }
    Sender(Sender &&other) noexcept
        : m_descriptor(std::exchange(other.m_descriptor, -1))
        , m_connected(other.m_connected)
    {
    }
    ~Sender()
    {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }

    bool isConnected() const { return m_connected; }

    /// Sends what fits without waiting; the caller's event loop may have to run before more does.
    qsizetype send(QByteArrayView bytes)
    {
        return qMax<qsizetype>(
            0, ::send(m_descriptor, bytes.data(), std::size_t(bytes.size()), MSG_NOSIGNAL | MSG_DONTWAIT));
    }
    void endSending() { shutdown(m_descriptor, SHUT_WR); }

    /// What has arrived so far, in all.
    const QByteArray &received()
    {
        char buffer[4096];
        for (;;) {
            const ssize_t size = recv(m_descriptor, buffer, sizeof buffer, MSG_DONTWAIT);
            if (size > 0) {
                m_received.append(buffer, size);
                continue;
            }
            m_wasReset = m_wasReset || (size < 0 && errno == ECONNRESET);
            m_closed = m_closed || size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
            return m_received;
        }
    }

    /// Whether the other side has closed.
    bool isClosed()
    {
        received();
        return m_closed;
    }

    /// Whether the other side has closed in a way that says that something may be lost.
    bool wasReset()
    {
        received();
        return m_wasReset;
    }

    /// Ends sending, and waits until the other side has closed. Returns whether that was an orderly end
    /// without a word: "stored". Blocking.
    bool wasTaken()
    {
        endSending();
        char byte = 0;
        return recv(m_descriptor, &byte, 1, 0) == 0;
    }

private:
    int m_descriptor = -1;
    bool m_connected = false;
    bool m_closed = false;
    bool m_wasReset = false;
    QByteArray m_received;
};
