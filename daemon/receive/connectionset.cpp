// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/connectionset.h"

#include "daemon/process/logging.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <QSocketNotifier>
#include <sys/epoll.h>
#include <unistd.h>

namespace ExporterProxy {

using namespace std::chrono_literals;

namespace {

using Clock = Connection::Clock;

/// Events and accepts handled before Qt's loop gets its turn: enough that their cost dominates a wake-up's,
/// few enough that a scrape or a poll does not wait for long.
constexpr int MaxEventsATurn = 256;
/// A round of events that takes longer holds up whoever connects meanwhile.
constexpr auto LongRound = 100us;
/// A round ends after this long with the events that were fetched: a scrape waits for no more, whatever all
/// the senders together have sent.
constexpr auto MaxRound = 5ms;
/// Events fetched at once. What is fetched is handled, because the kernel would give the same ones again.
constexpr int EventBatch = 32;
/// How long a refused sender may take to read why.
constexpr auto LingerTime = 2s;
/// How long a connection may be without its first message before it counts as idle: whoever connects is about
/// to send, and to be closed in between would lose the push.
constexpr auto FreshTime = 2s;
/// Closed connections kept for the next ones, with their decoders.
constexpr std::size_t MaxSpare = 64;
/// Bounds drain().
constexpr auto DrainTime = 1s;

} // namespace

ConnectionSet::ConnectionSet(Descriptor epoll, const ReceiverSettings &settings, const TextGate &gate,
                             AppModel &model, ReceiverCounters &counters)
    : m_settings(settings)
    , m_counters(counters)
    , m_intake(gate, model)
    , m_source(SourceKind::Push, settings.source, counters, lcReceive)
    , m_memory(model.pending(), m_busy,
               [this](Connection &connection, const Rejection &rejection) { refuse(connection, rejection); })
    , m_reader(m_settings, m_intake, m_source, m_memory)
    , m_acceptor(settings.source, counters.acceptFailures, m_source.log)
    , m_epoll(std::move(epoll))
{
    m_notifier = new QSocketNotifier(m_epoll.get(), QSocketNotifier::Read, this);
    connect(m_notifier, &QSocketNotifier::activated, this, &ConnectionSet::handleEvents);
    m_sweepTimer.setSingleShot(true);
    connect(&m_sweepTimer, &QTimer::timeout, this, &ConnectionSet::sweep);
    m_logTimer.setSingleShot(true);
    connect(&m_logTimer, &QTimer::timeout, this, [this] { m_intake.flushLog(m_source, Clock::now()); });
}

ConnectionSet::~ConnectionSet()
{
    m_counters.connections.fetch_sub(m_open, std::memory_order_relaxed);
    m_notifier->setEnabled(false);
}

void ConnectionSet::setSettings(const ReceiverSettings &settings)
{
    m_settings.format = settings.format;
    m_settings.limits = settings.limits;
    m_settings.messageTimeout = settings.messageTimeout;
    m_reader.noteSettings();
}

void ConnectionSet::watchListener(AcceptTurn &turn, std::function<void(int)> incoming)
{
    m_acceptor.join(turn, m_epoll.get(),
                    {.room = [this] { return m_settings.maxConnections - m_open; },
                     .makeRoom = [this] { return makeRoom(); },
                     .isBusy = [this] { return m_memory.isExceeded(); },
                     .take = std::move(incoming)});
}

void ConnectionSet::handleEvents()
{
    const Clock::time_point begin = Clock::now();
    m_handlingEvents = true;
    bool mayAccept = false;
    std::array<epoll_event, EventBatch> events;
    for (int handled = 0; handled < MaxEventsATurn; handled += EventBatch) {
        const int count = epoll_wait(m_epoll.get(), events.data(), EventBatch, 0);
        for (int i = 0; i < count; ++i) {
            auto *connection = static_cast<Connection *>(events[std::size_t(i)].data.ptr);
            if (!connection)
                mayAccept = true;
            else if (connection->descriptor >= 0) // not closed by an earlier event
                settle(*connection, m_reader.readFrom(*connection));
            if (m_memory.isExceeded())
                break; // another holder is to shed; it may be one of this thread, and must get its turn
        }
        if (count < EventBatch || m_memory.isExceeded() || Clock::now() - begin > MaxRound)
            break;
    }
    // Last, so that room made by the events above is used.
    if (mayAccept)
        m_acceptor.acceptPending(begin + MaxRound, m_wasLong);
    m_handlingEvents = false;
    m_wasLong = Clock::now() - begin > LongRound;
    for (std::unique_ptr<Connection> &connection : m_closedNow)
        keepSpare(std::move(connection));
    m_closedNow.clear();
}

/// Closes the connection that has been of no use for the longest. False: all are inside a message.
bool ConnectionSet::makeRoom()
{
    for (int attempts = 0; attempts < MaxEventsATurn; ++attempts) {
        Connection *const connection = m_lingering.first() ? m_lingering.first() : m_idle.first();
        if (!connection)
            return false;
        // What has arrived on it in the meantime counts: nobody's push is thrown away unread.
        if (!connection->refused && isReadable(connection->descriptor)) {
            const int before = m_open;
            settle(*connection, m_reader.readFrom(*connection));
            if (m_open < before)
                return true;
            continue;
        }
        close(*connection);
        return true;
    }
    return false;
}

std::unique_ptr<Connection> ConnectionSet::takeSpare(int descriptor)
{
    std::unique_ptr<Connection> connection;
    if (m_spare.empty()) {
        connection = std::make_unique<Connection>();
        m_reader.equip(*connection);
    } else {
        connection = std::move(m_spare.back());
        m_spare.pop_back();
    }
    connection->descriptor = descriptor;
    return connection;
}

void ConnectionSet::keepSpare(std::unique_ptr<Connection> connection)
{
    if (m_spare.size() < MaxSpare)
        m_spare.push_back(std::move(connection));
}

void ConnectionSet::adopt(int descriptor)
{
    std::unique_ptr<Connection> owned = takeSpare(descriptor);
    Connection &connection = *owned;
    m_fresh.append(std::move(owned));
    ++m_open;
    m_counters.connections.fetch_add(1, std::memory_order_relaxed);
    settle(connection, m_reader.readFrom(connection));
}

/// Closes the connection, or puts it where it belongs now.
void ConnectionSet::settle(Connection &connection, MessageReader::After after)
{
    if (m_source.log.flushDue() && !m_logTimer.isActive())
        m_logTimer.start(
            std::chrono::ceil<std::chrono::milliseconds>(*m_source.log.flushDue() - Clock::now()));
    if (after == MessageReader::After::Close) {
        close(connection);
        return;
    }
    if (!connection.watched) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &connection;
        if (epoll_ctl(m_epoll.get(), EPOLL_CTL_ADD, connection.descriptor, &event) != 0) {
            qCWarning(lcReceive, "cannot watch a connection on %s: %s", m_settings.source.constData(),
                      std::strerror(errno));
            close(connection);
            return;
        }
        connection.watched = true;
    }
    ConnectionList *const belongs = connection.refused ? &m_lingering
        : connection.decoder->isMidMessage()           ? &m_busy
        : connection.hasSent                           ? &m_idle
                                                       : &m_fresh;
    const bool completed = std::exchange(connection.completed, false);
    const bool isPlaced = connection.list() == belongs && connection.since != Clock::time_point();
    if (isPlaced && belongs != &m_idle && !completed)
        return; // its place in these lists is by the begin of its window
    belongs->append(connection.list()->take(connection));
    if (belongs == &m_idle)
        connection.decoder->releaseMemory();
    if (belongs == &m_idle || belongs == &m_lingering)
        m_acceptor.resume(); // it can make room now
    if (belongs == &m_idle)
        return;
    if (!connection.refused) {
        connection.since = Clock::now();
        connection.bytesSince = 0;
    }
    if (!m_sweepTimer.isActive())
        m_sweepTimer.start(std::min<std::chrono::milliseconds>(LingerTime, m_settings.messageTimeout));
}

void ConnectionSet::close(Connection &connection)
{
    std::unique_ptr<Connection> owned = connection.list()->take(connection);
    ::close(owned->descriptor); // leaves the epoll set with it
    const bool wasWatched = std::exchange(owned->watched, false);
    owned->descriptor = -1;
    owned->refused = false;
    owned->completed = false;
    owned->hasSent = false;
    owned->since = {};
    owned->decoder->reset();
    m_memory.note(*owned);
    --m_open;
    m_counters.connections.fetch_sub(1, std::memory_order_relaxed);
    if (wasWatched && m_handlingEvents)
        m_closedNow.push_back(std::move(owned)); // an event that is still to be handled may point to it
    else
        keepSpare(std::move(owned));
    m_acceptor.resume();
}

/// Drops what has stalled or lingered for too long.
void ConnectionSet::sweep()
{
    const Clock::time_point now = Clock::now();
    while (m_lingering.first() && now - m_lingering.first()->since >= LingerTime)
        close(*m_lingering.first());
    while (m_busy.first() && now - m_busy.first()->since >= m_settings.messageTimeout) {
        Connection &connection = *m_busy.first();
        if (connection.bytesSince >= MinProgress) {
            connection.since = now;
            connection.bytesSince = 0;
            m_busy.append(m_busy.take(connection));
            continue;
        }
        const double seconds = std::chrono::duration<double>(m_settings.messageTimeout).count();
        const Rejection rejection{RejectReason::Timeout,
                                  "the message stalled: " + QByteArray::number(connection.bytesSince)
                                      + " more bytes in " + QByteArray::number(seconds)
                                      + " s (receiver.message_timeout)",
                                  {}};
        refuse(connection, rejection);
    }
    while (m_fresh.first() && now - m_fresh.first()->since >= FreshTime) {
        Connection &connection = *m_fresh.first();
        connection.hasSent = true;
        settle(connection, MessageReader::After::KeepOpen);
    }
    // A little late each; deadlines this long need no more.
    if (m_busy.first() || m_lingering.first() || m_fresh.first())
        m_sweepTimer.start(
            std::clamp<std::chrono::milliseconds>(m_settings.messageTimeout / 4, 10ms, LingerTime / 2));
}

void ConnectionSet::refuse(Connection &connection, const Rejection &rejection)
{
    settle(connection, m_reader.refuse(connection, rejection));
}

void ConnectionSet::drain(const QByteArray &why)
{
    const Clock::time_point end = Clock::now() + DrainTime;
    if (m_acceptor.leaveToNextProcess()) {
        // Whoever has been let in is waited for: nobody's push is refused because of a restart.
        while ((m_busy.first() || m_fresh.first()) && waitForEvent(end))
            handleEvents();
    }
    handleWaitingEvents(end);
    m_acceptor.leave(end);
    handleWaitingEvents(end);
    // A connection that just closes says "taken". These were not.
    while (m_busy.first()) {
        Connection &connection = *m_busy.first();
        m_reader.refuse(connection,
                        {RejectReason::Incomplete, why + ", and the message is not complete", {}});
        close(connection);
    }
}

void ConnectionSet::handleWaitingEvents(Clock::time_point end)
{
    while (Clock::now() < end && isReadable(m_epoll.get()))
        handleEvents();
}

/// False: none has come by then.
bool ConnectionSet::waitForEvent(Clock::time_point end) const
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    pollfd epoll{m_epoll.get(), POLLIN, 0};
    return left > 0 && ::poll(&epoll, 1, int(left)) > 0;
}

} // namespace ExporterProxy
