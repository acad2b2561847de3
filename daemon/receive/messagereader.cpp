// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/messagereader.h"

#include "daemon/receive/peer.h"

#include <cerrno>
#include <sys/socket.h>

namespace ExporterProxy {

namespace {

/// Reads from one connection before others get their turn; the rest stays readable.
constexpr int MaxReadsATurn = 4;

/// Larger than the usual socket buffer, so that one read empties it; small enough to stay in the second-level
/// cache.
constexpr std::size_t ReadSize = 256 * 1024;

/// Alignment in front, for PushDecoder::phase().
constexpr std::size_t ReadMargin = 8;

/// How many bytes of a refused sender are read away: closing at once would reset the connection, and it would
/// never read why.
constexpr qint64 LingerBytes = 16 * 1024 * 1024;

} // namespace

MessageReader::MessageReader(const ReceiverSettings &settings, const Intake &intake, Source &source,
                             MessageMemory &memory)
    : m_settings(settings)
    , m_intake(intake)
    , m_source(source)
    , m_memory(memory)
    , m_buffer(new char[ReadSize + ReadMargin]) // not cleared: memory that is not read into costs nothing
{
}

void MessageReader::equip(Connection &connection)
{
    connection.decoder = makePushDecoder(m_settings.format, m_settings.limits);
    connection.settingsSerial = m_settingsSerial;
}

MessageReader::After MessageReader::readFrom(Connection &connection)
{
    if (connection.refused)
        return discard(connection);
    if (connection.settingsSerial != m_settingsSerial && !connection.decoder->isMidMessage())
        equip(connection);
    PushDecoder &decoder = *connection.decoder;
    for (int reads = 0; reads < MaxReadsATurn; ++reads) {
        const std::span<char> direct = decoder.directSpace();
        const unsigned phase = direct.empty() ? decoder.phase() : 0;
        char *to = direct.empty() ? m_buffer.get() + phase : direct.data();
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
            if (connection.refused || m_memory.isExceeded())
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
        if (connection.refused || m_memory.isExceeded())
            return After::KeepOpen;
    }
    return After::KeepOpen;
}

MessageReader::After MessageReader::account(Connection &connection)
{
    const std::optional<Rejection> rejection = m_memory.makeRoomFor(connection);
    return rejection ? refuse(connection, *rejection) : After::KeepOpen;
}

MessageReader::After MessageReader::consume(Connection &connection, PushDecoder::Status status)
{
    if (status == PushDecoder::Status::NeedMore)
        return After::KeepOpen;
    if (status == PushDecoder::Status::Rejected)
        return refuse(connection, connection.decoder->rejection());
    if (const auto rejection = m_intake.take(connection.decoder->updates(), m_source, wallClock()))
        return refuse(connection, *rejection);
    connection.completed = true;
    return After::KeepOpen;
}

MessageReader::After MessageReader::endOfInput(Connection &connection)
{
    if (connection.decoder->finish() == PushDecoder::Status::Rejected)
        refuse(connection, connection.decoder->rejection());
    return After::Close;
}

MessageReader::After MessageReader::refuse(Connection &connection, const Rejection &rejection)
{
    connection.refused = true;
    connection.since = Connection::Clock::now();
    connection.bytesSince = 0;
    const QByteArray message = m_intake.refuse(rejection, m_source, wallClock(), connection.since,
                                               [&connection] { return peerName(connection.descriptor); });
    connection.decoder->reset();
    connection.decoder->releaseMemory(); // it stays with a sender that will never use it again
    m_memory.note(connection);
    // It fits into an empty send buffer; a sender that is gone already does not matter.
    const QByteArray answer = "error: " + message + '\n';
    send(connection.descriptor, answer.constData(), std::size_t(answer.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
    return shutdown(connection.descriptor, SHUT_WR) == 0 ? After::KeepOpen : After::Close;
}

/// Reads away what a refused sender still sends.
MessageReader::After MessageReader::discard(Connection &connection)
{
    for (int reads = 0; reads < MaxReadsATurn; ++reads) {
        const ssize_t size = recv(connection.descriptor, m_buffer.get(), ReadSize, MSG_DONTWAIT);
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

} // namespace ExporterProxy
