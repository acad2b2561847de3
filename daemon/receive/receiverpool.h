// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settings.h"
#include "daemon/receive/listensocket.h"
#include "daemon/receive/receivers.h"

#include <memory>
#include <vector>

namespace ExporterProxy {

/// All receivers of the daemon: one for each socket and thread. Without worker threads they live on the
/// thread that made the pool; with n, on n threads of their own, which share the listening sockets.
class ReceiverPool
{
public:
    /// The gate, the model and the counters must outlive the pool.
    ReceiverPool(const TextGate &gate, AppModel &model, ProxyCounters &counters);
    ~ReceiverPool();

    /// Listens and begins to receive. Returns what failed; empty if all is well. `maxConnections` of each
    /// socket.
    QString start(const Settings &settings, int maxConnections);

    /// Takes in what has been sent, stops, and removes the Unix socket. Idempotent.
    void stop();

    /// The sockets' names, for the log: where the daemon receives.
    QByteArrayList names() const;

private:
    class Worker;
    class WorkerThread;

    const TextGate &m_gate;
    AppModel &m_model;
    ProxyCounters &m_counters;
    std::unique_ptr<ListenSocket> m_unixSocket;
    std::unique_ptr<ListenSocket> m_tcpSocket;
    std::unique_ptr<AcceptTurn> m_unixTurn; ///< of the threads, on the socket above
    std::unique_ptr<AcceptTurn> m_tcpTurn;
    std::unique_ptr<Worker> m_ownWorker;
    std::vector<std::unique_ptr<WorkerThread>> m_threads;
};

} // namespace ExporterProxy
