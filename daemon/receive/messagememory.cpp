// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/messagememory.h"

namespace ExporterProxy {

using namespace std::chrono_literals;

namespace {

using Clock = Connection::Clock;

/// What a message costs: bytes times the time for which it has not grown.
double stallOf(const Connection &connection, Clock::time_point now)
{
    return double(connection.held) * std::chrono::duration<double>(now - connection.progressAt + 1us).count();
}

} // namespace

MessageMemory::MessageMemory(PendingBytes &all, const ConnectionList &busy,
                             std::function<void(Connection &, const Rejection &)> drop)
    : m_busy(busy)
    , m_drop(std::move(drop))
    , m_pending(all, [this] {
        if (!m_shedPosted.exchange(true))
            // By name, which allocates nothing here: what a call of a member function allocates is freed by
            // the other thread, in order, but by a mutex of Qt's that the thread sanitizer does not see.
            QMetaObject::invokeMethod(this, "shed", Qt::QueuedConnection);
    })
{
}

std::optional<Rejection> MessageMemory::makeRoomFor(Connection &connection)
{
    note(connection);
    if (!m_pending.isExceeded() || !m_pending.isToShed())
        return std::nullopt;
    while (m_pending.isExceeded()) {
        Connection *const victim = mostStalled();
        const Clock::time_point now = Clock::now();
        if (!victim || victim == &connection || stallOf(*victim, now) < stallOf(connection, now)) {
            if (connection.held == 0)
                return std::nullopt;
            return tooMuch(connection);
        }
        m_drop(*victim, tooMuch(*victim));
    }
    return std::nullopt;
}

/// When another thread or another part of the daemon needs the memory.
void MessageMemory::shed()
{
    m_shedPosted = false;
    while (m_pending.isExceeded()) {
        Connection *const victim = mostStalled();
        if (!victim)
            return;
        m_drop(*victim, tooMuch(*victim));
    }
}

/// Null: no connection holds anything.
Connection *MessageMemory::mostStalled() const
{
    const Clock::time_point now = Clock::now();
    Connection *found = nullptr;
    double most = 0;
    for (Connection *connection = m_busy.first(); connection; connection = connection->next()) {
        if (const double stall = stallOf(*connection, now); stall > most) {
            found = connection;
            most = stall;
        }
    }
    return found;
}

Rejection MessageMemory::tooMuch(const Connection &connection) const
{
    return {RejectReason::TooMuchPending,
            "dropped unfinished, with " + QByteArray::number(connection.held)
                + " bytes in memory: all messages under way together hold more than the "
                + QByteArray::number(m_pending.allowed())
                + " bytes that limits.max_total_size leaves to them",
            {}};
}

} // namespace ExporterProxy
