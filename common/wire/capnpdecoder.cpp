// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/wire/capnpdecoder.h"

#include "common/wire/textcheck.h"
#include "schema/metric_data.capnp.h"

#include <capnp/serialize.h>
#include <cstdlib>
#include <cstring>
#include <kj/exception.h>
#include <QtEndian>

namespace ExporterProxy {

namespace {

/// The size of each number in a message's header, in bytes.
constexpr qint64 FieldSize = sizeof(quint32);
/// The library's own bound. Each segment costs it 16 bytes of heap for 4 bytes of input.
constexpr quint32 MaxSegments = 512;
/// InboundMetrics is flat: root, list. What nests deeper is not one.
constexpr int MaxNesting = 4;
/// The buffer of a message in pieces begins with this, or less if the message is smaller, and doubles.
constexpr qint64 FirstCapacity = 64 * 1024;
/// From so many missing bytes on it pays to read from the socket straight into the message.
constexpr qint64 DirectThreshold = 32 * 1024;
/// Bytes that reset() keeps.
constexpr qint64 KeptCapacity = 64 * 1024;

QByteArrayView view(capnp::Text::Reader text)
{
    return {text.begin(), qsizetype(text.size())};
}

/// Returns the library's message, which follows the condition that failed.
QByteArray detail(const kj::Exception &exception)
{
    const QByteArray description = exception.getDescription().cStr();
    const qsizetype at = description.indexOf("; ");
    const QByteArray words = at < 0 ? QByteArray() : description.sliced(at + 2).trimmed();
    return words.isEmpty() ? words : ": " + (words.endsWith('.') ? words.chopped(1) : words);
}

} // namespace

void CapnpDecoder::FreeMemory::operator()(Word *memory) const noexcept
{
    std::free(memory);
}

CapnpDecoder::CapnpDecoder(DecodeLimits limits)
    : m_limits(limits)
{
}

void CapnpDecoder::reset()
{
    release(KeptCapacity);
    m_size = m_messageSize = m_offset = 0;
}

void CapnpDecoder::release(qint64 kept)
{
    if (m_capacity > kept) {
        m_memory.reset();
        m_capacity = 0;
    }
    releaseUpdates();
}

PushDecoder::Status CapnpDecoder::decode(QByteArrayView &input)
{
    m_updateCount = 0;
    while (m_size > 0) { // goes on with a message in pieces: first to the end of its header, then to its own
        // The first field by itself: a bad one is refused whether or not the next has come.
        const qint64 wanted = m_messageSize > 0 ? m_messageSize
            : m_size < FieldSize                ? FieldSize
                                                : (m_size / qint64(sizeof(Word)) + 1) * qint64(sizeof(Word));
        const qint64 taken = qMin(wanted - m_size, qint64(input.size()));
        append(input.first(taken));
        input = input.sliced(taken);
        if (m_size < wanted)
            return Status::NeedMore;
        if (m_messageSize == 0) {
            const Header header = readHeader({buffer(), m_size});
            if (header == Header::Bad)
                return Status::Rejected;
            if (header == Header::Incomplete || m_size < m_messageSize)
                continue;
        }
        const qint64 size = std::exchange(m_size, 0);
        return decodeMessage(m_memory.get(), size);
    }

    if (input.isEmpty())
        return Status::NeedMore;
    m_messageSize = 0;
    if (readHeader(input) == Header::Bad)
        return Status::Rejected;
    if (m_messageSize == 0 || m_messageSize > input.size()) {
        append(input);
        input = {};
        return Status::NeedMore;
    }
    const qint64 size = m_messageSize;
    const char *message = input.data();
    input = input.sliced(size);
    if (reinterpret_cast<std::uintptr_t>(message) % sizeof(Word) == 0)
        return decodeMessage(reinterpret_cast<const Word *>(message), size);
    append({message, qsizetype(size)});
    m_size = 0;
    return decodeMessage(m_memory.get(), size);
}

/// Reads the table of segments: their number less one, then the size of each in words, 32 bits each, padded
/// to a word. Sets m_messageSize once it can be known.
CapnpDecoder::Header CapnpDecoder::readHeader(QByteArrayView bytes)
{
    if (bytes.size() < FieldSize)
        return Header::Incomplete;
    const auto field = [&](qint64 index) {
        return qFromLittleEndian<quint32>(bytes.data() + index * FieldSize);
    };
    // Checked before one is added: the largest count wraps to none.
    if (field(0) >= MaxSegments) {
        reject(RejectReason::Malformed,
               "not a Cap'n Proto message: it claims more than " + QByteArray::number(MaxSegments)
                   + " segments");
        return Header::Bad;
    }
    const qint64 segments = qint64(field(0)) + 1;
    const qint64 headerSize = (1 + segments + 1) / 2 * qint64(sizeof(Word));
    if (bytes.size() < headerSize)
        return Header::Incomplete;
    qint64 words = 0;
    for (qint64 i = 1; i <= segments; ++i)
        words += field(i);
    const qint64 size = headerSize + words * qint64(sizeof(Word));
    if (size > m_limits.maxMessageSize) {
        reject(RejectReason::MessageTooLarge,
               "the message has " + QByteArray::number(size) + " bytes, more than limits.max_message_size ("
                   + QByteArray::number(m_limits.maxMessageSize) + ')');
        return Header::Bad;
    }
    m_messageSize = size;
    return Header::Complete;
}

PushDecoder::Status CapnpDecoder::decodeMessage(const Word *words, qint64 size)
{
    // The library's limit on what may be read, against messages that refer to one list again and again.
    const capnp::ReaderOptions options{.traversalLimitInWords = quint64(size) / sizeof(Word) * 2 + 64,
                                       .nestingLimit = MaxNesting};
    try {
        capnp::FlatArrayMessageReader reader(
            kj::arrayPtr(reinterpret_cast<const capnp::word *>(words), std::size_t(size) / sizeof(Word)),
            options);
        const auto metrics = reader.getRoot<Schema::InboundMetrics>();
        const QByteArrayView name = view(metrics.getAppName());
        if (textFault(name) || nameFault(name)) {
            const std::optional<Rejection> fault = textFault(name);
            if (fault && fault->reason == RejectReason::InvalidUtf8)
                return reject(fault->reason, fault->message + " of the application's name");
            return reject(RejectReason::BadName, *nameFault(name));
        }
        const QByteArrayView text = view(metrics.getData());
        AppUpdate &update = addUpdate();
        update.name.resize(0);
        update.name.append(name);
        update.text.reserve(text.size() + 1); // for the newline that the model may add
        update.text.resize(text.size());
        const TextTraits traits = copyText(update.text.data(), text);
        if (traits.hasNul || !traits.ascii) {
            if (const std::optional<Rejection> fault = textFault(text))
                return reject(fault->reason, fault->message + " of the text of \"" + update.name + '"',
                              update.name);
        }
    } catch (const kj::Exception &exception) {
        return reject(RejectReason::Malformed, "malformed Cap'n Proto message" + detail(exception));
    }
    m_offset += size;
    m_messageSize = 0;
    return Status::Complete;
}

PushDecoder::Status CapnpDecoder::finish()
{
    if (m_size == 0)
        return Status::NeedMore;
    return reject(RejectReason::Incomplete,
                  "the connection ended inside a message, after " + QByteArray::number(m_size) + " of "
                      + (m_messageSize > 0 ? QByteArray::number(m_messageSize) : QByteArray("unknown"))
                      + " bytes");
}

std::span<char> CapnpDecoder::directSpace()
{
    if (m_messageSize - m_size < DirectThreshold || m_size == 0)
        return {};
    if (m_size == m_capacity)
        ensureCapacity(m_size + 1);
    return {buffer() + m_size, std::size_t(qMin(m_capacity, m_messageSize) - m_size)};
}

PushDecoder::Status CapnpDecoder::received(std::size_t bytes)
{
    m_updateCount = 0;
    m_size += qint64(bytes);
    if (m_size < m_messageSize)
        return Status::NeedMore;
    const qint64 size = std::exchange(m_size, 0);
    return decodeMessage(m_memory.get(), size);
}

PushDecoder::Status CapnpDecoder::reject(RejectReason reason, const QByteArray &what, const QByteArray &app)
{
    m_updateCount = 0;
    m_rejection = {reason, what + ", in the message at byte " + QByteArray::number(m_offset), app};
    return Status::Rejected;
}

void CapnpDecoder::ensureCapacity(qint64 bytes)
{
    if (bytes <= m_capacity)
        return;
    const qint64 usual = m_messageSize > 0 ? qMin(m_messageSize, qMax(2 * m_capacity, FirstCapacity)) : 0;
    const qint64 words = (qMax(bytes, usual) + qint64(sizeof(Word)) - 1) / qint64(sizeof(Word));
    // realloc() moves the pages of a large block instead of copying it.
    auto *memory = static_cast<Word *>(std::realloc(m_memory.get(), std::size_t(words) * sizeof(Word)));
    if (!memory)
        throw std::bad_alloc();
    static_cast<void>(m_memory.release());
    m_memory.reset(memory);
    m_capacity = words * qint64(sizeof(Word));
}

void CapnpDecoder::append(QByteArrayView bytes)
{
    if (bytes.isEmpty())
        return;
    ensureCapacity(m_size + bytes.size());
    std::memcpy(buffer() + m_size, bytes.data(), std::size_t(bytes.size()));
    m_size += bytes.size();
}

} // namespace ExporterProxy
