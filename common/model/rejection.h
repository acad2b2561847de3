// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <QByteArray>
#include <string_view>

namespace ExporterProxy {

/// The reasons why a text was not accepted: those of pushes first, in the order of their labels.
enum class RejectReason : quint8 {
    Malformed, ///< not JSON, or not a Cap'n Proto message
    WrongType, ///< JSON of another shape than {"app": "text"} or {"app": ["line", …]}
    InvalidUtf8,
    BadName, ///< empty, longer than MaxAppNameSize, or with a control character
    NulByte, ///< Prometheus silently drops what follows a NUL on a page
    MessageTooLarge, ///< over limits.max_message_size
    TooManyApps, ///< a new application over limits.max_apps
    TotalTooLarge, ///< over limits.max_total_size
    Incomplete, ///< the sender closed in the middle of a message
    Timeout, ///< the message stalled for longer than receiver.message_timeout
    InvalidExposition, ///< exposition.validation: Prometheus would reject the page with this text
    TooMuchPending, ///< dropped for want of memory, as the one that had stalled for longest (PendingBytes)
    Reserved, ///< a metric of the proxy's own (ownPrefixFault()), or the name of a configured application

    // For a text that the proxy tried to get itself.
    Connection,
    Tls,
    Status, ///< the server answered, but not with a text
    InvalidText, ///< not even a text: a page of HTML, an unknown encoding
    Credentials, ///< a file that holds some cannot be read
};

inline constexpr std::size_t RejectReasonCount = std::size_t(RejectReason::Credentials) + 1;

/// The label `reason` of `exporter_proxy_push_errors_total`, in the order of the enumeration.
inline constexpr std::array<std::string_view, 13> RejectReasonNames = {
    "malformed",          "wrong_type",       "invalid_utf8",    "bad_name",   "nul_byte",
    "message_too_large",  "too_many_apps",    "total_too_large", "incomplete", "timeout",
    "invalid_exposition", "too_much_pending", "reserved",
};
static_assert(RejectReasonNames.size() == std::size_t(RejectReason::Reserved) + 1);

/// Returns whether the reason is a fault of the text itself.
constexpr bool isOfText(RejectReason reason)
{
    return reason == RejectReason::InvalidUtf8 || reason == RejectReason::NulByte
        || reason == RejectReason::InvalidText || reason == RejectReason::InvalidExposition;
}

/// A rejected push or a failed poll, as it is counted, answered to the sender and logged.
struct Rejection
{
    RejectReason reason = RejectReason::Malformed;
    QByteArray message; ///< UTF-8, one line: what is wrong and where, without "error: "
    QByteArray app{}; ///< the application's name where it is known; may hold anything the sender chose
};

} // namespace ExporterProxy
