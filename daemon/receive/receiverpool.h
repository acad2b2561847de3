// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settings.h"
#include "daemon/receive/inheritedsockets.h"
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
    /// The gate, the model and the counters must outlive the pool. Of `inherited`, those sockets are used
    /// whose addresses the settings name; what is missing is opened.
    ReceiverPool(const TextGate &gate, AppModel &model, ProxyCounters &counters,
                 const InheritedSockets &inherited = {});
    ~ReceiverPool();

    /// Listens and begins to receive. Returns what failed; empty if all is well. `maxConnections` of each
    /// socket.
    QString start(const Settings &settings, int maxConnections);

    /// A socket that is open but not in use yet, with what the receiver on each thread needs.
    struct NewSocket
    {
        std::unique_ptr<ListenSocket> socket; ///< null: there is none
        std::vector<ReceiverDescriptors> descriptors; ///< by thread
    };

    /// Sockets that are not in use yet; closed with the object.
    struct NewSockets
    {
        NewSocket unixSocket;
        NewSocket tcpSocket;
        QString error; ///< what could not be opened; then there are none
    };

    /// Opens what `settings` want beyond what is open: the part of a change that can fail. Nothing is
    /// received on them yet, and nothing of the running receivers changes.
    NewSockets openSockets(const Settings &settings) const;

    /// Gives the Unix socket the owner and mode of `settings`, unless openSockets() has made a new one.
    /// Returns what failed; then they are as they were.
    QString changePermissions(const Settings &settings);

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

    /// A socket that is received on, and the turns of the threads on it.
    struct Listening
    {
        std::unique_ptr<ListenSocket> socket;
        std::unique_ptr<AcceptTurn> turn;
        std::vector<ReceiverDescriptors> descriptors; ///< by thread; each takes out its own

        void take(NewSocket opened);
    };

    QString prepare(NewSocket &opened) const;

    ReceiverSettings commonSettings(const Settings &settings) const;

    const TextGate &m_gate;
    AppModel &m_model;
    ProxyCounters &m_counters;
    const InheritedSockets m_inherited;
    Settings::Receiver m_settings; ///< that are in use
    std::size_t m_seats = 1; ///< threads that receive
    int m_connectionsEach = 0; ///< of each receiver
    Listening m_unix;
    Listening m_tcp;
    std::unique_ptr<Worker> m_ownWorker;
    std::vector<std::unique_ptr<WorkerThread>> m_threads;
};

} // namespace ExporterProxy
