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

/// What is read at once of a sender whose messages are so small that a read takes longer than a job should:
/// each costs some hundred times its bytes.
constexpr std::size_t SmallReadSize = 8 * 1024;

/// What is read first. It may hold thousands of the smallest messages.
constexpr std::size_t FirstReadSize = 96 * 1024;

/// Answers that are collected before they are written: those of a job usually go out at once.
constexpr qsizetype ManyAnswers = 16 * 1024;

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

/// Bounds PushDoor::drain().
constexpr auto DrainTime = 1s;

/// And what it waits for beyond that, for messages that are being judged: several of the largest and worst.
constexpr auto JudgingTime = 5s;

/// How long it waits for those that are let in last to send what they have connected for.
constexpr auto LastWords = 200ms;

PhaseTimes phaseTimes(const ReceiverSettings &settings)
{
    PhaseTimes times{};
    times[std::size_t(Phase::Fresh)] = FreshTime;
    times[std::size_t(Phase::Receiving)] = settings.messageTimeout;
    times[std::size_t(Phase::Responding)] = settings.messageTimeout;
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
    m_settings.answersAlways = settings.answersAlways;
    deadlines().setTime(Phase::Receiving, settings.messageTimeout);
    deadlines().setTime(Phase::Responding, settings.messageTimeout);
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
    const auto waitForSenders = [this](Clock::time_point until) {
        while ((deadlines().first(Phase::Receiving) || deadlines().first(Phase::Fresh))
               && set().waitAndHandle(until)) { }
    };
    if (leaveQueue) {
        leaveListening();
        waitForSenders(end); // no push is rejected because of a restart
    }
    set().handleWaiting(end);
    stopListening(end);
    set().handleWaiting(end);
    const Clock::time_point last = std::min(end, Clock::now() + LastWords);
    waitForSenders(last);
    // Whose push has just been stored is about to end: a reset would say that it was not.
    const auto isEnding = [this, since = last - 2 * LastWords] {
        for (Connection *each = deadlines().first(Phase::Idle); each; each = each->next()) {
            if (each->since() > since)
                return true;
        }
        return false;
    };
    while (isEnding() && set().waitAndHandle(last)) { }
    // What is whole is stored, unless that takes too long.
    while (deadlines().first(Phase::Preparing) && set().waitAndHandle(end + JudgingTime)) { }
    // A connection that just closes says "stored". These were not.
    for (const auto &[phase, fault] : {std::pair(Phase::Receiving, ", and the message is not complete"),
                                       std::pair(Phase::Preparing, ", and the message is not judged yet")}) {
        while (Connection *const unfinished = deadlines().first(phase)) {
            auto *sender = static_cast<PushConnection *>(unfinished);
            sender->reject({RejectReason::Incomplete, why + fault, {}}, Clock::now());
            if (sender->isOpen())
                sender->end();
        }
    }
    for (const Phase phase : {Phase::Fresh, Phase::Idle, Phase::Responding}) {
        while (Connection *const open = deadlines().first(phase))
            static_cast<PushConnection *>(open)->end();
    }
}

PushConnection::PushConnection(PushDoor &door)
    : Connection(door)
    , m_readSize(FirstReadSize)
{
    equip();
}

void PushConnection::renew()
{
    m_judging.reset();
    m_rest = {};
    m_decoder->reset(); // it holds nothing of a former sender's
    m_answers = {};
    m_documents = 0;
    m_hasEnded = false;
    m_hasSent = false;
    m_hasCompleted = false;
    m_bytesSince = 0;
    m_heldAtProgress = 0;
    m_readSize = FirstReadSize;
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
    if (!m_answers.isEmpty() && !sendAnswers(now))
        return;
    if (m_settingsSerial != door().m_settingsSerial && !m_decoder->isMidMessage())
        equip();
    const After after = read(now);
    if (isOpen() && after == After::ReadOn && sendAnswers(now))
        settle(now);
}

PushConnection::After PushConnection::read(Clock::time_point now)
{
    Clock::time_point begin = now;
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
        if (!direct.empty()) {
            if (consume(m_decoder->received(transfer.size), {}, now) == After::Stop)
                return After::Stop;
        } else if (decode({to.data(), qsizetype(transfer.size)}, now) == After::Stop) {
            return After::Stop;
        }
        if (m_answers.size() > ManyAnswers && !sendAnswers(now))
            return After::Stop;
        if (noteInput(now) == After::Stop)
            return After::Stop;
        const Clock::time_point end = Clock::now();
        if (end - begin > JobTime / 2)
            m_readSize = std::max(m_readSize / 4, SmallReadSize);
        else if (end - begin < JobTime / 8)
            m_readSize = std::min(m_readSize * 2, ReadSize);
        if (door().set().memory().isExceeded() || end - now > JobTime)
            return After::ReadOn;
        begin = end;
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
    if (status == PushDecoder::Status::Rejected) {
        reject(m_decoder->rejection(), now);
        return After::Stop;
    }
    m_judging.emplace(door().m_intake.judge(m_decoder->updates(), timeNow()));
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
    const std::size_t applications = m_judging->updates().size();
    const std::optional<Rejection> rejection = door().m_intake.take(*m_judging, door().m_source);
    m_judging.reset();
    if (rejection) {
        reject(*rejection, now);
        return After::Stop;
    }
    m_hasCompleted = true;
    ++m_documents;
    if (door().m_settings.answersAlways)
        m_answers.append("ok ").append(QByteArray::number(quint64(applications))).append('\n');
    return After::ReadOn;
}

PushConnection::After PushConnection::endOfInput(Clock::time_point now)
{
    m_hasEnded = true;
    if (m_decoder->finish() == PushDecoder::Status::Rejected) {
        reject(m_decoder->rejection(), now);
        if (isOpen())
            close();
    } else {
        sendAnswers(now);
    }
    return After::Stop;
}

qint64 PushConnection::held() const
{
    return (m_judging || m_decoder->isMidMessage() ? m_decoder->heldBytes() + m_rest.size() : 0)
        + m_answers.size();
}

/// Sends what is to be answered. Returns whether more may be read now: a sender that does not read its
/// answers is not read from either, and one that has ended is closed once it has all of them.
bool PushConnection::sendAnswers(Clock::time_point now)
{
    if (!m_answers.isEmpty()) {
        const iovec piece{m_answers.data(), std::size_t(m_answers.size())};
        const Channel::Transfer transfer = m_channel.write({&piece, 1});
        if (transfer.status == Channel::Status::Failed) {
            close();
            return false;
        }
        m_answers.remove(0, qsizetype(transfer.size));
        const bool isWaiting = !m_answers.isEmpty();
        watch(!isWaiting, isWaiting);
        if (isWaiting) {
            if (phase() != Phase::Responding || transfer.size > 0)
                enter(Phase::Responding, now);
            door().set().memory().noteReader(*this, now);
            return false;
        }
        m_answers = {};
    }
    if (m_hasEnded)
        close();
    return !m_hasEnded;
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
    if (heldInput() == 0)
        m_progressAt = now;
    if (wanted == Phase::Idle)
        m_decoder->releaseMemory();
}

void PushConnection::reject(const Rejection &rejection, Clock::time_point now)
{
    const QByteArray line = door().m_intake.refuse(rejection, door().m_source, timeNow(), now,
                                                   [this] { return m_channel.peerName(); });
    m_judging.reset();
    m_rest = {};
    m_decoder->reset();
    m_decoder->releaseMemory(); // it stays with a sender that will never use it again
    door().set().memory().noteInput(*this, 0, now);
    m_bytesSince = 0;
    if (door().m_settings.answersAlways)
        m_answers.append("error: document ").append(QByteArray::number(m_documents + 1)).append(": ");
    else
        m_answers.append("error: ");
    const bool isSent = m_channel.writeOnce(std::exchange(m_answers, {}) + line + '\n');
    if (!isSent || !m_channel.endOutput())
        return reset(); // the sender learns that something is wrong
    enter(Phase::Lingering, now);
    watch(true, false);
}

void PushConnection::end()
{
    if (m_hasEnded || phase() == Phase::Lingering)
        close();
    else
        reset();
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

void PushConnection::giveWay(Clock::time_point now)
{
    // What has arrived in the meantime counts: no push is thrown away unread.
    if (phase() != Phase::Lingering && m_channel.hasInput())
        return proceed(now);
    if (m_judging)
        return reject({RejectReason::TooMuchPending,
                       "dropped before it was judged: its peer holds more than half of all connections "
                       "(exporter.concurrent_requests), and another one wants to connect",
                       {}},
                      now);
    if (phase() != Phase::Receiving)
        return end();
    const std::chrono::duration<double> stalled = stalledFor(now);
    reject({RejectReason::Timeout,
            "the message stalled for " + QByteArray::number(stalled.count(), 'f', 2)
                + " s while all connections were in use (exporter.concurrent_requests)",
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
        end();
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
