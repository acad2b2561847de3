// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/result.h"
#include "daemon/net/connectionmemory.h"
#include "daemon/net/door.h"
#include "daemon/net/scheduler.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace ExporterProxy {

/// All connections of one thread, whatever is said on them.
///
/// All descriptors sit in one epoll set: Qt's dispatchers poll(2), whose cost grows with each descriptor that
/// is watched, and thousands of idle connections would slow every push. On the main thread Qt's loop watches
/// the set's own descriptor through one QSocketNotifier; a thread that has nothing else to do waits in the
/// set itself. A message that has arrived by the time its connection is accepted never enters the set at all.
///
/// One thread, but for post() and quit().
class ConnectionSet
{
public:
    using Clock = Connection::Clock;

    /// `pending` is what the connections' memory counts towards, and must outlive the set.
    static Result<std::unique_ptr<ConnectionSet>> create(PendingBytes &pending);
    ~ConnectionSet();
    ConnectionSet(const ConnectionSet &) = delete;
    ConnectionSet &operator=(const ConnectionSet &) = delete;

    /// Has Qt's event loop of this thread give the set its turns, from now on.
    void joinEventLoop();

    /// Gives the set its turns, in place of an event loop, until quit().
    void run();
    /// Any thread.
    void quit();

    /// Has the task done on the set's thread, in its next turn. Any thread.
    void post(std::function<void()> task);

    /// Handles what is ready, for a turn's time at most. Waits up to `waitMilliseconds` for something to be
    /// ready; -1: for as long as it takes.
    void turn(int waitMilliseconds = 0);

    /// Has turns until nothing is ready or that moment has come.
    void handleWaiting(Clock::time_point until);

    /// Waits for something to be ready, and has a turn. Returns false if nothing was by then.
    bool waitAndHandle(Clock::time_point until);

    ConnectionMemory &memory() { return m_memory; }
    const Scheduler &scheduler() const { return m_scheduler; }

private:
    friend class Connection;
    friend class Door;

    /// What has Qt's event loop call turn().
    struct EventLoopDriver;

    ConnectionSet(Descriptor epoll, Descriptor wake, PendingBytes &pending);

    // For doors and connections:
    void add(Door &door);
    void remove(Door &door);
    bool watchListener(Door &door, int listener);
    void unwatchListener(int listener);
    void beginTurn(Clock::time_point now) { m_scheduler.beginTurn(now); }
    void run(Connection &connection, Work kind, Clock::time_point &now);
    /// Queues it, or has it queued as soon as its job is done.
    void queue(Connection &connection, Work kind);
    bool fetchReady(int waitMilliseconds);
    void updateWatch(Connection &connection);
    void keepUntilEndOfTurn(std::unique_ptr<Connection> connection);

    void wake();
    void doTasks();
    void recycleClosed();
    void sweep(Clock::time_point now);
    Clock::time_point nextDeadline() const;
    void scheduleNextTurn();

    const Descriptor m_epoll;
    const Descriptor m_wake; ///< an eventfd: a task was posted, or memory is needed
    Scheduler m_scheduler;
    ConnectionMemory m_memory;
    std::vector<Door *> m_doors;
    const Connection *m_running = nullptr; ///< whose job is being done
    std::optional<Work> m_next; ///< that it has to be queued for
    std::vector<std::unique_ptr<Connection>> m_closed; ///< an event or a job may still point to them
    std::mutex m_mutex;
    std::vector<std::function<void()>> m_tasks; ///< under the mutex
    bool m_quit = false;
    std::unique_ptr<EventLoopDriver> m_driver; ///< null: the thread waits in run()
};

} // namespace ExporterProxy
