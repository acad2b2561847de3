// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/httpconnection.h"

#include "daemon/net/connectionset.h"
#include "daemon/process/logging.h"

#include <algorithm>
#include <utility>

namespace ExporterProxy {

using namespace std::chrono_literals;

namespace {

/// What is read of a body at once.
constexpr std::size_t ReadSize = 64 * 1024;

/// What is read of heads at once: usually several requests. Those behind one whose response has to wait stay
/// in memory that nothing counts, for each of thousands of connections; the others stay in the kernel.
constexpr std::size_t HeadReadSize = 4 * 1024;

/// Reads from one connection before others have their turn.
constexpr int MaxReadsAJob = 8;

/// What counts as taking or as sending something: less than a peer on a slow line does in a second.
constexpr qint64 Progress = 16 * 1024;

/// A peer that has taken so much is reading: the kernel of one that never reads takes in less for it
/// (net.core.rmem_max and what it is doubled to, 416 KiB).
constexpr qint64 ReaderProof = 512 * 1024;

PhaseTimes phaseTimes(const HttpLimits &limits)
{
    PhaseTimes times{};
    times[std::size_t(Phase::Fresh)] = limits.idleTimeout;
    times[std::size_t(Phase::Idle)] = limits.idleTimeout;
    times[std::size_t(Phase::Receiving)] = limits.requestTimeout;
    times[std::size_t(Phase::Responding)] = limits.stallTimeout;
    times[std::size_t(Phase::Lingering)] = limits.lingerTimeout;
    return times;
}

} // namespace

HttpDoor::HttpDoor(ConnectionSet &set, const QByteArray &name, const HttpLimits &limits, HttpHandler &handler,
                   AcceptFailures &failures)
    : Door(set, name, limits.maxConnections, phaseTimes(limits), failures)
    , m_limits(limits)
    , m_handler(handler)
    , m_log({.burst = 1, .refill = 1, .period = 1s})
    , m_buffer(new char[ReadSize])
{
}

std::unique_ptr<Connection> HttpDoor::makeConnection()
{
    return std::make_unique<HttpConnection>(*this);
}

/// Answers a connection that is one too many without a wait, or a look at what it asks for.
void HttpDoor::turnAway(Descriptor descriptor)
{
    HttpResponse response = HttpResponse::text(503, "too many connections\n");
    response.headers = "Retry-After: 1\r\n";
    Channel channel;
    channel.open(std::move(descriptor));
    // What has come is read away, or closing would reset the connection and the answer with it; but not for
    // as long as a client keeps sending.
    for (int reads = 0; reads < MaxReadsAJob; ++reads) {
        if (channel.read({m_buffer.get(), ReadSize}).size < ReadSize)
            break;
    }
    channel.writeOnce(m_heads.make(response, ConnectionHeader::Close, wallClock())
                      + response.body->parts.front());
    channel.endOutput();
    logWarning("connection refused: " + QByteArray::number(openConnections()) + " are open", Clock::now());
}

void HttpDoor::logWarning(const QByteArray &line, Clock::time_point now)
{
    if (m_log.allow(now))
        qCWarning(lcHttp, "%s", line.constData());
}

void HttpDoor::logWithheld(Clock::time_point now)
{
    if (const qint64 count = m_log.flush(now))
        qCWarning(lcHttp, "%lld messages like it were not logged", qlonglong(count));
}

void HttpDoor::logDropped(const Connection &connection, const char *reason, Clock::time_point now)
{
    logWarning("connection from " + connection.channel().peerName() + " dropped: it " + reason, now);
}

HttpConnection::HttpConnection(HttpDoor &door)
    : Connection(door)
    , m_reader(door.limits().maxHeadSize)
{
}

void HttpConnection::proceed(Clock::time_point now)
{
    if (phase() == Phase::Lingering)
        return discard();
    if (phase() == Phase::Responding && !write(now))
        return;
    if (m_hasRequest && !answer(now))
        return;
    QByteArray ahead = std::exchange(m_ahead, {});
    QByteArrayView input(ahead);
    for (int reads = 0;;) {
        while (!input.isEmpty() || m_reader.isAtEnd()) {
            if (!takeInput(input, now)) {
                if (isOpen() && !m_isClosing)
                    m_ahead = input.toByteArray();
                return;
            }
        }
        if (++reads > MaxReadsAJob)
            break;
        const std::size_t wanted = m_sink ? ReadSize : HeadReadSize;
        const Channel::Transfer transfer = m_channel.read({door().m_buffer.get(), wanted});
        if (transfer.status == Channel::Status::WouldBlock)
            break;
        if (transfer.status != Channel::Status::Ok)
            return close();
        input = QByteArrayView(door().m_buffer.get(), qsizetype(transfer.size));
        if (transfer.size < wanted)
            reads = MaxReadsAJob; // that was all: another read would only say so
    }
    waitForInput(now);
}

/// Goes on with the request that the bytes belong to. Returns whether more may be read now.
bool HttpConnection::takeInput(QByteArrayView &input, Clock::time_point now)
{
    switch (m_reader.next(input)) {
    case RequestReader::Event::NeedMore:
        return true;
    case RequestReader::Event::Head:
        return takeHead(now);
    case RequestReader::Event::Body:
        return takeBody(now);
    case RequestReader::Event::Fault:
        return fail(HttpResponse::text(m_reader.fault().status, m_reader.fault().message + '\n'), now);
    case RequestReader::Event::End:
        break;
    }
    m_hasRequest = true;
    const HttpMethod method = m_reader.head().method;
    if (!m_sink && (method == HttpMethod::Put || method == HttpMethod::Post))
        m_sink = door().m_handler.sinkFor(m_reader.head(), m_channel); // to store nothing may take long, too
    m_answerBy = Clock::time_point::max();
    m_work = door().m_handler.workOf(m_reader.head());
    if (mayRunNow(Clock::now())) // which is later with each request that was sent ahead
        return answer(now);
    enter(Phase::Preparing, now); // it has arrived in time, however long it has to wait now
    watch(false, false);
    queue(m_work);
    return false;
}

bool HttpConnection::takeHead(Clock::time_point now)
{
    const RequestHead &head = m_reader.head();
    m_sink = nullptr;
    m_bodySize = 0;
    if (!head.hasBody())
        return true;
    m_sink = door().m_handler.sinkFor(head, m_channel);
    if (!m_sink) {
        // It is refused before it is read. What the head alone gets wrong is said first.
        std::optional<HttpResponse> response = door().m_handler.answer(head, m_channel, nullptr, true);
        if (!response || response->status < 400)
            response = HttpResponse::text(413, "this request must not have a body\n");
        return fail(*std::move(response), now);
    }
    if (head.contentLength > m_sink->maxSize())
        return fail(m_sink->tooLarge(), now);
    if (head.expectsContinue && !m_channel.writeOnce("HTTP/1.1 100 Continue\r\n\r\n")) {
        reset(); // it has not read its responses, so that there is no room for this one
        return false;
    }
    return true;
}

bool HttpConnection::takeBody(Clock::time_point now)
{
    m_bodySize += m_reader.body().size();
    if (heldInput() == 0 || m_bodySize - m_sizeAtProgress >= Progress) {
        m_sizeAtProgress = m_bodySize;
        m_progressAt = now;
    }
    if (m_bodySize > m_sink->maxSize())
        return fail(m_sink->tooLarge(), now);
    if (std::optional<HttpResponse> failure = m_sink->write(m_reader.body()))
        return fail(*std::move(failure), now);
    if (phase() != Phase::Receiving)
        enter(Phase::Receiving, now); // it may be the one that has to go
    door().set().memory().noteInput(*this, m_sink->heldBytes(), now);
    return isOpen() && phase() == Phase::Receiving;
}

/// Answers the request, or has it answered later. Returns whether the next one may be read now.
bool HttpConnection::answer(Clock::time_point now)
{
    const bool isLast = now >= m_answerBy;
    std::optional<HttpResponse> response =
        door().m_handler.answer(m_reader.head(), m_channel, m_sink.get(), isLast);
    if (!response) {
        if (m_answerBy == Clock::time_point::max())
            m_answerBy = now + door().limits().compressionWait;
        if (phase() != Phase::Preparing)
            enter(Phase::Preparing, now);
        watch(false, false);
        if (m_sink) {
            door().set().memory().noteInput(*this, m_sink->heldBytes(), now);
            if (!isOpen() || phase() != Phase::Preparing)
                return false;
        }
        queue(m_work);
        return false;
    }
    m_hasRequest = false;
    m_sink = nullptr;
    door().set().memory().noteInput(*this, 0, now);
    return respond(*std::move(response), now);
}

bool HttpConnection::fail(HttpResponse response, Clock::time_point now)
{
    response.close = true;
    m_sink = nullptr;
    door().set().memory().noteInput(*this, 0, now);
    return respond(std::move(response), now);
}

bool HttpConnection::respond(HttpResponse response, Clock::time_point now)
{
    const RequestHead &head = m_reader.head();
    m_isClosing = response.close || !head.keepAlive;
    const ConnectionHeader connection = m_isClosing ? ConnectionHeader::Close
        : head.isHttp10                             ? ConnectionHeader::KeepAlive
                                                    : ConnectionHeader::None;
    QByteArray bytes = door().m_heads.make(response, connection, wallClock());
    if (head.method == HttpMethod::Head) // the head speaks of the body, which is not sent
        response.body = nullptr;
    // Moved, so that whoever counts a page's owners finds those that keep it.
    m_writer.begin(std::move(bytes), std::move(response.body));
    return write(now);
}

/// Goes on with the response. Returns whether it is with the kernel and another request may be read.
bool HttpConnection::write(Clock::time_point now)
{
    switch (m_writer.write(m_channel)) {
    case ResponseWriter::State::Broken:
        close();
        return false;
    case ResponseWriter::State::Waiting:
        if (phase() == Phase::Responding)
            return false;
        enter(Phase::Responding, now);
        watch(false, true);
        m_takenAtFirst = m_takenAtWindow = m_takenAtProgress = bytesTaken();
        m_progressAt = now;
        door().set().memory().noteReader(*this, now);
        return false;
    case ResponseWriter::State::Done:
        break;
    }
    if (!m_isClosing) {
        enter(Phase::Idle, now); // the next request has its own deadlines
        door().set().memory().noteReader(*this, now);
        return isOpen();
    }
    // Says that nothing more comes, and gives the client the time to read and to close by itself. Closing at
    // once would reset the connection if input is left unread, and a reset overtakes the response.
    if (m_channel.endOutput()) {
        m_takenAtWindow = bytesTaken();
        m_windowAt = now;
        enter(Phase::Lingering, now);
        watch(true, false);
        door().set().memory().noteReader(*this, now);
    } else {
        close();
    }
    return false;
}

void HttpConnection::waitForInput(Clock::time_point now)
{
    const Phase wanted = m_reader.isWithinRequest() ? Phase::Receiving
        : phase() == Phase::Fresh                   ? Phase::Fresh
                                                    : Phase::Idle;
    if (phase() != wanted)
        enter(wanted, now);
    m_work = Work::Scrape; // to read a head is little work
    watch(true, false);
}

void HttpConnection::onDeadline(Clock::time_point now)
{
    switch (phase()) {
    case Phase::Receiving:
        fail(HttpResponse::text(408, "the request took too long to arrive\n"), now);
        break;
    case Phase::Responding:
        if (!keepsPace())
            return drop("reads its response too slowly", now);
        enter(Phase::Responding, now);
        break;
    case Phase::Lingering:
        // The kernel may still hold megabytes of the response, which a reset would drop. The reader may take
        // them as slowly as those before. The end of the output counts as one byte.
        if (m_channel.unacknowledgedBytes() <= 1)
            return reset();
        if (now - m_windowAt >= door().limits().stallTimeout) {
            if (!keepsPace())
                return drop("reads its response too slowly", now);
            m_windowAt = now;
        }
        enter(Phase::Lingering, now);
        break;
    default:
        close();
    }
}

/// Returns whether the reader has taken enough since the last call, or since it began to wait.
bool HttpConnection::keepsPace()
{
    const qint64 all = bytesTaken();
    const qint64 taken = all - std::exchange(m_takenAtWindow, all);
    const std::chrono::duration<double> window = door().limits().stallTimeout;
    return double(taken) >= double(door().limits().minReadRate) * window.count();
}

void HttpConnection::dropForMemory(qint64, Clock::time_point now)
{
    if (phase() != Phase::Receiving || heldInput() == 0)
        return drop("reads its response too slowly for the memory that limits.max_total_size leaves", now);
    fail(HttpResponse::text(503, "there is no memory for this request's body\n"), now);
}

void HttpConnection::giveWay(Clock::time_point now)
{
    switch (phase()) {
    case Phase::Fresh:
    case Phase::Idle:
        if (m_channel.hasInput())
            return enter(phase(), now); // a request has arrived, which has its turn soon
        return close();
    case Phase::Receiving:
        fail(HttpResponse::text(503, "the request did not arrive while all connections were in use\n"), now);
        return;
    case Phase::Lingering:
        return close();
    default:
        drop("had to give way while all connections were in use", now);
    }
}

/// Resets it: otherwise the kernel would keep its megabytes for the reader for as long as that likes.
void HttpConnection::drop(const char *reason, Clock::time_point now)
{
    door().logDropped(*this, reason, now);
    m_writer.begin({}, nullptr);
    reset();
}

/// Bytes of all responses that the reader's kernel has acknowledged. Those that wait in this side's kernel
/// say nothing of the reader: it takes megabytes at a time.
qint64 HttpConnection::bytesTaken() const
{
    return m_writer.bytesWritten() - m_channel.unacknowledgedBytes();
}

Connection::Clock::duration HttpConnection::stalledFor(Clock::time_point now)
{
    if (phase() != Phase::Responding) // then what may be under way is a body
        return now - (heldInput() > 0 ? m_progressAt : since());
    const qint64 taken = bytesTaken();
    // What the reader's kernel takes in by itself is no progress: it would make all that have just come
    // alike.
    const bool isReader = taken - m_takenAtFirst >= ReaderProof;
    // Where nothing is under way the reader has taken all there was: it is this side that has not had its
    // turn.
    if ((isReader && taken - m_takenAtProgress >= Progress) || taken == m_writer.bytesWritten()) {
        m_takenAtProgress = taken;
        m_progressAt = now;
    }
    const Clock::duration stalled = now - m_progressAt;
    if (!isReader)
        return stalled;
    return std::max(Clock::duration::zero(), stalled - door().limits().readerGrace);
}

/// Reads away what still comes after the last response.
void HttpConnection::discard()
{
    for (int reads = 0; reads < MaxReadsAJob; ++reads) {
        const Channel::Transfer transfer = m_channel.read({door().m_buffer.get(), ReadSize});
        if (transfer.status == Channel::Status::WouldBlock)
            return;
        m_discarded += qint64(transfer.size);
        if (transfer.status != Channel::Status::Ok)
            return close();
        if (m_discarded > door().limits().maxLingerBytes)
            return reset();
    }
}

} // namespace ExporterProxy
