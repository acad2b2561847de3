// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/rejection.h"
#include "common/util/timestamp.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <map>
#include <QByteArray>

namespace ExporterProxy {

/// The reasons why connections could not be accepted for a time: the label `reason` of
/// `exporter_proxy_accept_errors_total`.
inline constexpr std::array<std::string_view, 2> AcceptFailureNames = {"no_descriptors", "no_memory"};

/// Counts how often a listener had to pause because a resource was used up. Written by the threads that
/// accept there.
struct AcceptFailures
{
    std::array<std::atomic<quint64>, AcceptFailureNames.size()> counts{}; ///< by AcceptFailureNames

    /// Counts a failure; `error` is the value of errno that accept(2) set.
    void count(int error)
    {
        const bool isDescriptors = error == EMFILE || error == ENFILE;
        counts[isDescriptors ? 0 : 1].fetch_add(1, std::memory_order_relaxed);
    }
};

/// Counts the texts of one source, a receiver or a polled endpoint, since the start. Written by any thread,
/// read by the one that renders the page. Relaxed atomics, because each figure is independent of the others.
struct SourceCounters
{
    std::atomic<quint64> accepted{0}; ///< messages
    std::array<std::atomic<quint64>, RejectReasonCount> errors{}; ///< by RejectReason

    void countAccepted() { accepted.fetch_add(1, std::memory_order_relaxed); }
    void countError(RejectReason reason)
    {
        errors[std::size_t(reason)].fetch_add(1, std::memory_order_relaxed);
    }
};

/// The counters of one receiver.
struct ReceiverCounters : SourceCounters
{
    std::atomic<qint64> connections{0}; ///< open now
    AcceptFailures acceptFailures;
};

/// The reasons why a poll failed: the label `reason` of `exporter_proxy_poll_errors_total`.
enum class PollFailure : quint8 {
    Timeout,
    Connection,
    Tls,
    Status,
    TooLarge,
    InvalidText,
    Credentials,
    Limit,
    InvalidExposition,
    Reserved
};

/// The label values, in the order of the enumeration.
inline constexpr std::array<std::string_view, 10> PollFailureNames = {
    "timeout", "connection",         "tls",     "status", "too_large", "invalid_text", "credentials",
    "limit",   "invalid_exposition", "reserved"};
static_assert(PollFailureNames.size() == std::size_t(PollFailure::Reserved) + 1);

/// Returns the reason by which a rejected text of a poll is counted.
constexpr PollFailure pollFailureOf(RejectReason reason)
{
    switch (reason) {
    case RejectReason::Timeout:
        return PollFailure::Timeout;
    case RejectReason::Connection:
        return PollFailure::Connection;
    case RejectReason::Tls:
        return PollFailure::Tls;
    case RejectReason::Status:
        return PollFailure::Status;
    case RejectReason::MessageTooLarge:
        return PollFailure::TooLarge;
    case RejectReason::Credentials:
        return PollFailure::Credentials;
    case RejectReason::TooManyApps:
    case RejectReason::TotalTooLarge:
    case RejectReason::TooMuchPending:
        return PollFailure::Limit;
    case RejectReason::InvalidExposition:
        return PollFailure::InvalidExposition;
    case RejectReason::Reserved:
        return PollFailure::Reserved;
    default:
        return PollFailure::InvalidText;
    }
}

/// The counters of one polled endpoint.
struct PollCounters : SourceCounters
{
    double lastDurationSeconds = -1; ///< of the last poll that ended; negative if none has ended.
                                     ///< Main thread only

    /// Returns how many polls failed for that reason.
    quint64 failures(PollFailure kind) const
    {
        quint64 count = 0;
        for (std::size_t i = 0; i < RejectReasonCount; ++i) {
            if (pollFailureOf(RejectReason(i)) == kind)
                count += errors[i].load(std::memory_order_relaxed);
        }
        return count;
    }
};

/// The counters of the state file. Main thread only.
struct StateCounters
{
    bool isKept = false; ///< a state file is configured
    bool restoreFailed = false; ///< it existed at the start and could not be used
    quint64 restoredApps = 0;
    quint64 writes = 0; ///< that succeeded
    quint64 errors = 0; ///< writes that failed
    bool lastSuccessful = true; ///< the last write; true before the first
    Timestamp lastWrite = Never; ///< the last one that succeeded, also before the restart
    qint64 bytes = 0; ///< of the file that was written last; 0 if none was
};

/// Counts texts that were repaired before they were stored (TextGate). Written by the thread that receives a
/// text.
struct RepairCounters
{
    std::atomic<quint64> crlf{0};
    std::atomic<quint64> bom{0};
};

/// The limits in force, to be compared with what they limit: an alert must not have to know the
/// configuration. Main thread only.
struct LimitFigures
{
    qint64 maxApps = -1; ///< here and below: negative if not known
    qint64 maxTotalBytes = -1; ///< of all stored texts
    qint64 maxConnections = -1; ///< of each receiver
};

/// The proxy's own figures, which no application's snapshot holds.
struct ProxyCounters
{
    ReceiverCounters unixSocket; ///< label receiver="unix"
    ReceiverCounters tcpSocket; ///< label receiver="tcp"
    SourceCounters httpPushes; ///< label receiver="http"
    bool receivesOnHttp = false; ///< main thread only
    AcceptFailures httpAcceptFailures;
    RepairCounters repairs;
    const std::atomic<quint64> *droppedLogLines = nullptr; ///< null: not known; outlives this object
    std::map<QByteArray, PollCounters> polls; ///< by application name; main thread only
    StateCounters state;
    LimitFigures limits;
    Timestamp configLoadedAt = Never; ///< when the settings in use were read; main thread only
    // Main thread only, where the HTTP service lives:
    quint64 scrapes = 0; ///< answered requests for /metrics
    quint64 scrapeBytesPlain = 0; ///< bytes of bodies handed to the socket, uncompressed ones
    quint64 scrapeBytesGzip = 0; ///< and compressed ones
};

} // namespace ExporterProxy
