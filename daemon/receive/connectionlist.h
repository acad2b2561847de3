// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/wire/pushdecoder.h"

#include <chrono>
#include <memory>

namespace ExporterProxy {

class ConnectionList;

/// What must arrive within each message_timeout for a message not to count as stalled: more than anybody
/// types, less than the slowest line brings. It ends the sender that keeps a connection alive by a byte a
/// second.
inline constexpr qint64 MinProgress = 16 * 1024;

/// One connection of a receiver. Lists link it by its own pointers: moving it from one to another costs no
/// allocation.
struct Connection
{
    using Clock = std::chrono::steady_clock;

    int descriptor = -1; ///< owned by whoever owns the connection
    bool watched = false; ///< it is in the epoll set
    bool refused = false;
    bool completed = false; ///< a message, since its place in the lists was settled
    bool hasSent = false; ///< anything at all, or had its time to
    std::unique_ptr<PushDecoder> decoder;
    unsigned settingsSerial = 0; ///< of the settings that the decoder was made by
    Clock::time_point since; ///< begin of the progress window, or of the lingering
    qint64 bytesSince = 0; ///< that arrived in it
    qint64 held = 0; ///< bytes that the message which has begun takes up
    Clock::time_point progressAt; ///< when that last grew by MinProgress
    qint64 heldAtProgress = 0;

    /// Notes what the message holds now; returns by how much that has changed.
    qint64 noteHeld();

    /// The one behind it in its list.
    Connection *next() const { return m_next.get(); }

    /// The list it is in; null while it is in none.
    ConnectionList *list() const { return m_list; }

private:
    friend class ConnectionList;
    ConnectionList *m_list = nullptr;
    Connection *m_previous = nullptr;
    std::unique_ptr<Connection> m_next;
};

/// A queue of connections that owns them, and closes those that are left in the end.
class ConnectionList
{
public:
    ConnectionList() = default;
    ~ConnectionList();
    ConnectionList(const ConnectionList &) = delete;
    ConnectionList &operator=(const ConnectionList &) = delete;

    /// The one that was appended first; null if there is none.
    Connection *first() const { return m_first.get(); }

    void append(std::unique_ptr<Connection> connection);

    /// Takes out a connection that is in this list.
    std::unique_ptr<Connection> take(Connection &connection);

private:
    std::unique_ptr<Connection> m_first;
    Connection *m_last = nullptr;
};

} // namespace ExporterProxy
