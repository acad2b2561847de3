// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/bodybuffer.h"

#include <algorithm>
#include <limits>
#include <new>
#include <utility>
#include <zlib.h>

namespace ExporterProxy {

namespace {

/// Where the room for a body of unknown size begins: a usual exporter's page is of this order.
constexpr qsizetype FirstRoom = 32 * 1024;

/// What a body may keep that it does not need: the allocator rounds up anyway.
constexpr qsizetype TolerableSpare = 64;

/// From this size on the allocator asks the system for a block; see tuneAllocator().
constexpr qsizetype MappedFrom = 4 * 1024 * 1024;

/// zlib's windowBits for the largest window with a gzip header around the data.
constexpr int GzipWindowBits = MAX_WBITS + 16;

} // namespace

struct BodyBuffer::Inflater
{
    Inflater()
    {
        if (inflateInit2(&stream, GzipWindowBits) != Z_OK)
            throw std::bad_alloc(); // the only way it fails with a library that fits its header
    }
    ~Inflater() { inflateEnd(&stream); }
    Inflater(const Inflater &) = delete;
    Inflater &operator=(const Inflater &) = delete;

    z_stream stream{};
    bool memberEnded = false; ///< between two members of the gzip file, where it may end
};

BodyBuffer::BodyBuffer(qint64 maxSize)
    : m_maxSize(maxSize)
{
}

BodyBuffer::~BodyBuffer() = default;

void BodyBuffer::start(Encoding encoding, qint64 expectedSize)
{
    m_bytes = QByteArray();
    m_inflater = encoding == Encoding::Gzip ? std::make_unique<Inflater>() : nullptr;
    if (expectedSize > 0)
        makeRoom(qsizetype(std::min(expectedSize, m_maxSize)) + 1);
}

BodyBuffer::Status BodyBuffer::append(QByteArrayView bytes)
{
    return m_inflater ? appendGzip(bytes) : appendPlain(bytes);
}

BodyBuffer::Status BodyBuffer::finish() const
{
    return m_inflater && !m_inflater->memberEnded ? Status::Corrupt : Status::Good;
}

QByteArray BodyBuffer::take()
{
    m_inflater.reset();
    QByteArray body = std::exchange(m_bytes, QByteArray());
    if (body.capacity() - body.size() <= TolerableSpare)
        return body;
    // What is cut off in place is a hole that the next body of this size does not fit into. A body that has a
    // mapping of its own leaves none, and is too large to copy.
    if (body.size() >= MappedFrom) {
        body.squeeze();
        return body;
    }
    QByteArray exact;
    exact.reserve(body.size() + 1); // with room for the newline that the model may add
    return exact.append(body);
}

BodyBuffer::Status BodyBuffer::appendPlain(QByteArrayView bytes)
{
    if (bytes.size() > m_maxSize - m_bytes.size())
        return Status::TooLarge;
    makeRoom(m_bytes.size() + bytes.size());
    m_bytes.append(bytes);
    return Status::Good;
}

BodyBuffer::Status BodyBuffer::appendGzip(QByteArrayView bytes)
{
    z_stream &stream = m_inflater->stream;
    while (!bytes.isEmpty()) {
        const qsizetype portion = std::min(bytes.size(), qsizetype(std::numeric_limits<uInt>::max()));
        stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
        stream.avail_in = uInt(portion);
        bytes = bytes.sliced(portion);
        bool outputFull = false;
        while (stream.avail_in > 0 || outputFull) {
            if (m_inflater->memberEnded) {
                if (stream.avail_in == 0)
                    break;
                inflateReset(&stream);
                m_inflater->memberEnded = false;
            }
            const qsizetype used = m_bytes.size();
            makeRoom(used + 1);
            const qsizetype room =
                std::min(m_bytes.capacity() - used, qsizetype(std::numeric_limits<uInt>::max()));
            m_bytes.resize(used + room);
            stream.next_out = reinterpret_cast<Bytef *>(m_bytes.data() + used);
            stream.avail_out = uInt(room);
            const int result = inflate(&stream, Z_NO_FLUSH);
            outputFull = stream.avail_out == 0;
            m_bytes.resize(used + room - qsizetype(stream.avail_out));
            if (m_bytes.size() > m_maxSize)
                return Status::TooLarge;
            m_inflater->memberEnded = result == Z_STREAM_END;
            // Z_BUF_ERROR: the output fitted to the byte, and nothing was left to come after it.
            if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
                return Status::Corrupt;
        }
    }
    return Status::Good;
}

void BodyBuffer::makeRoom(qsizetype size)
{
    // Twice the room each time keeps the cost linear; a byte over the limit is room enough to notice it.
    if (size > m_bytes.capacity())
        m_bytes.reserve(
            std::max(size, std::min(std::max(2 * m_bytes.capacity(), FirstRoom), qsizetype(m_maxSize) + 1)));
}

} // namespace ExporterProxy
