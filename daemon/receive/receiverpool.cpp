// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/receiverpool.h"

#include <cerrno>
#include <future>
#include <optional>
#include <pthread.h>
#include <QEventLoop>
#include <QSocketNotifier>
#include <string>
#include <sys/eventfd.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace ExporterProxy {

/// The receivers of one thread. Must be made, used and destroyed on it.
class ReceiverPool::Worker
{
public:
    Worker(const ReceiverPool &pool, const ReceiverSettings &common)
    {
        ReceiverSettings own = common;
        if (pool.m_unixSocket) {
            own.source = pool.m_unixSocket->name();
            m_local.emplace(*pool.m_unixTurn, own, pool.m_gate, pool.m_model, pool.m_counters.unixSocket);
        }
        if (pool.m_tcpSocket) {
            own.source = pool.m_tcpSocket->name();
            m_tcp.emplace(*pool.m_tcpTurn, own, pool.m_gate, pool.m_model, pool.m_counters.tcpSocket);
        }
    }

    void drain()
    {
        if (m_local)
            m_local->drain();
        if (m_tcp)
            m_tcp->drain();
    }

private:
    std::optional<LocalReceiver> m_local;
    std::optional<TcpReceiver> m_tcp;
};

/// A thread with receivers of its own and their event loop. Not a QThread: QThread::wait() returns while the
/// thread is still taking itself apart, so that it would run beside the end of the process; and a thread that
/// cannot be created is only a line in the log, after which nobody accepts.
class ReceiverPool::WorkerThread
{
public:
    /// Receives from its return on. Throws std::system_error if threads or descriptors have run out.
    WorkerThread(const ReceiverPool &pool, const ReceiverSettings &settings, int number)
        : m_stop(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    {
        if (m_stop < 0)
            throw std::system_error(errno, std::generic_category());
        try {
            std::promise<void> ready;
            const std::future<void> isReady = ready.get_future();
            m_thread = std::thread([this, &pool, &settings, number, ready = std::move(ready)]() mutable {
                const std::string name = "receiver " + std::to_string(number);
                pthread_setname_np(pthread_self(), name.c_str());
                run(pool, settings, ready);
            });
            isReady.wait();
        } catch (...) {
            ::close(m_stop);
            throw;
        }
    }
    ~WorkerThread()
    {
        quit();
        m_thread.join();
        ::close(m_stop);
    }
    WorkerThread(const WorkerThread &) = delete;
    WorkerThread &operator=(const WorkerThread &) = delete;

    /// Asks it to drain and to end; the destructor waits for that. Idempotent.
    void quit() { eventfd_write(m_stop, 1); }

private:
    void run(const ReceiverPool &pool, const ReceiverSettings &settings, std::promise<void> &ready) const
    {
        QEventLoop loop; // first: notifiers and timers need its event dispatcher
        // By a descriptor of ours: no object of this thread is touched by another one.
        QSocketNotifier stop(m_stop, QSocketNotifier::Read);
        QObject::connect(&stop, &QSocketNotifier::activated, &loop, [this, &loop] {
            eventfd_t count = 0;
            eventfd_read(m_stop, &count);
            loop.quit();
        });
        Worker worker(pool, settings);
        ready.set_value();
        loop.exec();
        worker.drain();
    }

    const int m_stop; ///< an eventfd
    std::thread m_thread;
};

ReceiverPool::ReceiverPool(const TextGate &gate, AppModel &model, ProxyCounters &counters)
    : m_gate(gate)
    , m_model(model)
    , m_counters(counters)
{
}

ReceiverPool::~ReceiverPool()
{
    stop();
}

QString ReceiverPool::start(const Settings &settings, int maxConnections)
{
    const Settings::Receiver &receiver = settings.receiver;
    if (receiver.receiveOnUnixSocket) {
        ListenResult result = listenOnUnix({receiver.unixSocketPath, receiver.unixSocketUser,
                                            receiver.unixSocketGroup, receiver.unixSocketMode});
        if (!result.socket)
            return result.error;
        m_unixSocket = std::move(result.socket);
        m_unixTurn = std::make_unique<AcceptTurn>(m_unixSocket->descriptor());
    }
    if (receiver.receiveOnTcpSocket) {
        ListenResult result = listenOnTcp(receiver.tcpSocket);
        if (!result.socket)
            return result.error;
        m_tcpSocket = std::move(result.socket);
        m_tcpTurn = std::make_unique<AcceptTurn>(m_tcpSocket->descriptor());
    }

    // More threads than connections would have nothing to do, and a share of none.
    const int workers = qMin(settings.exporter.workerThreads, maxConnections);
    ReceiverSettings common;
    common.format = receiver.format;
    common.limits = {.maxMessageSize = settings.limits.maxMessageSize, .maxApps = settings.limits.maxApps};
    common.messageTimeout = receiver.messageTimeout;
    // Each thread has its share: what one has to spare another cannot use, but the cap of all holds without a
    // lock.
    common.maxConnections = qMax(1, maxConnections / qMax(1, workers));
    if (workers == 0)
        m_ownWorker = std::make_unique<Worker>(*this, common);
    try {
        for (int i = 0; i < workers; ++i)
            m_threads.push_back(std::make_unique<WorkerThread>(*this, common, i + 1));
    } catch (const std::system_error &failure) {
        return QStringLiteral("cannot start thread %1 of exporter.worker_threads = %2: %3")
            .arg(m_threads.size() + 1)
            .arg(workers)
            .arg(QString::fromLocal8Bit(failure.code().message().c_str()).toLower());
    }
    return {};
}

void ReceiverPool::stop()
{
    if (m_ownWorker)
        m_ownWorker->drain();
    m_ownWorker.reset();
    for (const auto &thread : m_threads)
        thread->quit(); // all at once, so that they drain side by side
    m_threads.clear();
    m_unixSocket.reset();
    m_tcpSocket.reset();
}

QByteArrayList ReceiverPool::names() const
{
    QByteArrayList names;
    for (const ListenSocket *socket : {m_unixSocket.get(), m_tcpSocket.get()}) {
        if (socket)
            names << socket->name();
    }
    return names;
}

} // namespace ExporterProxy
