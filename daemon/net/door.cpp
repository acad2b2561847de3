// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/net/door.h"

#include "common/util/errortext.h"
#include "daemon/net/connectionset.h"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>

namespace ExporterProxy {

using namespace std::chrono_literals;

namespace {

/// Accepted in one turn of the event loop at most.
constexpr int MaxAcceptsATurn = 256;

/// Accepted in a turn that is over already: only those that are accepted share the time, so that a new client
/// must not wait behind hundreds for that. These take some 0.2 ms.
constexpr int MinAcceptsATurn = 32;

/// Attempts to make room, each of which may find that something has arrived meanwhile.
constexpr int MaxAttempts = 256;

/// Connections that are asked how long they have stalled, which may be a system call.
constexpr int MaxLooks = 64;

/// How long accepting rests if no connection can give way, unless one closes or becomes idle before.
constexpr auto FullRetry = 25ms;

/// A peer that has sent nothing for this long in the middle of a message gives way before connections that
/// are idle between two.
constexpr auto Stalled = 1s;

/// It gives way after them, but before a client has to wait: longer than what is under way on a local network
/// takes. Under a flood of unfinished messages each newcomer waits for this long at most.
constexpr auto Silent = 25ms;

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
        if (m_isPaused || m_set.memory().isExceeded())
            break; // for want of room, descriptors or memory
    }
    leaveListening();
}

void Door::acceptPending(Clock::time_point now)
{
    for (int accepted = 0; m_listener >= 0 && !m_isPaused && accepted < MaxAcceptsATurn;) {
        if ((accepted >= MinAcceptsATurn && m_set.scheduler().isOver(now)) || m_set.memory().isExceeded())
            return;
        if (isFull()) {
            if (!isWaitedFor(m_listener))
                return; // no connection has to go for nobody
            // Those that have just come may give way soon.
            if (!makeRoom(now)
                && (!turnsAway() || firstOf(Phase::Fresh, {}, now) || firstOf(Phase::Receiving, {}, now))) {
                pause(); // the kernel's queue holds the others
                m_isForRoom = true;
                m_retryAt = now + FullRetry;
                return;
            }
        }
        Descriptor descriptor(::accept4(m_listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!descriptor.isOpen()) {
            if (errno == EAGAIN || errno == EWOULDBLOCK)
                return;
            if (errno == EINTR || errno == ECONNABORTED)
                continue;
            return rest(errno, now);
        }
        ++accepted;
        if (isFull() && m_majority)
            makeRoomFor(peerKeyOf(descriptor.get()), now);
        if (isFull())
            turnAway(std::move(descriptor));
        else
            admit(std::move(descriptor), now);
        now = Clock::now();
    }
}

void Door::adopt(Descriptor descriptor, Clock::time_point now)
{
    m_set.beginTurn(now);
    admit(std::move(descriptor), now);
    m_set.scheduleNextTurn();
}

void Door::admit(Descriptor descriptor, Clock::time_point now)
{
    std::unique_ptr<Connection> owned = makeConnection();
    Connection &connection = *owned;
    connection.m_channel.open(std::move(descriptor));
    connection.watch(true, false);
    m_deadlines.add(std::move(owned), now);
    ++m_open;
    noteOpen(1);
    if (m_set.scheduler().mayRunNow(now)) {
        m_set.run(connection, connection.work(), now);
        if (connection.isOpen())
            identify(connection); // most of those that push are done already, and need no peer
    } else {
        m_set.queue(connection, connection.work());
    }
}

/// Finds out which peer it is.
void Door::identify(Connection &connection)
{
    if (connection.m_peer)
        return;
    const PeerKey key = peerKeyOf(connection.m_channel.descriptor());
    PeerState &peer = m_peers[key];
    peer.key = key;
    connection.setPeer(peer);
    ++peer.known;
    if (++peer.open > m_maxConnections / 2)
        m_majority = &peer;
}

/// The connection refers to its peer no longer.
void Door::forget(const Connection &connection)
{
    if (connection.m_peer && --connection.m_peer->known == 0)
        m_peers.erase(PeerKey(connection.m_peer->key));
}

/// Has connections give way until one more may be accepted. Returns false if none can.
bool Door::makeRoom(Clock::time_point now)
{
    for (int attempts = 0; attempts < MaxAttempts && isFull(); ++attempts) {
        Connection *const least = leastUseful(now);
        if (!least)
            return false;
        least->giveWay(now);
        least->updateWatch();
    }
    return !isFull();
}

Connection *Door::leastUseful(Clock::time_point now) const
{
    struct Rank
    {
        Phase phase;
        Clock::duration stalled;
    };
    constexpr Rank Ranks[] = {{Phase::Lingering, {}},      {Phase::Receiving, Stalled},
                              {Phase::Fresh, Stalled},     {Phase::Idle, {}},
                              {Phase::Receiving, Silent},  {Phase::Fresh, Silent},
                              {Phase::Responding, Stalled}};
    for (const Rank &rank : Ranks) {
        if (Connection *const found = firstOf(rank.phase, rank.stalled, now))
            return found;
    }
    return nullptr;
}

/// The one that has been in the phase for longest of those that have made no progress for so long; of the
/// peer that holds more than half of the places, if there is one.
Connection *Door::firstOf(Phase phase, Clock::duration stalled, Clock::time_point now) const
{
    int looks = 0;
    for (Connection *each = m_deadlines.first(phase);
         each && now - each->since() >= stalled && looks < MaxLooks; each = each->next()) {
        if (m_majority && each->m_peer != m_majority)
            continue;
        if (stalled == Clock::duration::zero() || each->stalledFor(now) >= stalled)
            return each;
        ++looks;
    }
    return nullptr;
}

/// The peer that holds more than half of the places has none that is of no use: one that is has to go all the
/// same, if the newcomer is another peer.
void Door::makeRoomFor(const PeerKey &newcomer, Clock::time_point now)
{
    if (newcomer == m_majority->key)
        return;
    for (const Phase phase : {Phase::Responding, Phase::Preparing}) {
        if (Connection *const found = firstOf(phase, {}, now))
            return found->giveWay(now);
    }
}

void Door::enter(Connection &connection, Phase phase, Clock::time_point now)
{
    m_deadlines.enter(connection, phase, now);
    if (m_isForRoom && (phase == Phase::Idle || phase == Phase::Lingering))
        resume(); // it can make room now
}

void Door::noteClosed(Connection &connection)
{
    m_set.memory().noteInput(connection, 0, {});
    connection.m_heldByKernel = 0;
    connection.m_watched = 0;
    m_set.keepUntilEndOfTurn(m_deadlines.take(connection));
    --m_open;
    if (PeerState *const peer = connection.m_peer;
        peer && --peer->open <= m_maxConnections / 2 && peer == m_majority)
        m_majority = nullptr;
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
    m_isForRoom = false;
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
