// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/wire/jsonstring.h"

#include "common/wire/jsonescapes.h"

#include <bit>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace ExporterProxy {

namespace {

constexpr std::size_t PieceSize = 16;

/// One bit for each byte of a block: the first that is not plain, and whether all are ASCII.
struct BlockBits
{
    std::uint64_t special;
    bool ascii;
};

#if defined(__SSE2__)
BlockBits classify(const char *block)
{
    std::uint64_t special = 0;
    int high = 0;
    for (unsigned piece = 0; piece < BlockSize / PieceSize; ++piece) {
        const __m128i bytes =
            _mm_loadu_si128(reinterpret_cast<const __m128i *>(block + std::size_t{piece} * PieceSize));
        const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
        const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
        const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
        const auto bits = unsigned(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control)));
        special |= std::uint64_t{bits} << (piece * PieceSize);
        high |= _mm_movemask_epi8(bytes);
    }
    return {special, high == 0};
}
#else
BlockBits classify(const char *block)
{
    std::uint64_t special = 0;
    unsigned char high = 0;
    for (unsigned i = 0; i < BlockSize; ++i) {
        const auto c = static_cast<unsigned char>(block[i]);
        special |= std::uint64_t{isSpecialInJson(c)} << i;
        high |= c;
    }
    return {special, high < 0x80};
}
#endif

/// Copies `size` bytes, up to 64, in pieces that are cheaper than an exact copy. Reads and writes up to 15
/// bytes more.
inline void copyPieces(char *out, const char *in, std::size_t size)
{
    std::memcpy(out, in, PieceSize);
    for (std::size_t done = PieceSize; done < size; done += PieceSize)
        std::memcpy(out + done, in + done, PieceSize);
}

} // namespace

RunResult unescapeRunPortable(const char *in, const char *inEnd, char *out, StringKind kind)
{
    bool ascii = true;
    // The pieces of a block are read up to 15 bytes beyond it.
    while (std::size_t(inEnd - in) >= BlockSize + PieceSize) {
        const BlockBits bits = classify(in);
        ascii = ascii && bits.ascii;
        std::uint64_t special = bits.special;
        unsigned done = 0; // bytes of the block that are dealt with; may be one more than the block has
        while (special != 0) {
            const auto at = unsigned(std::countr_zero(special));
            copyPieces(out, in + done, at - done);
            out += at - done;
            const char c = in[at];
            if (c == '\\') [[likely]] {
                const char meant = jsonEscapes[static_cast<unsigned char>(in[at + 1])];
                if (meant == 0)
                    return {in + at, out, RunEnd::Escape, ascii};
                *out++ = meant;
                done = at + 2;
            } else if (kind == StringKind::Lines && startsNextLine(in + at)) {
                *out++ = '\n';
                done = at + 3;
            } else {
                return {in + at, out, c == '"' ? RunEnd::Quote : RunEnd::Control, ascii};
            }
            // What was skipped may be special itself: an escaped quote or backslash, the quote that opens a
            // line.
            special &= done >= BlockSize ? 0 : ~std::uint64_t{0} << done;
        }
        if (done < BlockSize) {
            copyPieces(out, in + done, BlockSize - done);
            out += BlockSize - done;
            in += BlockSize;
        } else {
            in += done;
        }
    }
    return unescapeTail(in, inEnd, out, kind, ascii);
}

RunResult unescapeTail(const char *in, const char *inEnd, char *out, StringKind kind, bool ascii)
{
    while (in != inEnd) {
        const auto c = static_cast<unsigned char>(*in);
        if (!isSpecialInJson(c)) {
            ascii = ascii && c < 0x80;
            *out++ = *in++;
        } else if (c == '\\') {
            const char meant = inEnd - in > 1 ? jsonEscapes[static_cast<unsigned char>(in[1])] : char(0);
            if (meant == 0)
                return {in, out, RunEnd::Escape, ascii};
            *out++ = meant;
            in += 2;
        } else if (kind == StringKind::Lines && inEnd - in > 2 && startsNextLine(in)) {
            *out++ = '\n';
            in += 3;
        } else {
            return {in, out, c == '"' ? RunEnd::Quote : RunEnd::Control, ascii};
        }
    }
    return {in, out, RunEnd::Input, ascii};
}

RunResult unescapeRun(const char *in, const char *inEnd, char *out, StringKind kind)
{
    static const UnescapeFunction best = unescapeRunAvx512() ? unescapeRunAvx512() : unescapeRunPortable;
    return best(in, inEnd, out, kind);
}

} // namespace ExporterProxy
