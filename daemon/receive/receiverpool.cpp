// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/receiverpool.h"

#include "common/util/errortext.h"

#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <future>
#include <optional>
#include <pthread.h>
#include <QEventLoop>
#include <string>
#include <system_error>
#include <thread>

namespace ExporterProxy {

namespace {

constexpr char Stopping[] = "the daemon stops";
constexpr char Moving[] = "the daemon no longer receives here";

UnixSocketOptions unixOptions(const Settings::Receiver &receiver)
{
    return {receiver.unixSocketPath, receiver.unixSocketUser, receiver.unixSocketGroup,
            receiver.unixSocketMode};
}

bool needsNewUnixSocket(const Settings::Receiver &from, const Settings::Receiver &to)
{
    return to.receiveOnUnixSocket && (!from.receiveOnUnixSocket || from.unixSocketPath != to.unixSocketPath);
}

bool needsNewTcpSocket(const Settings::Receiver &from, const Settings::Receiver &to)
{
    return to.receiveOnTcpSocket && (!from.receiveOnTcpSocket || from.tcpSocket != to.tcpSocket);
}

} // namespace

/// The receivers of one thread. Must be made, used and destroyed on it.
class ReceiverPool::Worker
{
public:
    /// `seat` counts the threads from 0. The set must outlive it.
    Worker(ReceiverPool &pool, ConnectionSet &set, const ReceiverSettings &common, std::size_t seat)
        : m_pool(pool)
        , m_set(set)
        , m_seat(seat)
    {
        listen(common, true, true);
    }

    /// Receives on the pool's sockets, whichever there are, with new receivers where `unixSocket` and
    /// `tcpSocket` say so.
    void listen(ReceiverSettings settings, bool unixSocket, bool tcpSocket)
    {
        if (unixSocket && m_pool.m_unix.socket) {
            settings.source = m_pool.m_unix.socket->name();
            m_local.emplace(m_set, std::move(m_pool.m_unix.descriptors[m_seat]),
                            m_pool.m_unix.socket->outlivesProcess(), settings, m_pool.m_intake,
                            m_pool.m_counters.unixSocket);
        }
        if (tcpSocket && m_pool.m_tcp.socket) {
            settings.source = m_pool.m_tcp.socket->name();
            m_tcp.emplace(m_set, std::move(m_pool.m_tcp.descriptors[m_seat]), settings, m_pool.m_intake,
                          m_pool.m_counters.tcpSocket);
        }
    }

    void setSettings(const ReceiverSettings &settings)
    {
        if (m_local)
            m_local->door().setSettings(settings);
        if (m_tcp)
            m_tcp->door().setSettings(settings);
    }

    /// Stores what has been sent to these, and receives there no longer.
    void leave(bool unixSocket, bool tcpSocket, const QByteArray &why)
    {
        if (unixSocket && m_local)
            m_local->door().drain(why, m_pool.m_unix.socket->outlivesProcess());
        if (tcpSocket && m_tcp)
            m_tcp->door().drain(why, m_pool.m_tcp.socket->outlivesProcess());
        if (unixSocket)
            m_local.reset();
        if (tcpSocket)
            m_tcp.reset();
    }

private:
    ReceiverPool &m_pool;
    ConnectionSet &m_set;
    const std::size_t m_seat;
    std::optional<LocalReceiver> m_local;
    std::optional<TcpReceiver> m_tcp;
};

/// A thread that does nothing but receive: it waits in its own set of connections. Not a QThread, whose
/// wait() returns while the thread is still taking itself apart, so that it would run beside the end of the
/// process; and a thread that cannot be created would be only a line in the log, after which nobody accepts.
class ReceiverPool::WorkerThread
{
public:
    using Task = std::function<void(Worker &)>;

    /// Receives from its return on. Throws std::system_error if threads have run out.
    WorkerThread(ReceiverPool &pool, std::unique_ptr<ConnectionSet> set, const ReceiverSettings &settings,
                 int number)
        : m_set(std::move(set))
    {
        std::promise<void> ready;
        const std::future<void> isReady = ready.get_future();
        m_thread = std::thread([this, &pool, &settings, number, ready = std::move(ready)]() mutable {
            const std::string name = "receiver " + std::to_string(number);
            pthread_setname_np(pthread_self(), name.c_str());
            const QEventLoop
                dispatcher; // never runs: QTcpServer wants the thread to have an event dispatcher
            Worker worker(pool, *m_set, settings, std::size_t(number - 1));
            m_worker = &worker;
            ready.set_value();
            m_set->run();
            worker.leave(true, true, Stopping);
        });
        isReady.wait();
    }
    ~WorkerThread()
    {
        quit();
        m_thread.join();
    }
    WorkerThread(const WorkerThread &) = delete;
    WorkerThread &operator=(const WorkerThread &) = delete;

    /// Has it do something between two turns; the future tells when it has.
    [[nodiscard]] std::future<void> call(Task task)
    {
        auto packaged =
            std::make_shared<std::packaged_task<void()>>([this, task = std::move(task)] { task(*m_worker); });
        std::future<void> done = packaged->get_future();
        m_set->post([packaged] { (*packaged)(); });
        return done;
    }

    /// Asks it to drain and to end; the destructor waits for that. Idempotent.
    void quit() { m_set->quit(); }

private:
    const std::unique_ptr<ConnectionSet> m_set;
    Worker *m_worker = nullptr; ///< set before the constructor returns
    std::thread m_thread;
};

ReceiverPool::ReceiverPool(const Intake &intake, PendingBytes &pending, ProxyCounters &counters,
                           ConnectionSet &mainSet, const InheritedSockets &inherited)
    : m_intake(intake)
    , m_pending(pending)
    , m_counters(counters)
    , m_mainSet(mainSet)
    , m_inherited(inherited)
{
}

ReceiverPool::~ReceiverPool()
{
    stop();
}

ReceiverSettings ReceiverPool::commonSettings(const Settings &settings) const
{
    ReceiverSettings common;
    common.format = settings.receiver.format;
    common.limits = {.maxMessageSize = settings.limits.maxMessageSize, .maxApps = settings.limits.maxApps};
    common.messageTimeout = settings.receiver.messageTimeout;
    common.maxConnections = m_connectionsEach;
    common.answersAlways = settings.receiver.answer == PushAnswer::Always;
    return common;
}

Result<> ReceiverPool::start(const Settings &settings, int maxConnections)
{
    m_settings.receiveOnUnixSocket = m_settings.receiveOnTcpSocket = false;
    // More threads than connections would have nothing to do, and a share of none.
    const int workers = qMin(settings.exporter.workerThreads, maxConnections);
    m_seats = std::size_t(qMax(1, workers));
    Result<NewSockets> sockets = openSockets(settings);
    if (!sockets)
        return sockets.failure();
    m_unix = std::move(sockets.value().unixSocket);
    m_tcp = std::move(sockets.value().tcpSocket);
    m_settings = settings.receiver;

    // Each thread has its share: what one has to spare another cannot use, but the cap of all holds without a
    // lock.
    m_connectionsEach = qMax(1, maxConnections / qMax(1, workers));
    const ReceiverSettings common = commonSettings(settings);
    if (workers == 0)
        m_ownWorker = std::make_unique<Worker>(*this, m_mainSet, common, 0);
    try {
        for (int i = 0; i < workers; ++i) {
            Result<std::unique_ptr<ConnectionSet>> set = ConnectionSet::create(m_pending);
            if (!set)
                return set.failure();
            m_threads.push_back(std::make_unique<WorkerThread>(*this, set.take(), common, i + 1));
        }
    } catch (const std::system_error &error) {
        return Failure{QStringLiteral("cannot start thread %1 of exporter.worker_threads = %2: %3")
                           .arg(m_threads.size() + 1)
                           .arg(workers)
                           .arg(errorText(error.code().value()))};
    }
    return {};
}

Result<ReceiverPool::NewSockets> ReceiverPool::openSockets(const Settings &settings) const
{
    const Settings::Receiver &wanted = settings.receiver;
    NewSockets opened;
    if (needsNewUnixSocket(m_settings, wanted)) {
        Result<OpenSocket> made = prepare(m_inherited.onUnix(wanted.unixSocketPath),
                                          [&] { return listenOnUnix(unixOptions(wanted)); });
        if (!made)
            return made.failure();
        opened.unixSocket = made.take();
    }
    if (needsNewTcpSocket(m_settings, wanted)) {
        Result<OpenSocket> made = prepare(m_inherited.onTcp(wanted.tcpSocket),
                                          [&] { return listenOnTcp(wanted.tcpSocket, FirstWord::AtOnce); });
        if (!made)
            return made.failure();
        opened.tcpSocket = made.take();
    }
    return opened;
}

/// Takes the socket, or else one that `listen` makes, and what the receivers will need, because here it can
/// still fail without harm: when they are made, those before them are gone.
Result<ReceiverPool::OpenSocket>
ReceiverPool::prepare(std::unique_ptr<ListenSocket> socket,
                      const std::function<Result<std::unique_ptr<ListenSocket>>()> &listen) const
{
    if (!socket) {
        Result<std::unique_ptr<ListenSocket>> made = listen();
        if (!made)
            return made.failure();
        socket = made.take();
    }
    OpenSocket opened{std::move(socket), std::vector<Descriptor>(m_seats)};
    for (Descriptor &descriptor : opened.descriptors) {
        descriptor = Descriptor(fcntl(opened.socket->descriptor(), F_DUPFD_CLOEXEC, 0));
        if (!descriptor.isOpen())
            return Failure{QStringLiteral("cannot receive on %1: %2")
                               .arg(QString::fromUtf8(opened.socket->name()), errorText(errno))};
    }
    return opened;
}

Result<> ReceiverPool::changePermissions(const Settings &settings)
{
    const Settings::Receiver &wanted = settings.receiver;
    const bool isSame = m_settings.unixSocketUser == wanted.unixSocketUser
        && m_settings.unixSocketGroup == wanted.unixSocketGroup
        && m_settings.unixSocketMode == wanted.unixSocketMode;
    if (isSame || !m_unix.socket || !wanted.receiveOnUnixSocket || needsNewUnixSocket(m_settings, wanted))
        return {};
    return m_unix.socket->changePermissions(unixOptions(wanted));
}

void ReceiverPool::change(const Settings &settings, NewSockets sockets)
{
    const Settings::Receiver &wanted = settings.receiver;
    const bool newUnix = sockets.unixSocket.socket || (m_unix.socket && !wanted.receiveOnUnixSocket);
    const bool newTcp = sockets.tcpSocket.socket || (m_tcp.socket && !wanted.receiveOnTcpSocket);
    const ReceiverSettings common = commonSettings(settings);
    const auto everyWorker = [this](const WorkerThread::Task &task) {
        if (m_ownWorker)
            task(*m_ownWorker);
        std::vector<std::future<void>> pending; // all at once, so that they work side by side
        for (const auto &thread : m_threads)
            pending.push_back(thread->call(task));
        for (const std::future<void> &done : pending)
            done.wait();
    };
    if (newUnix && m_unix.socket)
        m_unix.socket->refuseNew();
    if (newTcp && m_tcp.socket)
        m_tcp.socket->refuseNew();
    everyWorker([newUnix, newTcp, &common](Worker &worker) {
        worker.leave(newUnix, newTcp, Moving);
        worker.setSettings(common);
    });
    // Nobody uses the old sockets any more.
    if (newUnix)
        m_unix = std::move(sockets.unixSocket);
    if (newTcp)
        m_tcp = std::move(sockets.tcpSocket);
    m_settings = wanted;
    if (newUnix || newTcp)
        everyWorker([newUnix, newTcp, &common](Worker &worker) { worker.listen(common, newUnix, newTcp); });
}

void ReceiverPool::stop()
{
    for (const OpenSocket *listening : {&m_unix, &m_tcp}) {
        if (listening->socket)
            listening->socket->refuseNew(); // so that nobody comes after the last look at the queue
    }
    if (m_ownWorker)
        m_ownWorker->leave(true, true, Stopping);
    m_ownWorker.reset();
    for (const auto &thread : m_threads)
        thread->quit(); // all at once, so that they drain side by side
    m_threads.clear();
    m_unix = {};
    m_tcp = {};
}

QByteArrayList ReceiverPool::names() const
{
    QByteArrayList names;
    for (const OpenSocket *listening : {&m_unix, &m_tcp}) {
        if (listening->socket)
            names << listening->socket->name();
    }
    return names;
}

} // namespace ExporterProxy
