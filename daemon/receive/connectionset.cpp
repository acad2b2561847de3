// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/connectionset.h"

#include "daemon/process/logging.h"
#include "daemon/receive/peer.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <QSocketNotifier>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ExporterProxy {

using namespace std::chrono_literals;

namespace {

using Clock = Connection::Clock;

/// Events and accepts handled before Qt's loop gets its turn: enough that their cost dominates a wake-up's,
/// few enough that a scrape or a poll does not wait for long.
constexpr int MaxEventsATurn = 256;
/// Accepted in one go. Where several threads accept, so many mean that there is work for another one.
constexpr int AcceptBatch = 8;
/// A round of events that takes longer holds up whoever connects meanwhile.
constexpr auto LongRound = 100us;
/// A round ends after this long with the events that were fetched: a scrape waits for no more, whatever all
/// the senders together have sent.
constexpr auto MaxRound = 5ms;
/// Events fetched at once. What is fetched is handled, because the kernel would give the same ones again.
constexpr int EventBatch = 32;
/// Reads from one connection before others get their turn; the rest stays readable.
constexpr int MaxReadsATurn = 4;
/// Larger than the usual socket buffer, so that one read empties it; small enough to stay in the second-level
/// cache.
constexpr std::size_t ReadSize = 256 * 1024;
/// Alignment in front, for PushDecoder::phase().
constexpr std::size_t ReadMargin = 8;
/// How long, and for how many bytes, a refused sender is listened to: closing at once would reset the
/// connection, and it would never read why.
constexpr auto LingerTime = 2s;
constexpr qint64 LingerBytes = 16 * 1024 * 1024;
/// How long a connection may be without its first message before it counts as idle: whoever connects is about
/// to send, and to be closed in between would lose the push.
constexpr auto FreshTime = 2s;
/// How long to wait for a descriptor after they ran out, unless a connection closes before.
constexpr auto AcceptRetry = 500ms;
/// Closed connections kept for the next ones, with their decoders.
constexpr std::size_t MaxSpare = 64;
/// Bounds drain().
constexpr auto DrainTime = 1s;

/// What a message costs: bytes times the time for which it has not grown. One that is arriving costs next to
/// nothing however large it is, one that grows by a byte a second as much as one that has stopped.
double stallOf(const Connection &connection, Clock::time_point now)
{
    return double(connection.held) * std::chrono::duration<double>(now - connection.progressAt + 1us).count();
}

bool isReadable(int descriptor)
{
    pollfd waiting{descriptor, POLLIN, 0};
    return poll(&waiting, 1, 0) > 0;
}

} // namespace

ConnectionSet::ConnectionSet(const ReceiverSettings &settings, const TextGate &gate, AppModel &model,
                             ReceiverCounters &counters)
    : m_settings(settings)
    , m_gate(gate)
    , m_model(model)
    , m_counters(counters)
    , m_log("rejected pushes on " + settings.source)
    , m_pending(model.pending(),
                [this] {
                    if (!m_shedPosted.exchange(true))
                        QMetaObject::invokeMethod(this, &ConnectionSet::shed, Qt::QueuedConnection);
                })
    , m_readBuffer(new char[ReadSize + ReadMargin]) // not cleared: memory that is not read into costs nothing
{
    m_epoll = epoll_create1(EPOLL_CLOEXEC);
    if (m_epoll < 0)
        qFatal("cannot create an epoll set: %s", std::strerror(errno));
    m_notifier = new QSocketNotifier(m_epoll, QSocketNotifier::Read, this);
    connect(m_notifier, &QSocketNotifier::activated, this, &ConnectionSet::handleEvents);
    m_sweepTimer.setSingleShot(true);
    connect(&m_sweepTimer, &QTimer::timeout, this, &ConnectionSet::sweep);
    m_retryTimer.setSingleShot(true);
    m_retryTimer.setInterval(AcceptRetry);
    connect(&m_retryTimer, &QTimer::timeout, this, &ConnectionSet::resumeAccepting);
}

ConnectionSet::~ConnectionSet()
{
    m_counters.connections.fetch_sub(m_open, std::memory_order_relaxed);
    m_notifier->setEnabled(false);
    ::close(m_epoll);
}

void ConnectionSet::setSettings(const ReceiverSettings &settings)
{
    m_settings.format = settings.format;
    m_settings.limits = settings.limits;
    m_settings.messageTimeout = settings.messageTimeout;
    ++m_settingsSerial; // decoders are made anew when they are used next, between two messages
}

void ConnectionSet::watchListener(AcceptTurn &turn, std::function<void(int)> incoming)
{
    m_incoming = std::move(incoming);
    m_turn = &turn;
    m_seat = turn.join(m_epoll);
}

void ConnectionSet::resumeAccepting()
{
    if (!m_paused || !m_turn)
        return;
    m_paused = !m_turn->resume(m_seat);
    m_paused ? m_retryTimer.start() : m_retryTimer.stop();
}

void ConnectionSet::pauseAccepting()
{
    if (m_paused)
        return;
    m_paused = true;
    m_turn->pause(m_seat);
}

void ConnectionSet::handleEvents()
{
    const Clock::time_point begin = Clock::now();
    m_handlingEvents = true;
    bool mayAccept = false;
    std::array<epoll_event, EventBatch> events;
    for (int handled = 0; handled < MaxEventsATurn; handled += EventBatch) {
        const int count = epoll_wait(m_epoll, events.data(), EventBatch, 0);
        for (int i = 0; i < count; ++i) {
            auto *connection = static_cast<Connection *>(events[std::size_t(i)].data.ptr);
            if (!connection)
                mayAccept = true;
            else if (connection->descriptor >= 0) // not closed by an earlier event
                settle(*connection, readFrom(*connection));
            if (m_pending.isExceeded())
                break; // another holder is to shed; it may be one of this thread, and must get its turn
        }
        if (count < EventBatch || m_pending.isExceeded() || Clock::now() - begin > MaxRound)
            break;
    }
    // Last, so that room made by the events above is used.
    if (mayAccept)
        acceptPending(begin + MaxRound);
    m_handlingEvents = false;
    m_wasLong = Clock::now() - begin > LongRound;
    for (std::unique_ptr<Connection> &connection : m_closedNow)
        keepSpare(std::move(connection));
    m_closedNow.clear();
}

/// Until nobody waits, or that time has come; some are accepted in any case.
void ConnectionSet::acceptPending(Clock::time_point until)
{
    for (int accepted = 0; accepted < MaxEventsATurn && m_turn && !m_paused && !m_pending.isExceeded();) {
        if (accepted > 0 && Clock::now() > until)
            return;
        const int wanted = roomForMore();
        if (wanted == 0)
            return;
        std::array<int, AcceptBatch> batch;
        int count = 0;
        int error = 0;
        while (count < wanted && error == 0) {
            const int descriptor =
                accept4(m_turn->listener(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (descriptor >= 0)
                batch[std::size_t(count++)] = descriptor;
            else
                error = errno;
        }
        // Before the work, so that it can be shared.
        const bool passedOn = count > 0 && (count == AcceptBatch || m_wasLong) && m_turn->offer(m_seat);
        for (int i = 0; i < count; ++i)
            m_incoming(batch[std::size_t(i)]);
        accepted += count;
        if (passedOn || error == EAGAIN || error == EWOULDBLOCK)
            return;
        if (error == 0 || error == EINTR || error == ECONNABORTED)
            continue;
        // Out of descriptors or memory. The listener stays readable: watching it on would spin.
        pauseAccepting();
        m_retryTimer.start();
        if (m_log.allow())
            qCWarning(lcReceive, "cannot accept on %s for now: %s", m_settings.source.constData(),
                      std::strerror(error));
        return;
    }
}

/// How many connections may be accepted at once; at the cap one, if another one can go for it. 0: none.
int ConnectionSet::roomForMore()
{
    if (m_open < m_settings.maxConnections)
        return std::min(AcceptBatch, m_settings.maxConnections - m_open);
    if (!isReadable(m_turn->listener()))
        return 0; // nobody waits: nobody has to go
    if (makeRoom())
        return 1;
    pauseAccepting(); // until a message ends; the kernel's queue holds the others
    return 0;
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
            settle(*connection, readFrom(*connection));
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
        renewDecoder(*connection);
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
    settle(connection, readFrom(connection));
}

void ConnectionSet::renewDecoder(Connection &connection)
{
    connection.decoder = makePushDecoder(m_settings.format, m_settings.limits);
    connection.settingsSerial = m_settingsSerial;
}

/// Reads what there is, up to a turn's worth.
ConnectionSet::After ConnectionSet::readFrom(Connection &connection)
{
    if (connection.refused)
        return discard(connection);
    if (connection.settingsSerial != m_settingsSerial && !connection.decoder->isMidMessage())
        renewDecoder(connection);
    PushDecoder &decoder = *connection.decoder;
    for (int reads = 0; reads < MaxReadsATurn; ++reads) {
        const std::span<char> direct = decoder.directSpace();
        const unsigned phase = direct.empty() ? decoder.phase() : 0;
        char *to = direct.empty() ? m_readBuffer.get() + phase : direct.data();
        const ssize_t size =
            recv(connection.descriptor, to, direct.empty() ? ReadSize : direct.size(), MSG_DONTWAIT);
        if (size < 0) {
            if (errno == EINTR)
                continue;
            return errno == EAGAIN || errno == EWOULDBLOCK ? After::KeepOpen : endOfInput(connection);
        }
        if (size == 0)
            return endOfInput(connection);
        connection.bytesSince += size;
        connection.hasSent = true;
        if (!direct.empty()) {
            if (consume(connection, decoder.received(std::size_t(size))) == After::Close)
                return After::Close;
            if (connection.refused)
                return After::KeepOpen;
            if (account(connection) == After::Close)
                return After::Close;
            if (connection.refused || m_pending.isExceeded())
                return After::KeepOpen;
            continue;
        }
        for (QByteArrayView input(to, qsizetype(size)); !input.isEmpty();) {
            if (consume(connection, decoder.decode(input)) == After::Close)
                return After::Close;
            if (connection.refused)
                return After::KeepOpen;
        }
        if (account(connection) == After::Close)
            return After::Close;
        if (connection.refused || m_pending.isExceeded())
            return After::KeepOpen;
    }
    return After::KeepOpen;
}

/// Counts what the connection holds between two reads. Where that is too much, drops what has stalled: this
/// connection only if no other has for longer.
ConnectionSet::After ConnectionSet::account(Connection &connection)
{
    m_pending.change(connection.noteHeld());
    if (!m_pending.isExceeded() || !m_pending.isToShed())
        return After::KeepOpen;
    while (m_pending.isExceeded()) {
        Connection *const victim = mostStalled();
        const Clock::time_point now = Clock::now();
        if (!victim || victim == &connection || stallOf(*victim, now) < stallOf(connection, now))
            return connection.held > 0 ? refuse(connection, tooMuchPending(connection)) : After::KeepOpen;
        settle(*victim, refuse(*victim, tooMuchPending(*victim)));
    }
    return After::KeepOpen;
}

/// The same when another thread or another part of the daemon needs the memory.
void ConnectionSet::shed()
{
    m_shedPosted = false;
    while (m_pending.isExceeded()) {
        Connection *const victim = mostStalled();
        if (!victim)
            return;
        settle(*victim, refuse(*victim, tooMuchPending(*victim)));
    }
}

/// Null: no connection holds anything.
Connection *ConnectionSet::mostStalled() const
{
    const Clock::time_point now = Clock::now();
    Connection *found = nullptr;
    double most = 0;
    for (Connection *connection = m_busy.first(); connection; connection = connection->next()) {
        if (const double stall = stallOf(*connection, now); stall > most) {
            found = connection;
            most = stall;
        }
    }
    return found;
}

Rejection ConnectionSet::tooMuchPending(const Connection &connection) const
{
    return {RejectReason::TooMuchPending,
            "dropped unfinished, with " + QByteArray::number(connection.held)
                + " bytes in memory: all messages under way together hold more than the "
                + QByteArray::number(m_pending.allowed())
                + " bytes that limits.max_total_size leaves to them",
            {}};
}

ConnectionSet::After ConnectionSet::consume(Connection &connection, PushDecoder::Status status)
{
    if (status == PushDecoder::Status::NeedMore)
        return After::KeepOpen;
    if (status == PushDecoder::Status::Rejected)
        return refuse(connection, connection.decoder->rejection());
    const std::span<AppUpdate> updates = connection.decoder->updates();
    std::optional<Rejection> rejection = m_gate.judge(updates);
    if (rejection)
        rejection->message.prepend(rejection->app + ": "); // of several in one push
    else
        rejection = m_model.apply(updates, m_settings.source, SourceKind::Push, wallClock());
    for (AppUpdate &update : updates)
        update.text = {}; // holds the replaced text now
    if (rejection)
        return refuse(connection, *rejection);
    connection.completed = true;
    m_counters.pushes.fetch_add(1, std::memory_order_relaxed);
    return After::KeepOpen;
}

ConnectionSet::After ConnectionSet::endOfInput(Connection &connection)
{
    if (connection.decoder->finish() == PushDecoder::Status::Rejected)
        refuse(connection, connection.decoder->rejection());
    return After::Close;
}

/// Counts, logs and answers. The connection stays until the sender has had a chance to read the answer.
ConnectionSet::After ConnectionSet::refuse(Connection &connection, const Rejection &rejection)
{
    connection.refused = true;
    connection.since = Clock::now();
    connection.bytesSince = 0;
    m_counters.countError(rejection.reason);
    if (!rejection.app.isEmpty())
        m_model.noteRejected(rejection.app, rejection.message, wallClock());
    const QByteArray message = printable(rejection.message);
    if (m_log.allow())
        qCWarning(lcReceive, "rejected a push on %s from %s: %s", m_settings.source.constData(),
                  peerName(connection.descriptor).constData(), message.constData());
    connection.decoder->reset();
    connection.decoder->releaseMemory(); // it stays with a sender that will never use it again
    m_pending.change(connection.noteHeld());
    // It fits into an empty send buffer; a sender that is gone already does not matter.
    const QByteArray answer = "error: " + message + '\n';
    send(connection.descriptor, answer.constData(), std::size_t(answer.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
    return shutdown(connection.descriptor, SHUT_WR) == 0 ? After::KeepOpen : After::Close;
}

/// Reads away what a refused sender still sends.
ConnectionSet::After ConnectionSet::discard(Connection &connection)
{
    for (int reads = 0; reads < MaxReadsATurn; ++reads) {
        const ssize_t size = recv(connection.descriptor, m_readBuffer.get(), ReadSize, MSG_DONTWAIT);
        if (size == 0 || (size < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
            return After::Close;
        if (size < 0)
            return After::KeepOpen;
        connection.bytesSince += size;
        if (connection.bytesSince > LingerBytes)
            return After::Close;
    }
    return After::KeepOpen;
}

/// Closes the connection, or puts it where it belongs now.
void ConnectionSet::settle(Connection &connection, After after)
{
    if (after == After::Close) {
        close(connection);
        return;
    }
    if (!connection.watched) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &connection;
        if (epoll_ctl(m_epoll, EPOLL_CTL_ADD, connection.descriptor, &event) != 0) {
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
        resumeAccepting(); // it can make room now
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
    m_pending.change(owned->noteHeld());
    --m_open;
    m_counters.connections.fetch_sub(1, std::memory_order_relaxed);
    if (wasWatched && m_handlingEvents)
        m_closedNow.push_back(std::move(owned)); // an event that is still to be handled may point to it
    else
        keepSpare(std::move(owned));
    resumeAccepting();
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
        settle(connection, refuse(connection, rejection));
    }
    while (m_fresh.first() && now - m_fresh.first()->since >= FreshTime) {
        Connection &connection = *m_fresh.first();
        connection.hasSent = true;
        settle(connection, After::KeepOpen);
    }
    // A little late each; deadlines this long need no more.
    if (m_busy.first() || m_lingering.first() || m_fresh.first())
        m_sweepTimer.start(
            std::clamp<std::chrono::milliseconds>(m_settings.messageTimeout / 4, 10ms, LingerTime / 2));
}

void ConnectionSet::drain(const QByteArray &why)
{
    const Clock::time_point end = Clock::now() + DrainTime;
    std::array<epoll_event, MaxEventsATurn> events;
    if (m_turn && m_turn->outlivesProcess()) {
        // The queue is the next process's. Whoever has been let in is waited for: nobody's push is refused
        // because of a restart.
        m_turn->pause(m_seat);
        m_turn = nullptr;
        const auto left = [&] {
            return std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
        };
        while ((m_busy.first() || m_fresh.first()) && left() > 0) {
            if (epoll_wait(m_epoll, events.data(), 1, int(left())) > 0)
                handleEvents();
        }
    }
    const auto takeIn = [&] {
        while (Clock::now() < end && epoll_wait(m_epoll, events.data(), 1, 0) > 0)
            handleEvents();
    };
    takeIn();
    if (m_turn && !m_turn->pause(m_seat)) {
        // The last one to leave: the turn may have been on its way to a thread that had looked already.
        // Whoever is in the queue now nobody else lets in.
        m_paused = false;
        while (!m_paused && Clock::now() < end && isReadable(m_turn->listener()))
            acceptPending(end);
        m_turn->pause(m_seat);
        takeIn();
    }
    m_turn = nullptr;
    // A connection that just closes says "taken". These were not.
    while (m_busy.first()) {
        Connection &connection = *m_busy.first();
        refuse(connection, {RejectReason::Incomplete, why + ", and the message is not complete", {}});
        close(connection);
    }
}

} // namespace ExporterProxy
