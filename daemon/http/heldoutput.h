// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/pendingbytes.h"

#include <chrono>
#include <memory>
#include <optional>
#include <QObject>
#include <QTimer>
#include <unordered_map>
#include <unordered_set>

namespace ExporterProxy {

class HttpSocket;
struct Page;

/// What slow readers keep in memory, and who of them has to go when it is too much.
///
/// A page counts once, however many read it, and not at all while somebody else holds it as well, who caches
/// it. When pages get in the way of everything else, those go who have taken nothing for longest: whoever
/// reads, be it slowly, is the last to be dropped, whatever others ask for and leave unread. Main thread.
class HeldOutput final : public QObject
{
    Q_OBJECT

public:
    using Sockets = std::unordered_set<HttpSocket *>;
    using Clock = std::chrono::steady_clock;

    /// `sockets` are all connections, and must outlive this.
    explicit HeldOutput(const Sockets &sockets);

    /// Counts towards `pending` from now on; before, nobody is dropped.
    void countAs(PendingBytes &pending);

    /// The socket's response waits for its reader.
    void noteWaitingReader(const HttpSocket &socket);

    /// Readers hold half of what may be held: a time to hand out pages that are held already, rather than
    /// fresh ones.
    bool isTight() const;

private:
    struct Held
    {
        long owners = 0; ///< of the page
        long readers = 0; ///< those of them that are readers
        qint64 bytes = 0;

        bool isCounted() const { return readers == owners; }
    };
    using Pages = std::unordered_map<const Page *, Held>;

    Pages weigh();
    void weighExactly(Pages &pages);
    void shed();
    void drop(HttpSocket &socket, Pages &pages);

    const Sockets &m_sockets;
    QTimer m_timer; ///< runs while a response waits for its reader
    std::optional<PendingBytes::Holder> m_pending;
};

} // namespace ExporterProxy
