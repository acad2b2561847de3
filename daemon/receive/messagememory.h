// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/pendingbytes.h"
#include "common/model/rejection.h"
#include "daemon/receive/connectionlist.h"

#include <atomic>
#include <functional>
#include <optional>
#include <QObject>

namespace ExporterProxy {

/// What the messages that are under way to one receiver (on one thread) hold, and who of them goes when that
/// is too much: the one that has held most for longest without growing. One that is arriving costs next to
/// nothing however large it is, one that grows by a byte a second as much as one that has stopped.
class MessageMemory final : public QObject
{
    Q_OBJECT

public:
    /// `busy` are the connections inside a message; `drop` ends one of them for that reason and tells what it
    /// no longer holds. `all` and `busy` must outlive this.
    MessageMemory(PendingBytes &all, const ConnectionList &busy,
                  std::function<void(Connection &, const Rejection &)> drop);

    /// Whether all parts of the daemon together hold too much. Then nothing more is to be read, because
    /// another part, perhaps of this thread, is to shed and must get its turn.
    bool isExceeded() const { return m_pending.isExceeded(); }

    /// Counts what the connection holds now.
    void note(Connection &connection) { m_pending.change(connection.noteHeld()); }

    /// The same, and where it is too much, drops what has stalled. Returns why it is this connection that has
    /// to go, if no other has stalled for longer.
    std::optional<Rejection> makeRoomFor(Connection &connection);

private:
    Q_INVOKABLE void shed();
    Connection *mostStalled() const;
    Rejection tooMuch(const Connection &connection) const;

    const ConnectionList &m_busy;
    const std::function<void(Connection &, const Rejection &)> m_drop;
    std::atomic<bool> m_shedPosted{false};
    PendingBytes::Holder m_pending;
};

} // namespace ExporterProxy
