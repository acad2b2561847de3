// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/net/fairqueue.h"

#include <array>
#include <compare>
#include <QtGlobal>

namespace ExporterProxy {

class Connection;

/// The kinds of work that share a thread.
enum class Work : quint8 {
    Scrape, ///< what a monitoring server lives on is read, made and written
    Push, ///< pushes are read and stored
    Page, ///< larger pages, which people look at
};
inline constexpr std::size_t WorkKinds = 3;

/// Says which connections are of one peer: the same IPv4 address, the same /64 of IPv6, of which one host has
/// all, or the same user on a Unix socket.
struct PeerKey
{
    std::array<quint8, 16> bytes{};

    auto operator<=>(const PeerKey &) const = default;
};

/// The connections of one peer at one door, as far as they share what there is.
struct PeerState
{
    /// What the peer has of one kind of work.
    struct Share
    {
        FairQueue<Connection> waiting;
        FairQueue<Connection>::Clock::duration spent{};
        bool isQueued = false; ///< in the scheduler's queue
    };

    PeerKey key;
    std::array<Share, WorkKinds> shares;
    int open = 0; ///< connections that are open
    int known = 0; ///< connections that refer to it
};

} // namespace ExporterProxy
