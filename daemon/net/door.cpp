// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/net/door.h"

#include "common/util/errortext.h"
#include "daemon/net/connectionset.h"

#include <cerrno>
#include <poll.h>
#include <sys/socket.h>

namespace ExporterProxy {

using namespace std::chrono_literals;

namespace {

/// Accepted in one turn of the event loop at most.
constexpr int MaxAcceptsATurn = 256;

/// How long accepting rests after descriptors or memory ran out, unless a connection closes before.
constexpr auto AcceptRetry = 500ms;

bool isWaitedFor(int listener)
{
    pollfd waiting{listener, POLLIN, 0};
    return ::poll(&waiting, 1, 0) > 0;
}

} // namespace

Door::Door(ConnectionSet &set, QByteArray name, int maxConnections, const PhaseTimes &times,
           AcceptFailures &failures)
    : m_set(set)
    , m_name(std::move(name))
    , m_maxConnections(maxConnections)
    , m_failures(failures)
    , m_deadlines(times)
{
    m_set.add(*this);
}

Door::~Door()
{
    leaveListening();
    for (std::size_t phase = 0; phase < PhaseCount; ++phase) {
        for (Connection *each = m_deadlines.first(Phase(phase)); each; each = each->next())
            m_set.memory().noteInput(*each, 0, {});
    }
    m_set.remove(*this);
}

void Door::listenOn(int listener)
{
    m_listener = listener;
    m_isPaused = true;
    resume();
}

void Door::leaveListening()
{
    if (m_listener < 0)
        return;
    pause();
    m_retryAt = Clock::time_point::max();
    m_listener = -1;
}

void Door::stopListening(Clock::time_point until)
{
    for (Clock::time_point now = Clock::now(); m_listener >= 0 && now < until && isWaitedFor(m_listener);
         now = Clock::now()) {
        m_isPaused = false;
        m_set.beginTurn(now);
        acceptPending(now);
        if (m_isPaused)
            break; // for want of room or descriptors
    }
    leaveListening();
}

void Door::acceptPending(Clock::time_point now)
{
    for (int accepted = 0; m_listener >= 0 && !m_isPaused && accepted < MaxAcceptsATurn;) {
        if ((accepted > 0 && m_set.scheduler().isOver(now)) || m_set.memory().isExceeded())
            return;
        if (isFull()) {
            if (!isWaitedFor(m_listener))
                return; // no connection has to go for nobody
            if (!makeRoom(now))
                return pause(); // the kernel's queue holds the others
        }
        const int descriptor = ::accept4(m_listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) {
            if (errno == EAGAIN || errno == EWOULDBLOCK)
                return;
            if (errno == EINTR || errno == ECONNABORTED)
                continue;
            return rest(errno, now);
        }
        ++accepted;
        if (isFull())
            turnAway(Descriptor(descriptor));
        else
            adopt(Descriptor(descriptor), now);
        now = Clock::now();
    }
}

void Door::adopt(Descriptor descriptor, Clock::time_point now)
{
    std::unique_ptr<Connection> owned = makeConnection();
    Connection &connection = *owned;
    connection.m_channel.open(std::move(descriptor));
    connection.watch(true, false);
    m_deadlines.add(std::move(owned), now);
    ++m_open;
    noteOpen(1);
    if (m_set.scheduler().isBusy())
        m_set.queue(connection, connection.work());
    else
        m_set.run(connection, connection.work(), now);
}

void Door::enter(Connection &connection, Phase phase, Clock::time_point now)
{
    m_deadlines.enter(connection, phase, now);
    const bool isForRoom = m_isPaused && m_retryAt == Clock::time_point::max();
    if (isForRoom && (phase == Phase::Idle || phase == Phase::Lingering))
        resume(); // it can make room now
}

void Door::noteClosed(Connection &connection)
{
    m_set.memory().noteInput(connection, 0, {});
    connection.m_watched = 0;
    m_set.keepUntilEndOfTurn(m_deadlines.take(connection));
    --m_open;
    noteOpen(-1);
    if (m_isPaused)
        resume();
}

void Door::pause()
{
    if (!m_isPaused)
        m_set.unwatchListener(m_listener);
    m_isPaused = true;
}

void Door::resume()
{
    if (m_listener < 0)
        return;
    m_isPaused = !m_set.watchListener(*this, m_listener);
    // The kernel had no memory to watch it with.
    m_retryAt = m_isPaused ? Clock::now() + AcceptRetry : Clock::time_point::max();
}

/// Descriptors or memory have run out. The listener stays ready: to watch it on would spin.
void Door::rest(int error, Clock::time_point now)
{
    pause();
    m_retryAt = now + AcceptRetry;
    m_failures.count(error);
    logWarning("cannot accept on " + m_name + " for now: " + errorText(error).toUtf8(), now);
}

Door::Clock::time_point Door::nextDeadline() const
{
    const Clock::time_point never = Clock::time_point::max();
    return std::min({m_deadlines.next(), m_retryAt, log().flushDue().value_or(never)});
}

void Door::sweep(Clock::time_point now)
{
    if (log().flushDue() && *log().flushDue() <= now)
        logWithheld(now);
    if (m_retryAt <= now)
        resume();
    while (Connection *connection = m_deadlines.due(now)) {
        connection->onDeadline(now);
        connection->updateWatch();
        if (m_deadlines.due(now) == connection)
            m_deadlines.enter(*connection, connection->phase(), now); // whatever it is: not for ever
    }
}

} // namespace ExporterProxy
