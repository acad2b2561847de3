// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/wire/jsonescapes.h"
#include "common/wire/jsonstring.h"

#if defined(__x86_64__)
#include <bit>
#include <immintrin.h>
#endif

namespace ExporterProxy {

#if defined(__x86_64__)

namespace {

/// A block costs the same whatever its number of escapes: their backslashes are squeezed out of the register
/// with one instruction. What is rare (\u, runs of backslashes, \t and its like, control characters) goes
/// byte by byte.
template<StringKind Kind>
__attribute__((target("avx512f,avx512bw,avx512vbmi2,popcnt"))) RunResult
unescapeBlocks(const char *in, const char *inEnd, char *out)
{
    constexpr std::uint64_t LastByte = std::uint64_t{1} << (BlockSize - 1);
    bool ascii = true;
    // Two bytes beyond the block are looked at for the next line's beginning.
    while (std::size_t(inEnd - in) >= BlockSize + 2) {
        const __m512i bytes = _mm512_loadu_si512(in);
        const std::uint64_t backslash = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\\'));
        const std::uint64_t escaped = backslash << 1;
        const std::uint64_t quote = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('"'));
        const std::uint64_t newline = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('n')) & escaped;
        const std::uint64_t slash = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('/'));
        const std::uint64_t control = _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(0x20));
        const std::uint64_t bare = quote & ~escaped;
        // Where `","` ends one line and begins the next. In `",","` it is open which of the two quotes in the
        // middle belong together: rare.
        std::uint64_t lineEnd = 0;
        if constexpr (Kind == StringKind::Lines)
            lineEnd = bare & (_mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(',')) >> 1) & (bare >> 2);
        const std::uint64_t end = bare & ~(lineEnd | lineEnd << 2);
        const std::uint64_t inString = end != 0 ? (end & -end) - 1 : ~std::uint64_t{0};
        const std::uint64_t rare = control | (backslash & escaped) | (escaped & ~(quote | newline | slash))
            | (lineEnd & lineEnd << 2);
        ascii = ascii && _mm512_movepi8_mask(bytes) == 0;
        if ((rare & inString) != 0) [[unlikely]] {
            const RunResult slow = unescapeTail(in, in + BlockSize, out, Kind, ascii);
            // A run that ends with the block may have ended because of the block.
            if (slow.end == RunEnd::Input || (slow.in >= in + BlockSize - 2 && slow.in != in)) {
                ascii = slow.ascii;
                in = slow.in;
                out = slow.out;
                continue;
            }
            return slow;
        }
        // A backslash whose partner is in the next block waits for it.
        const std::uint64_t mine = inString & ~(backslash & LastByte);
        const std::uint64_t kept = mine & ~(backslash | lineEnd << 1 | lineEnd << 2);
        const __m512i resolved = _mm512_mask_set1_epi8(bytes, newline | lineEnd, '\n');
        _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(kept, resolved));
        out += std::popcount(kept);
        if (end == 0) [[likely]] {
            // By a branch, not by counting bits: the next block's load need not wait for what is in this one.
            if ((backslash & LastByte) == 0) [[likely]]
                in += BlockSize;
            else
                in += BlockSize - 1;
            continue;
        }
        in += std::popcount(mine);
        if (Kind != StringKind::Lines || !startsNextLine(in))
            return {in, out, RunEnd::Quote, ascii};
        *out++ = '\n';
        in += 3;
    }
    return unescapeTail(in, inEnd, out, Kind, ascii);
}

RunResult unescapeByKind(const char *in, const char *inEnd, char *out, StringKind kind)
{
    return kind == StringKind::Lines ? unescapeBlocks<StringKind::Lines>(in, inEnd, out)
                                     : unescapeBlocks<StringKind::Single>(in, inEnd, out);
}

} // namespace

UnescapeFunction unescapeRunAvx512()
{
    static const bool supported = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2");
    return supported ? unescapeByKind : nullptr;
}

#else

UnescapeFunction unescapeRunAvx512()
{
    return nullptr;
}

#endif

} // namespace ExporterProxy
