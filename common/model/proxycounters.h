// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/rejection.h"

#include <array>
#include <atomic>
#include <map>
#include <QByteArray>

namespace ExporterProxy {

/// What happened on one receiver since the start. Written by the receiver's threads, read by whoever renders
/// the page: relaxed atomics, because each figure stands for itself.
struct ReceiverCounters
{
    std::atomic<quint64> pushes{0}; ///< messages taken
    std::array<std::atomic<quint64>, RejectReasonNames.size()> errors{}; ///< by RejectReason
    std::atomic<qint64> connections{0}; ///< open now

    void countError(RejectReason reason)
    {
        errors[std::size_t(reason)].fetch_add(1, std::memory_order_relaxed);
    }
};

/// Why a poll failed: the label `reason` of `exporter_proxy_poll_errors_total`.
enum class PollFailure : quint8 {
    Timeout,
    Connection,
    Tls,
    Status,
    TooLarge,
    InvalidText,
    Credentials,
    Limit,
    InvalidExposition
};

/// The label values, in the order of the enumeration.
inline constexpr std::array<std::string_view, 9> PollFailureNames = {
    "timeout", "connection",        "tls", "status", "too_large", "invalid_text", "credentials",
    "limit",   "invalid_exposition"};
static_assert(PollFailureNames.size() == std::size_t(PollFailure::InvalidExposition) + 1);

/// What happened to one polled endpoint. Main thread only.
struct PollCounters
{
    double lastDurationSeconds = -1; ///< of the last poll that ended, well or not; negative: none has ended
    std::array<quint64, PollFailureNames.size()> errors{}; ///< by PollFailure
};

/// Texts that were mended before they were stored (TextGate). Written by whichever thread takes in a text.
struct RepairCounters
{
    std::atomic<quint64> crlf{0};
    std::atomic<quint64> bom{0};
};

/// The proxy's own figures, which no application's snapshot holds.
struct ProxyCounters
{
    ReceiverCounters unixSocket; ///< label receiver="unix"
    ReceiverCounters tcpSocket; ///< label receiver="tcp"
    RepairCounters repairs;
    std::map<QByteArray, PollCounters> polls; ///< by application name; main thread only
    // Main thread only, where the HTTP service lives:
    quint64 scrapes = 0; ///< answered requests for /metrics
    quint64 scrapeBytesPlain = 0; ///< bytes of bodies handed to the socket, uncompressed ones
    quint64 scrapeBytesGzip = 0; ///< and compressed ones
};

} // namespace ExporterProxy
