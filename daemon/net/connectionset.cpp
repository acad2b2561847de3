// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/net/connectionset.h"

#include "common/util/errortext.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <QSocketNotifier>
#include <QTimer>
#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace ExporterProxy {

using namespace std::chrono_literals;

namespace {

/// Events that are fetched at once.
constexpr int EventBatch = 256;

/// Events that are fetched in one turn: all that are ready, as long as they are fewer than the connections of
/// two full doors. Who is ready and has not been fetched would wait for others than the scheduler knows of.
constexpr int MaxEventsATurn = 4096;

/// Deadlines are seconds: a wake-up for several of them is worth more than to be exact.
constexpr auto SweepResolution = 20ms;

/// An event's pointer is that of its connection, or that of its door with this bit, or null for the eventfd.
constexpr quintptr DoorBit = 1;

} // namespace

struct ConnectionSet::EventLoopDriver
{
    EventLoopDriver(ConnectionSet &set, int epoll)
        : notifier(epoll, QSocketNotifier::Read)
    {
        sweepTimer.setSingleShot(true);
        turnTimer.setSingleShot(true);
        turnTimer.setInterval(0);
        const auto turn = [&set] { set.turn(); };
        QObject::connect(&notifier, &QSocketNotifier::activated, &notifier, turn);
        QObject::connect(&sweepTimer, &QTimer::timeout, &sweepTimer, turn);
        QObject::connect(&turnTimer, &QTimer::timeout, &turnTimer, turn);
    }

    QSocketNotifier notifier;
    QTimer sweepTimer; ///< runs only while a deadline is pending: an idle daemon does not wake up
    QTimer turnTimer; ///< runs while jobs wait that no descriptor announces
    Clock::time_point sweepAt = Clock::time_point::max();
};

Result<std::unique_ptr<ConnectionSet>> ConnectionSet::create(PendingBytes &pending)
{
    Descriptor epoll(epoll_create1(EPOLL_CLOEXEC));
    Descriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr;
    if (!epoll.isOpen() || !wake.isOpen() || epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake.get(), &event) != 0)
        return Failure{QStringLiteral("cannot watch connections: %1").arg(errorText(errno))};
    return std::unique_ptr<ConnectionSet>(new ConnectionSet(std::move(epoll), std::move(wake), pending));
}

ConnectionSet::ConnectionSet(Descriptor epoll, Descriptor wakeDescriptor, PendingBytes &pending)
    : m_epoll(std::move(epoll))
    , m_wake(std::move(wakeDescriptor))
    , m_memory(pending, [this] { wake(); })
{
}

ConnectionSet::~ConnectionSet()
{
    Q_ASSERT(m_doors.empty());
}

void ConnectionSet::joinEventLoop()
{
    m_driver = std::make_unique<EventLoopDriver>(*this, m_epoll.get());
}

void ConnectionSet::run()
{
    while (!m_quit) {
        int wait = -1;
        if (m_scheduler.isBusy()) {
            wait = 0;
        } else if (const Clock::time_point next = nextDeadline(); next != Clock::time_point::max()) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
            wait = int(std::clamp<std::chrono::milliseconds>(left, SweepResolution, 1h).count());
        }
        turn(wait);
    }
}

void ConnectionSet::quit()
{
    post([this] { m_quit = true; });
}

void ConnectionSet::post(std::function<void()> task)
{
    {
        const std::lock_guard lock(m_mutex);
        m_tasks.push_back(std::move(task));
    }
    wake();
}

void ConnectionSet::wake()
{
    eventfd_write(m_wake.get(), 1);
}

void ConnectionSet::doTasks()
{
    eventfd_t count = 0;
    eventfd_read(m_wake.get(), &count);
    std::vector<std::function<void()>> tasks;
    {
        const std::lock_guard lock(m_mutex);
        tasks.swap(m_tasks);
    }
    for (const std::function<void()> &task : tasks)
        task();
}

/// Queues the connections that are ready. Returns whether the eventfd is.
bool ConnectionSet::fetchReady(int waitMilliseconds)
{
    std::array<epoll_event, EventBatch> events;
    bool isWoken = false;
    for (int fetched = 0; fetched < MaxEventsATurn; waitMilliseconds = 0) {
        const int count = epoll_wait(m_epoll.get(), events.data(), EventBatch, waitMilliseconds);
        bool isNew = false;
        for (int i = 0; i < count; ++i) {
            const auto target = reinterpret_cast<quintptr>(events[std::size_t(i)].data.ptr);
            if (target == 0) {
                isWoken = true;
            } else if (target & DoorBit) {
                reinterpret_cast<Door *>(target & ~DoorBit)->m_mayAccept = true;
            } else if (auto *connection = reinterpret_cast<Connection *>(target); !connection->m_isQueued) {
                queue(*connection, connection->work());
                isNew = true;
            }
        }
        if (count < EventBatch || !isNew)
            break; // what is ready is reported again and again
        fetched += count;
    }
    return isWoken;
}

void ConnectionSet::turn(int waitMilliseconds)
{
    const bool isWoken = fetchReady(waitMilliseconds);
    Clock::time_point now = Clock::now();
    m_scheduler.beginTurn(now);
    for (;;) {
        const Scheduler::Job job = m_scheduler.next(now);
        if (!job.connection)
            break;
        job.connection->m_isQueued = false;
        if (job.connection->isOpen())
            run(*job.connection, job.kind, now);
        else
            m_scheduler.note(*job.connection, job.kind, {});
        if (m_memory.isExceeded())
            break; // another holder has to make room; it may be one of this thread
    }
    // Last, so that room made by the jobs above is used.
    for (Door *door : m_doors) {
        if (std::exchange(door->m_mayAccept, false))
            door->acceptPending(now);
    }
    recycleClosed();
    sweep(Clock::now());
    if (isWoken)
        doTasks();
    scheduleNextTurn();
}

void ConnectionSet::handleWaiting(Clock::time_point until)
{
    pollfd epoll{m_epoll.get(), POLLIN, 0};
    while (Clock::now() < until && (m_scheduler.isBusy() || ::poll(&epoll, 1, 0) > 0))
        turn();
}

bool ConnectionSet::waitAndHandle(Clock::time_point until)
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd epoll{m_epoll.get(), POLLIN, 0};
    if (left <= 0 || (!m_scheduler.isBusy() && ::poll(&epoll, 1, int(left)) <= 0))
        return false;
    turn();
    return true;
}

void ConnectionSet::run(Connection &connection, Work kind, Clock::time_point &now)
{
    m_running = &connection;
    connection.proceed(now);
    m_running = nullptr;
    const Clock::time_point end = Clock::now();
    m_scheduler.note(connection, kind, end - now);
    now = end;
    if (const std::optional<Work> next = std::exchange(m_next, std::nullopt); next && connection.isOpen())
        queue(connection, *next);
    connection.updateWatch();
}

void ConnectionSet::queue(Connection &connection, Work kind)
{
    if (&connection == m_running) {
        m_next = kind;
        return;
    }
    if (std::exchange(connection.m_isQueued, true))
        return;
    connection.m_door.identify(connection);
    m_scheduler.enqueue(connection, kind);
}

/// Watches the events that the connection wants, if they are others than those that are watched.
void ConnectionSet::updateWatch(Connection &connection)
{
    const quint32 wanted = connection.m_wanted;
    if (connection.m_watched == wanted)
        return;
    epoll_event event{};
    event.events = wanted & ~Connection::InSet;
    event.data.ptr = &connection;
    const int operation = connection.m_watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (epoll_ctl(m_epoll.get(), operation, connection.m_channel.descriptor(), &event) == 0) {
        connection.m_watched = wanted;
        return;
    }
    connection.m_door.logWarning("cannot watch a connection on " + connection.m_door.name() + ": "
                                     + errorText(errno).toUtf8(),
                                 Clock::now());
    connection.close();
}

bool ConnectionSet::watchListener(Door &door, int listener)
{
    epoll_event event{};
    // Of several threads that wait, one is woken for each connection: were all to be, for a small push the
    // needless wake-ups would cost more than the push.
    event.events = EPOLLIN | EPOLLEXCLUSIVE;
    event.data.ptr = reinterpret_cast<void *>(reinterpret_cast<quintptr>(&door) | DoorBit);
    return epoll_ctl(m_epoll.get(), EPOLL_CTL_ADD, listener, &event) == 0;
}

void ConnectionSet::unwatchListener(int listener)
{
    epoll_ctl(m_epoll.get(), EPOLL_CTL_DEL, listener, nullptr);
}

void ConnectionSet::add(Door &door)
{
    m_doors.push_back(&door);
    m_memory.watch(door.deadlines());
}

void ConnectionSet::remove(Door &door)
{
    m_memory.forget(door.deadlines());
    std::erase(m_doors, &door);
    const auto isOfDoor = [&door](const Connection *connection) { return &connection->m_door == &door; };
    m_scheduler.eraseIf(isOfDoor);
    std::erase_if(m_closed, [&](const auto &connection) { return isOfDoor(connection.get()); });
}

void ConnectionSet::keepUntilEndOfTurn(std::unique_ptr<Connection> connection)
{
    m_closed.push_back(std::move(connection));
}

void ConnectionSet::recycleClosed()
{
    for (std::unique_ptr<Connection> &connection : m_closed) {
        if (connection->m_isQueued)
            continue; // its job finds it closed
        connection->m_door.forget(*connection);
        connection->m_peer = nullptr;
        connection->m_door.recycle(std::move(connection));
    }
    std::erase(m_closed, nullptr);
}

void ConnectionSet::sweep(Clock::time_point now)
{
    m_memory.update(now);
    if (now < nextDeadline())
        return;
    for (Door *door : m_doors)
        door->sweep(now);
}

ConnectionSet::Clock::time_point ConnectionSet::nextDeadline() const
{
    Clock::time_point next = m_memory.nextUpdate();
    for (const Door *door : m_doors)
        next = std::min(next, door->nextDeadline());
    return next;
}

void ConnectionSet::scheduleNextTurn()
{
    if (!m_driver)
        return;
    if (m_scheduler.isBusy() && !m_driver->turnTimer.isActive())
        m_driver->turnTimer.start();
    const Clock::time_point next = nextDeadline();
    if (next == Clock::time_point::max() || (m_driver->sweepTimer.isActive() && m_driver->sweepAt <= next))
        return; // a timer that fires in vain is cheaper than one that is set for each push
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
    m_driver->sweepAt = next;
    m_driver->sweepTimer.start(std::clamp<std::chrono::milliseconds>(left, SweepResolution, 1h));
}

} // namespace ExporterProxy
