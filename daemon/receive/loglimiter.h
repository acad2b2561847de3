// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <QByteArray>
#include <QTimer>

namespace ExporterProxy {

/// Keeps a sender that is refused a thousand times a second from filling the disk: the first few messages of
/// a period are logged, the others counted, and the count is told when the period ends. One thread, with an
/// event loop.
class LogLimiter
{
public:
    explicit LogLimiter(QByteArray what);

    /// Whether the next message may be logged.
    bool allow();

private:
    void tell();

    static constexpr int MessagesAPeriod = 10;
    static constexpr std::chrono::seconds Period{10};

    const QByteArray m_what; ///< "rejected pushes on 127.0.0.1:6554"
    int m_seen = 0; ///< in this period
    QTimer m_periodEnd;
};

} // namespace ExporterProxy
