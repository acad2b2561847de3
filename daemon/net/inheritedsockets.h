// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settings.h"
#include "daemon/net/listensocket.h"

#include <QByteArrayList>
#include <vector>

namespace ExporterProxy {

/// Listening sockets that somebody else has made and keeps, as a service manager does over a restart: what is
/// sent to them while no process accepts waits in the kernel's queue. Each is known by the address it is
/// bound to.
class InheritedSockets
{
public:
    InheritedSockets() = default;

    /// The descriptors stay the caller's and must stay open as long as this lives.
    explicit InheritedSockets(std::vector<int> descriptors);

    /// The socket at that path, or null if none of them is. Its file is left alone by all that is done with
    /// it.
    std::unique_ptr<ListenSocket> onUnix(const QString &path) const;

    /// The socket on that address and port, or null.
    std::unique_ptr<ListenSocket> onTcp(const SocketAddress &address) const;

    /// Returns the addresses of the sockets that `settings` do not use, for the log.
    QByteArrayList unusedBy(const Settings::Receiver &settings) const;

private:
    std::vector<int> m_descriptors;
};

} // namespace ExporterProxy
