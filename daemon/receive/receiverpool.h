// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settings.h"
#include "daemon/net/connectionset.h"
#include "daemon/net/inheritedsockets.h"
#include "daemon/net/listensocket.h"
#include "daemon/receive/receivers.h"

#include <functional>
#include <memory>
#include <vector>

namespace ExporterProxy {

/// All receivers of the daemon: one for each socket and thread. Without worker threads they live on the
/// thread that made the pool; with n, on n threads of their own, which share the listening sockets.
class ReceiverPool
{
public:
    /// The references must outlive the pool. `mainSet` is that of the calling thread, on which everything is
    /// received if there are no worker threads; the connections of all count towards `pending`. Of
    /// `inherited`, those sockets are used whose addresses the settings name; what is missing is opened.
    ReceiverPool(const Intake &intake, PendingBytes &pending, ProxyCounters &counters, ConnectionSet &mainSet,
                 const InheritedSockets &inherited = {});
    ~ReceiverPool();

    /// Listens and begins to receive. `maxConnections` of each socket.
    Result<> start(const Settings &settings, int maxConnections);

    /// A listening socket, with what the receiver on each thread needs.
    struct OpenSocket
    {
        std::unique_ptr<ListenSocket> socket; ///< null: there is none
        std::vector<Descriptor> descriptors; ///< of the same socket, by thread; each takes out its own
    };

    /// Sockets that are not in use yet; closed with the object.
    struct NewSockets
    {
        OpenSocket unixSocket;
        OpenSocket tcpSocket;
    };

    /// Opens what `settings` want beyond what is open: the part of a change that can fail. Nothing is
    /// received on them yet, and nothing of the running receivers changes.
    Result<NewSockets> openSockets(const Settings &settings) const;

    /// Gives the Unix socket the owner and mode of `settings`, unless openSockets() has made a new one. If
    /// that fails they are as they were.
    Result<> changePermissions(const Settings &settings);

    /// Receives by `settings` from now on, on the sockets that openSockets() has opened for them. Format,
    /// limits and timeouts change in place, and no connection notices; what was sent to a socket that is
    /// given up is taken in first. The number of threads and connections stays as it is. On the thread of
    /// start().
    void change(const Settings &settings, NewSockets sockets);

    /// Takes in what has been sent, stops, and removes the Unix socket. Idempotent.
    void stop();

    /// The sockets' names, for the log: where the daemon receives.
    QByteArrayList names() const;

private:
    class Worker;
    class WorkerThread;

    Result<OpenSocket> prepare(std::unique_ptr<ListenSocket> socket,
                               const std::function<Result<std::unique_ptr<ListenSocket>>()> &listen) const;

    ReceiverSettings commonSettings(const Settings &settings) const;

    const Intake &m_intake;
    PendingBytes &m_pending;
    ProxyCounters &m_counters;
    ConnectionSet &m_mainSet;
    const InheritedSockets m_inherited;
    Settings::Receiver m_settings; ///< that are in use
    std::size_t m_seats = 1; ///< threads that receive
    int m_connectionsEach = 0; ///< of each receiver
    OpenSocket m_unix;
    OpenSocket m_tcp;
    std::unique_ptr<Worker> m_ownWorker;
    std::vector<std::unique_ptr<WorkerThread>> m_threads;
};

} // namespace ExporterProxy
