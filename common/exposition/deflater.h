// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>
#include <memory>
#include <QByteArray>

struct z_stream_s;

namespace ExporterProxy {

/// A stretch of text as raw deflate (RFC 1951) that ends on a byte boundary, refers to nothing before it and
/// is not final: such blocks can be joined within one gzip member.
struct DeflatedBlock
{
    QByteArray bytes;
    qint64 textSize = 0; ///< bytes before compression
    quint32 crc = 0; ///< CRC-32 of the text
    quint32 combiner = 0; ///< what zlib needs to append that CRC to another; made of the size

    /// Appends the block of the text that follows this block's text.
    void append(const DeflatedBlock &next);
};

/// The limits of how much may be deflated now.
struct DeflateBudget
{
    /// Also of bytes of text alone, where memory is no matter.
    DeflateBudget(qint64 bytesOfText, qint64 bytesOfMemory = std::numeric_limits<qint64>::max())
        : text(bytesOfText)
        , memory(bytesOfMemory)
    {
    }

    qint64 text; ///< bytes of it, give or take one piece; 0 and less: no more
    qint64 memory; ///< for the blocks

    /// Returns whether a piece of that size may be deflated: random bytes become no smaller.
    bool allows(qint64 size) const { return text > 0 && size <= memory; }

    void take(const DeflatedBlock &block)
    {
        text -= block.textSize;
        memory -= block.bytes.size();
    }
};

/// Makes deflated blocks. The compressor's memory (some 270 KB) is allocated for the first one and reused for
/// each. Used by one thread at a time. Throws std::bad_alloc without memory.
class Deflater
{
public:
    Deflater();
    ~Deflater();

    /// Adds the next piece of the block's text; does not keep it.
    void add(QByteArrayView text);
    /// Ends the block; the next add() begins another.
    DeflatedBlock finish();

    /// Continues the block of a text from where it ends, in pieces, within the budget. Returns whether the
    /// block is complete. Begins a piece only if the budget has the memory to end it.
    bool goOn(DeflatedBlock &block, QByteArrayView text, DeflateBudget &budget);

private:
    struct Ender
    {
        void operator()(z_stream_s *stream) const;
    };

    void run(int flush);

    std::unique_ptr<z_stream_s, Ender> m_stream;
    std::unique_ptr<char[]> m_output;
    DeflatedBlock m_block;
};

/// One gzip member (RFC 1952) of blocks: header(), the blocks' bytes in the order of add(), then
/// trailer(). One member and not one for each block, because curl and browsers stop reading after the first.
class GzipMember
{
public:
    static QByteArray header();

    /// Notes a block: CRCs combine in about as long as a cache miss, without the text.
    void add(const DeflatedBlock &block);

    /// Returns the final empty block, CRC and size.
    QByteArray trailer() const;

private:
    quint32 m_crc = 0;
    quint64 m_textSize = 0;
};

} // namespace ExporterProxy
