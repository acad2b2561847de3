// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/receiverpool.h"

#include <atomic>
#include <cerrno>
#include <functional>
#include <future>
#include <mutex>
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
    /// `seat` counts the threads from 0.
    Worker(ReceiverPool &pool, const ReceiverSettings &common, std::size_t seat)
        : m_pool(pool)
        , m_seat(seat)
    {
        listen(common, true, true);
    }

    /// Receives on the pool's sockets, whichever there are, with new receivers where `unixSocket` and
    /// `tcpSocket` say so.
    void listen(const ReceiverSettings &common, bool unixSocket, bool tcpSocket)
    {
        if (unixSocket)
            receive(m_local, m_pool.m_unix, common, m_pool.m_counters.unixSocket);
        if (tcpSocket)
            receive(m_tcp, m_pool.m_tcp, common, m_pool.m_counters.tcpSocket);
    }

    void setSettings(const ReceiverSettings &settings)
    {
        if (m_local)
            m_local->setSettings(settings);
        if (m_tcp)
            m_tcp->setSettings(settings);
    }

    /// Takes in what has been sent to these, and receives there no longer.
    void leave(bool unixSocket, bool tcpSocket, const QByteArray &why)
    {
        if (unixSocket && m_local)
            m_local->drain(why);
        if (tcpSocket && m_tcp)
            m_tcp->drain(why);
        if (unixSocket)
            m_local.reset();
        if (tcpSocket)
            m_tcp.reset();
    }

private:
    template<typename Receiver>
    void receive(std::optional<Receiver> &receiver, Listening &listening, const ReceiverSettings &common,
                 ReceiverCounters &counters)
    {
        if (!listening.socket)
            return;
        ReceiverSettings own = common;
        own.source = listening.socket->name();
        receiver.emplace(*listening.turn, std::move(listening.descriptors[m_seat]), own, m_pool.m_gate,
                         m_pool.m_model, counters);
    }

    ReceiverPool &m_pool;
    const std::size_t m_seat;
    std::optional<LocalReceiver> m_local;
    std::optional<TcpReceiver> m_tcp;
};

/// A thread with receivers of its own and their event loop. Not a QThread: QThread::wait() returns while the
/// thread is still taking itself apart, so that it would run beside the end of the process; and a thread that
/// cannot be created is only a line in the log, after which nobody accepts.
class ReceiverPool::WorkerThread
{
public:
    using Task = std::function<void(Worker &)>;

    /// Receives from its return on. Throws std::system_error if threads or descriptors have run out.
    WorkerThread(ReceiverPool &pool, const ReceiverSettings &settings, int number)
        : m_wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    {
        if (m_wake < 0)
            throw std::system_error(errno, std::generic_category());
        try {
            std::promise<void> ready;
            const std::future<void> isReady = ready.get_future();
            m_thread = std::thread([this, &pool, &settings, number, ready = std::move(ready)]() mutable {
                const std::string name = "receiver " + std::to_string(number);
                pthread_setname_np(pthread_self(), name.c_str());
                run(pool, settings, std::size_t(number - 1), ready);
            });
            isReady.wait();
        } catch (...) {
            ::close(m_wake);
            throw;
        }
    }
    ~WorkerThread()
    {
        quit();
        m_thread.join();
        ::close(m_wake);
    }
    WorkerThread(const WorkerThread &) = delete;
    WorkerThread &operator=(const WorkerThread &) = delete;

    /// Has it do something between two events; `done` tells when it has.
    [[nodiscard]] std::future<void> call(Task task)
    {
        std::packaged_task<void(Worker &)> packaged(std::move(task));
        std::future<void> done = packaged.get_future();
        {
            const std::lock_guard lock(m_mutex);
            m_tasks.push_back(std::move(packaged));
        }
        eventfd_write(m_wake, 1);
        return done;
    }

    /// Asks it to drain and to end; the destructor waits for that. Idempotent.
    void quit()
    {
        m_quit = true;
        eventfd_write(m_wake, 1);
    }

private:
    void run(ReceiverPool &pool, const ReceiverSettings &settings, std::size_t seat,
             std::promise<void> &ready)
    {
        QEventLoop loop; // first: notifiers and timers need its event dispatcher
        Worker worker(pool, settings, seat);
        // By a descriptor of ours: no object of this thread is touched by another one.
        QSocketNotifier wake(m_wake, QSocketNotifier::Read);
        QObject::connect(&wake, &QSocketNotifier::activated, &loop, [this, &loop, &worker] {
            eventfd_t count = 0;
            eventfd_read(m_wake, &count);
            std::vector<std::packaged_task<void(Worker &)>> tasks;
            {
                const std::lock_guard lock(m_mutex);
                tasks.swap(m_tasks);
            }
            for (auto &task : tasks)
                task(worker);
            if (m_quit)
                loop.quit();
        });
        ready.set_value();
        loop.exec();
        worker.leave(true, true, Stopping);
    }

    const int m_wake; ///< an eventfd: there is a task, or it is to end
    std::atomic<bool> m_quit{false};
    std::mutex m_mutex;
    std::vector<std::packaged_task<void(Worker &)>> m_tasks; ///< under the mutex
    std::thread m_thread;
};

ReceiverPool::ReceiverPool(const TextGate &gate, AppModel &model, ProxyCounters &counters,
                           const InheritedSockets &inherited)
    : m_gate(gate)
    , m_model(model)
    , m_counters(counters)
    , m_inherited(inherited)
{
}

ReceiverPool::~ReceiverPool()
{
    stop();
}

void ReceiverPool::Listening::take(NewSocket opened)
{
    turn.reset();
    descriptors = std::move(opened.descriptors);
    socket = std::move(opened.socket);
    if (socket)
        turn = std::make_unique<AcceptTurn>(socket->descriptor(), socket->outlivesProcess());
}

ReceiverSettings ReceiverPool::commonSettings(const Settings &settings) const
{
    ReceiverSettings common;
    common.format = settings.receiver.format;
    common.limits = {.maxMessageSize = settings.limits.maxMessageSize, .maxApps = settings.limits.maxApps};
    common.messageTimeout = settings.receiver.messageTimeout;
    common.maxConnections = m_connectionsEach;
    return common;
}

QString ReceiverPool::start(const Settings &settings, int maxConnections)
{
    m_settings.receiveOnUnixSocket = m_settings.receiveOnTcpSocket = false;
    // More threads than connections would have nothing to do, and a share of none.
    const int workers = qMin(settings.exporter.workerThreads, maxConnections);
    m_seats = std::size_t(qMax(1, workers));
    NewSockets sockets = openSockets(settings);
    if (!sockets.error.isEmpty())
        return sockets.error;
    m_unix.take(std::move(sockets.unixSocket));
    m_tcp.take(std::move(sockets.tcpSocket));
    m_settings = settings.receiver;

    // Each thread has its share: what one has to spare another cannot use, but the cap of all holds without a
    // lock.
    m_connectionsEach = qMax(1, maxConnections / qMax(1, workers));
    const ReceiverSettings common = commonSettings(settings);
    if (workers == 0)
        m_ownWorker = std::make_unique<Worker>(*this, common, 0);
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

ReceiverPool::NewSockets ReceiverPool::openSockets(const Settings &settings) const
{
    const Settings::Receiver &wanted = settings.receiver;
    NewSockets opened;
    if (needsNewUnixSocket(m_settings, wanted)) {
        ListenResult result{m_inherited.onUnix(wanted.unixSocketPath), {}};
        if (!result.socket)
            result = listenOnUnix(unixOptions(wanted));
        if (!result.socket)
            return {{}, {}, result.error};
        opened.unixSocket.socket = std::move(result.socket);
    }
    if (needsNewTcpSocket(m_settings, wanted)) {
        ListenResult result{m_inherited.onTcp(wanted.tcpSocket), {}};
        if (!result.socket)
            result = listenOnTcp(wanted.tcpSocket);
        if (!result.socket)
            return {{}, {}, result.error};
        opened.tcpSocket.socket = std::move(result.socket);
    }
    for (NewSocket *each : {&opened.unixSocket, &opened.tcpSocket}) {
        if (const QString error = prepare(*each); !error.isEmpty())
            return {{}, {}, error};
    }
    return opened;
}

/// Takes here what the receivers will need, because here it can still fail without harm: when they are made,
/// those before them are gone.
QString ReceiverPool::prepare(NewSocket &opened) const
{
    if (!opened.socket)
        return {};
    opened.descriptors.resize(m_seats);
    for (ReceiverDescriptors &descriptors : opened.descriptors) {
        if (!descriptors.open(opened.socket->descriptor()))
            return QStringLiteral("cannot receive on %1: %2")
                .arg(QString::fromUtf8(opened.socket->name()), qt_error_string(errno));
    }
    return {};
}

QString ReceiverPool::changePermissions(const Settings &settings)
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
    everyWorker([newUnix, newTcp, &common](Worker &worker) {
        worker.leave(newUnix, newTcp, Moving);
        worker.setSettings(common);
    });
    // Nobody uses the old sockets any more.
    if (newUnix)
        m_unix.take(std::move(sockets.unixSocket));
    if (newTcp)
        m_tcp.take(std::move(sockets.tcpSocket));
    m_settings = wanted;
    if (newUnix || newTcp)
        everyWorker([newUnix, newTcp, &common](Worker &worker) { worker.listen(common, newUnix, newTcp); });
}

void ReceiverPool::stop()
{
    if (m_ownWorker)
        m_ownWorker->leave(true, true, Stopping);
    m_ownWorker.reset();
    for (const auto &thread : m_threads)
        thread->quit(); // all at once, so that they drain side by side
    m_threads.clear();
    m_unix.take({});
    m_tcp.take({});
}

QByteArrayList ReceiverPool::names() const
{
    QByteArrayList names;
    for (const Listening *listening : {&m_unix, &m_tcp}) {
        if (listening->socket)
            names << listening->socket->name();
    }
    return names;
}

} // namespace ExporterProxy
