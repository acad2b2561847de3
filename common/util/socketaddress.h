// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <QString>

namespace ExporterProxy {

/// An address to listen on: an IPv4 or IPv6 literal and a port. Names are not resolved, because a resolver
/// may not be available yet when the machine boots.
struct SocketAddress
{
    QString host; ///< without brackets: "127.0.0.1", "::1"
    quint16 port = 0; ///< 0 for a free port chosen by the kernel

    /// Parses "127.0.0.1:6554" or "[::1]:6554"; nullopt for anything else.
    static std::optional<SocketAddress> parse(const QString &text);

    /// The text that parse() reads.
    QString toString() const;

    bool operator==(const SocketAddress &) const = default;
};

} // namespace ExporterProxy
