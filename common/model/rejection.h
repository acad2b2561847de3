// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <QByteArray>
#include <string_view>

namespace ExporterProxy {

/// Why a push is refused: the label `reason` of `exporter_proxy_push_errors_total`.
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
    InvalidExposition, ///< exposition.validation: Prometheus would refuse the page with this text
};

/// The label values, in the order of the enumeration.
inline constexpr std::array<std::string_view, 11> RejectReasonNames = {
    "malformed",     "wrong_type",      "invalid_utf8", "bad_name", "nul_byte",           "message_too_large",
    "too_many_apps", "total_too_large", "incomplete",   "timeout",  "invalid_exposition",
};
static_assert(RejectReasonNames.size() == std::size_t(RejectReason::InvalidExposition) + 1);

inline constexpr std::string_view rejectReasonName(RejectReason reason)
{
    return RejectReasonNames[std::size_t(reason)];
}

/// A refused push: what is counted, what is said to the sender and in the log.
struct Rejection
{
    RejectReason reason = RejectReason::Malformed;
    QByteArray message; ///< UTF-8, one line: what is wrong and where, without "error: "
    QByteArray app; ///< the application's name where it is known; may hold anything the sender chose
};

} // namespace ExporterProxy
