// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/pushconnection.h"

#include "daemon/net/connectionset.h"
#include "daemon/process/logging.h"

#include <utility>

namespace ExporterProxy {

using namespace std::chrono_literals;

namespace {

/// Reads from one connection before others have their turn; the rest stays in the kernel.
constexpr int MaxReadsAJob = 4;

/// A job ends after this long with the read that is under way.
constexpr auto JobTime = 1ms;

/// Bytes that are judged before a job looks at the clock: half a millisecond of the worst text.
constexpr qsizetype JudgingStep = 32 * 1024;

/// Larger than the usual socket buffer, so that one read empties it; small enough to stay in the second-level
/// cache.
constexpr std::size_t ReadSize = 256 * 1024;

/// What is read at once of a sender whose messages are so small that ReadSize would hold thousands: each
/// costs some hundred times its bytes.
constexpr std::size_t SmallReadSize = 8 * 1024;
constexpr int ManyMessages = 512;

/// Alignment in front, for PushDecoder::phase().
constexpr std::size_t ReadMargin = 8;

/// What must arrive within each message_timeout for a message not to count as stalled: more than anybody
/// types, less than the slowest line brings. It ends the sender that keeps a connection alive by a byte a
/// second.
constexpr qint64 MinProgress = 16 * 1024;

/// How long a rejected sender may take to read why.
constexpr auto LingerTime = 2s;

/// How many bytes of a rejected sender are read away: closing at once would reset the connection, and it
/// would never read why.
constexpr qint64 LingerBytes = 16 * 1024 * 1024;

/// How long a connection may be without its first message before it counts as idle: who connects is about to
/// send, and to be closed in between would lose the push.
constexpr auto FreshTime = 2s;

/// Closed connections kept for the next ones, with their decoders.
constexpr std::size_t MaxSpare = 64;

/// Attempts to make room, each of which may find that a push has arrived meanwhile.
constexpr int MaxAttempts = 256;

/// Bounds PushDoor::drain().
constexpr auto DrainTime = 1s;

/// And what it waits for beyond that, for messages that are being judged: several of the largest and worst.
constexpr auto JudgingTime = 5s;

PhaseTimes phaseTimes(const ReceiverSettings &settings)
{
    PhaseTimes times{};
    times[std::size_t(Phase::Fresh)] = FreshTime;
    times[std::size_t(Phase::Receiving)] = settings.messageTimeout;
    times[std::size_t(Phase::Lingering)] = LingerTime;
    return times;
}

} // namespace

PushDoor::PushDoor(ConnectionSet &set, const ReceiverSettings &settings, const Intake &intake,
                   ReceiverCounters &counters)
    : Door(set, settings.source, settings.maxConnections, phaseTimes(settings), counters.acceptFailures)
    , m_settings(settings)
    , m_intake(intake)
    , m_counters(counters)
    , m_source(SourceKind::Push, settings.source, counters, lcReceive)
    , m_buffer(new char[ReadSize + ReadMargin])
{
}

PushDoor::~PushDoor()
{
    noteOpen(-openConnections());
}

void PushDoor::setSettings(const ReceiverSettings &settings)
{
    m_settings.format = settings.format;
    m_settings.limits = settings.limits;
    m_settings.messageTimeout = settings.messageTimeout;
    deadlines().setTime(Phase::Receiving, settings.messageTimeout);
    ++m_settingsSerial;
}

std::unique_ptr<Connection> PushDoor::makeConnection()
{
    if (m_spare.empty())
        return std::make_unique<PushConnection>(*this);
    std::unique_ptr<PushConnection> connection = std::move(m_spare.back());
    m_spare.pop_back();
    return connection;
}

void PushDoor::recycle(std::unique_ptr<Connection> connection)
{
    if (m_spare.size() >= MaxSpare)
        return;
    m_spare.emplace_back(static_cast<PushConnection *>(connection.release()));
    m_spare.back()->renew();
}

/// Closes the connection that has been of no use for the longest. Returns false if all are inside a message.
bool PushDoor::makeRoom(Clock::time_point now)
{
    for (int attempts = 0; attempts < MaxAttempts && isFull(); ++attempts) {
        Connection *oldest = deadlines().first(Phase::Lingering);
        if (!oldest)
            oldest = deadlines().first(Phase::Idle);
        if (!oldest)
            return false;
        // What has arrived on it in the meantime counts: no push is thrown away unread.
        if (oldest->phase() == Phase::Idle && oldest->channel().hasInput())
            oldest->proceed(now);
        else
            static_cast<PushConnection *>(oldest)->close();
    }
    return !isFull();
}

void PushDoor::noteOpen(int by)
{
    m_counters.connections.fetch_add(by, std::memory_order_relaxed);
}

void PushDoor::logWarning(const QByteArray &line, Clock::time_point now)
{
    if (m_source.log.allow(now))
        qCWarning(lcReceive, "%s", line.constData());
}

void PushDoor::drain(const QByteArray &why, bool leaveQueue)
{
    const Clock::time_point end = Clock::now() + DrainTime;
    if (leaveQueue) {
        leaveListening();
        // What has been let in is waited for: no push is rejected because of a restart.
        while ((deadlines().first(Phase::Receiving) || deadlines().first(Phase::Fresh))
               && set().waitAndHandle(end)) { }
    }
    set().handleWaiting(end);
    stopListening(end);
    set().handleWaiting(end);
    // What is whole is stored, unless that takes too long.
    while (deadlines().first(Phase::Preparing) && set().waitAndHandle(end + JudgingTime)) { }
    // A connection that just closes says "stored". These were not.
    for (const auto &[phase, fault] : {std::pair(Phase::Receiving, ", and the message is not complete"),
                                       std::pair(Phase::Preparing, ", and the message is not judged yet")}) {
        while (Connection *const unfinished = deadlines().first(phase)) {
            auto *sender = static_cast<PushConnection *>(unfinished);
            sender->reject({RejectReason::Incomplete, why + fault, {}}, Clock::now());
            if (sender->isOpen())
                sender->close();
        }
    }
}

PushConnection::PushConnection(PushDoor &door)
    : Connection(door)
    , m_readSize(ReadSize)
{
    equip();
}

void PushConnection::renew()
{
    m_judging.reset();
    m_rest = {};
    m_decoder->reset(); // it holds nothing of a former sender's
    m_hasSent = false;
    m_hasCompleted = false;
    m_bytesSince = 0;
    m_heldAtProgress = 0;
    m_readSize = ReadSize;
}

/// Gives it a decoder of the settings that hold now.
void PushConnection::equip()
{
    m_decoder = makePushDecoder(door().m_settings.format, door().m_settings.limits);
    m_settingsSerial = door().m_settingsSerial;
}

void PushConnection::proceed(Clock::time_point now)
{
    if (phase() == Phase::Lingering)
        return discard();
    if (m_judging) {
        if (judge(now) == After::Stop)
            return;
        watch(true, false);
        if (const QByteArray rest = std::exchange(m_rest, {});
            decode(rest, now) == After::Stop || noteInput(now) == After::Stop)
            return;
    }
    if (m_settingsSerial != door().m_settingsSerial && !m_decoder->isMidMessage())
        equip();
    const After after = read(now);
    if (isOpen() && after == After::ReadOn)
        settle(now);
}

PushConnection::After PushConnection::read(Clock::time_point now)
{
    for (int reads = 0; reads < MaxReadsAJob; ++reads) {
        const std::span<char> direct = m_decoder->directSpace();
        const std::span<char> to =
            direct.empty() ? std::span(door().m_buffer.get() + m_decoder->phase(), m_readSize) : direct;
        const Channel::Transfer transfer = m_channel.read(to);
        if (transfer.status == Channel::Status::WouldBlock)
            return After::ReadOn;
        if (transfer.status != Channel::Status::Ok)
            return endOfInput(now);
        m_bytesSince += qint64(transfer.size);
        m_hasSent = true;
        m_messages = 0;
        if (!direct.empty()) {
            if (consume(m_decoder->received(transfer.size), {}, now) == After::Stop)
                return After::Stop;
        } else if (decode({to.data(), qsizetype(transfer.size)}, now) == After::Stop) {
            return After::Stop;
        }
        m_readSize = m_messages > ManyMessages ? SmallReadSize : ReadSize;
        if (noteInput(now) == After::Stop)
            return After::Stop;
        if (door().set().memory().isExceeded() || Clock::now() - now > JobTime)
            return After::ReadOn;
    }
    return After::ReadOn;
}

PushConnection::After PushConnection::decode(QByteArrayView input, Clock::time_point now)
{
    while (!input.isEmpty()) {
        const PushDecoder::Status status = m_decoder->decode(input);
        if (consume(status, input, now) == After::Stop)
            return After::Stop;
    }
    return After::ReadOn;
}

/// Takes what the decoder has made; `rest` is the input behind it.
PushConnection::After PushConnection::consume(PushDecoder::Status status, QByteArrayView rest,
                                              Clock::time_point now)
{
    if (status == PushDecoder::Status::NeedMore)
        return After::ReadOn;
    ++m_messages;
    if (status == PushDecoder::Status::Rejected) {
        reject(m_decoder->rejection(), now);
        return After::Stop;
    }
    m_judging.emplace(door().m_intake.judge(m_decoder->updates(), wallClock()));
    const After after = judge(now);
    if (m_judging) {
        m_rest = rest.toByteArray(); // the buffer is everybody's
        watch(false, false);
        enter(Phase::Preparing, now);
        door().set().memory().noteInput(*this, held(), now);
    }
    return after;
}

/// Goes on judging the message, and stores it when that is done; otherwise the next job goes on.
PushConnection::After PushConnection::judge(Clock::time_point now)
{
    while (!m_judging->proceed(JudgingStep)) {
        if (Clock::now() - now > JobTime) {
            queue(Work::Push);
            return After::Stop;
        }
    }
    const std::optional<Rejection> rejection = door().m_intake.take(*m_judging, door().m_source);
    m_judging.reset();
    if (rejection) {
        reject(*rejection, now);
        return After::Stop;
    }
    m_hasCompleted = true;
    return After::ReadOn;
}

PushConnection::After PushConnection::endOfInput(Clock::time_point now)
{
    if (m_decoder->finish() == PushDecoder::Status::Rejected)
        reject(m_decoder->rejection(), now);
    if (isOpen())
        close();
    return After::Stop;
}

qint64 PushConnection::held() const
{
    return m_judging || m_decoder->isMidMessage() ? m_decoder->heldBytes() + m_rest.size() : 0;
}

/// Counts what the message that is under way holds by now. That may end this connection.
PushConnection::After PushConnection::noteInput(Clock::time_point now)
{
    const qint64 held = this->held();
    if (held == 0) {
        m_heldAtProgress = 0;
    } else if (heldInput() == 0 || held - m_heldAtProgress >= MinProgress) {
        m_progressAt = now;
        m_heldAtProgress = held;
    }
    if (held == heldInput())
        return After::ReadOn;
    if (held > 0 && phase() != Phase::Receiving) {
        enter(Phase::Receiving, now); // it may be the one that has to go
        m_bytesSince = 0;
    }
    door().set().memory().noteInput(*this, held, now);
    return isOpen() && phase() != Phase::Lingering ? After::ReadOn : After::Stop;
}

/// Puts it where it belongs now.
void PushConnection::settle(Clock::time_point now)
{
    const Phase wanted = m_decoder->isMidMessage() ? Phase::Receiving
        : m_hasSent                                ? Phase::Idle
                                                   : Phase::Fresh;
    const bool hasCompleted = std::exchange(m_hasCompleted, false);
    if (phase() == wanted && wanted != Phase::Idle && !hasCompleted)
        return; // its deadline runs already
    enter(wanted, now);
    m_bytesSince = 0;
    if (wanted == Phase::Idle)
        m_decoder->releaseMemory();
}

void PushConnection::reject(const Rejection &rejection, Clock::time_point now)
{
    const QByteArray line = door().m_intake.refuse(rejection, door().m_source, wallClock(), now,
                                                   [this] { return m_channel.peerName(); });
    m_judging.reset();
    m_rest = {};
    m_decoder->reset();
    m_decoder->releaseMemory(); // it stays with a sender that will never use it again
    door().set().memory().noteInput(*this, 0, now);
    m_bytesSince = 0;
    m_channel.writeOnce("error: " + line + '\n');
    if (m_channel.endOutput())
        enter(Phase::Lingering, now);
    else
        close();
}

void PushConnection::dropForMemory(qint64 allowed, Clock::time_point now)
{
    reject({RejectReason::TooMuchPending,
            "dropped unfinished, with " + QByteArray::number(heldInput())
                + " bytes in memory: all messages under way together hold more than the "
                + QByteArray::number(allowed) + " bytes that limits.max_total_size leaves to them",
            {}},
           now);
}

void PushConnection::onDeadline(Clock::time_point now)
{
    switch (phase()) {
    case Phase::Fresh:
        m_hasSent = true;
        settle(now);
        break;
    case Phase::Receiving: {
        if (m_bytesSince >= MinProgress) {
            enter(Phase::Receiving, now);
            m_bytesSince = 0;
            break;
        }
        const std::chrono::duration<double> timeout = door().m_settings.messageTimeout;
        reject({RejectReason::Timeout,
                "the message stalled: " + QByteArray::number(m_bytesSince) + " more bytes in "
                    + QByteArray::number(timeout.count()) + " s (receiver.message_timeout)",
                {}},
               now);
        break;
    }
    default:
        close();
    }
}

/// Reads away what a rejected sender still sends.
void PushConnection::discard()
{
    for (int reads = 0; reads < MaxReadsAJob; ++reads) {
        const Channel::Transfer transfer = m_channel.read({door().m_buffer.get(), ReadSize});
        if (transfer.status == Channel::Status::WouldBlock)
            return;
        m_bytesSince += qint64(transfer.size);
        if (transfer.status != Channel::Status::Ok || m_bytesSince > LingerBytes)
            return close();
    }
}

} // namespace ExporterProxy
