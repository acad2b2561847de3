// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/deflater.h"

#include <algorithm>
#include <new>
#include <QtEndian>
#include <utility>
#include <zlib.h>

namespace ExporterProxy {

namespace {

/// Measured on pages of exporters: level 1 is 16 to 19 % larger than gzip -6 and five times as fast; level 4,
/// the next that is worth its time, is 3 % larger and takes two to three times as long as level 1. The pages
/// go over a local network, where the time counts.
constexpr int Level = 1;

/// Raw deflate with the largest window, 32 KiB.
constexpr int RawWindowBits = -15;

/// zlib's default.
constexpr int MemoryLevel = 8;

/// Where compressed bytes land before a block's own, exactly large enough memory is taken. Holds the whole
/// block of a text of some 500 KB.
constexpr uInt OutputSize = 64 * 1024;

/// The bytes of a larger text that are deflated at once: some 2 ms, or 6 if they are random. Each block costs
/// 5 bytes more, and the references across its edge.
constexpr qsizetype PieceSize = 512 * 1024;

/// zlib counts its input in 32 bits.
constexpr qsizetype MaxInput = qsizetype{1} << 30;

} // namespace

void Deflater::Ender::operator()(z_stream_s *stream) const
{
    deflateEnd(stream);
    delete stream;
}

Deflater::Deflater() = default;
Deflater::~Deflater() = default;

void Deflater::add(QByteArrayView text)
{
    if (text.isEmpty())
        return;
    if (!m_stream) {
        auto stream = std::make_unique<z_stream>();
        if (deflateInit2(stream.get(), Level, Z_DEFLATED, RawWindowBits, MemoryLevel, Z_DEFAULT_STRATEGY)
            != Z_OK)
            throw std::bad_alloc();
        m_stream.reset(stream.release());
        m_output = std::make_unique_for_overwrite<char[]>(OutputSize);
        m_stream->next_out = reinterpret_cast<Bytef *>(m_output.get());
        m_stream->avail_out = OutputSize;
    }
    while (!text.isEmpty()) {
        const QByteArrayView piece = text.first(std::min(text.size(), MaxInput));
        text = text.sliced(piece.size());
        const auto *bytes = reinterpret_cast<const Bytef *>(piece.data());
        m_block.crc = quint32(crc32_z(m_block.crc, bytes, std::size_t(piece.size())));
        m_block.textSize += piece.size();
        m_stream->next_in = const_cast<Bytef *>(bytes); // zlib's old interface; it only reads
        m_stream->avail_in = uInt(piece.size());
        run(Z_NO_FLUSH);
    }
}

DeflatedBlock Deflater::finish()
{
    if (m_block.textSize == 0)
        return {};
    run(Z_SYNC_FLUSH);
    m_block.bytes.append(m_output.get(), qsizetype(OutputSize - m_stream->avail_out));
    m_block.bytes.squeeze();
    m_block.combiner = quint32(crc32_combine_gen(z_off_t(m_block.textSize)));
    deflateReset(m_stream.get());
    m_stream->next_out = reinterpret_cast<Bytef *>(m_output.get());
    m_stream->avail_out = OutputSize;
    return std::exchange(m_block, {});
}

bool Deflater::goOn(DeflatedBlock &block, QByteArrayView text, DeflateBudget &budget)
{
    while (block.textSize < text.size()) {
        const QByteArrayView rest = text.sliced(block.textSize);
        if (!budget.allows(rest.size()))
            return false;
        add(rest.first(std::min(rest.size(), PieceSize)));
        DeflatedBlock next = finish();
        budget.take(next);
        if (block.textSize == 0)
            block = std::move(next);
        else
            block.append(next);
        if (block.textSize == text.size())
            block.bytes.squeeze();
    }
    return true;
}

void DeflatedBlock::append(const DeflatedBlock &next)
{
    bytes.append(next.bytes);
    crc = quint32(crc32_combine_op(crc, next.crc, next.combiner));
    textSize += next.textSize;
    combiner = quint32(crc32_combine_gen(z_off_t(textSize)));
}

void Deflater::run(int flush)
{
    // Room left over is how zlib says that nothing is pending.
    for (;;) {
        deflate(m_stream.get(), flush);
        if (m_stream->avail_out > 0)
            return;
        m_block.bytes.append(m_output.get(), qsizetype(OutputSize));
        m_stream->next_out = reinterpret_cast<Bytef *>(m_output.get());
        m_stream->avail_out = OutputSize;
    }
}

QByteArray GzipMember::header()
{
    // Deflate, no flags, no time (a page's own moment is not a file's), no extra flags, unknown system.
    return QByteArray("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 10);
}

void GzipMember::add(const DeflatedBlock &block)
{
    if (block.textSize == 0)
        return;
    m_crc = quint32(crc32_combine_op(m_crc, block.crc, block.combiner));
    m_textSize += quint64(block.textSize);
}

QByteArray GzipMember::trailer() const
{
    QByteArray bytes("\x03\x00", 2); // final, fixed codes, nothing but the end
    char numbers[8];
    qToLittleEndian(m_crc, numbers);
    qToLittleEndian(quint32(m_textSize), numbers + 4); // modulo 2^32, as RFC 1952 has it
    return bytes.append(numbers, sizeof numbers);
}

} // namespace ExporterProxy
