// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/wire/jsonstring.h"

#include <array>
#include <bit>
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ExporterProxy {

namespace {

/// Bytes that are looked at in one step.
constexpr std::ptrdiff_t BlockSize = 64;
/// Baseline copies in pieces of so many bytes.
constexpr std::ptrdiff_t PieceSize = 16;
/// Bytes beyond a block that may be read with it.
constexpr std::ptrdiff_t Lookahead = PieceSize;

/// The characters that the escapes stand for (RFC 8259, section 7), by the one after the backslash; 0 for \u
/// and for what JSON does not know.
constexpr std::array<char, 256> Escapes = [] {
    std::array<char, 256> table{};
    table['"'] = '"';
    table['\\'] = '\\';
    table['/'] = '/';
    table['b'] = '\b';
    table['f'] = '\f';
    table['n'] = '\n';
    table['r'] = '\r';
    table['t'] = '\t';
    return table;
}();

/// Resolves what begins at `in`, a byte that is not plain. Returns false, with the reason in `end`, if the
/// run ends here. Reads up to two bytes beyond `in`.
inline bool resolve(const char *&in, char *&out, StringKind kind, RunEnd &end)
{
    if (*in == '\\') {
        const char meant = Escapes[static_cast<unsigned char>(in[1])];
        if (meant == 0) [[unlikely]] {
            end = RunEnd::Escape;
            return false;
        }
        *out++ = meant;
        in += 2;
        return true;
    }
    if (kind == StringKind::Lines && in[0] == '"' && in[1] == ',' && in[2] == '"') {
        *out++ = '\n';
        in += 3;
        return true;
    }
    end = *in == '"' ? RunEnd::Quote : RunEnd::Control;
    return false;
}

// Each unescapeBlocks…() is unescapeRun() as long as a block and the bytes beyond it are there; it ends with
// RunEnd::Input when they are not.

/// One bit for each byte of a block: those that are not plain, and whether all are ASCII.
struct BlockBits
{
    std::uint64_t special;
    bool ascii;
};

BlockBits classify(const char *block)
{
    std::uint64_t special = 0;
#if defined(__SSE2__)
    int high = 0;
    for (unsigned at = 0; at < BlockSize; at += PieceSize) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(block + at));
        const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
        const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
        const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
        const auto bits = unsigned(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control)));
        special |= std::uint64_t{bits} << at;
        high |= _mm_movemask_epi8(bytes);
    }
    return {special, high == 0};
#else
    unsigned char high = 0;
    for (unsigned i = 0; i < BlockSize; ++i) {
        const auto c = static_cast<unsigned char>(block[i]);
        special |= std::uint64_t{c == '"' || c == '\\' || c < 0x20} << i;
        high |= c;
    }
    return {special, high < 0x80};
#endif
}

/// Copies `size` bytes, up to 64, in pieces that are cheaper than an exact copy. Reads and writes up to 15
/// bytes more.
inline void copyPieces(char *out, const char *in, std::size_t size)
{
    std::memcpy(out, in, PieceSize);
    for (std::size_t done = PieceSize; done < size; done += PieceSize)
        std::memcpy(out + done, in + done, PieceSize);
}

template<StringKind Kind>
RunResult unescapeBlocksBaseline(const char *in, const char *inEnd, char *out)
{
    RunEnd end = RunEnd::Input;
    bool ascii = true;
    while (inEnd - in >= BlockSize + Lookahead) {
        const auto [special, blockIsAscii] = classify(in);
        ascii = ascii && blockIsAscii;
        const char *const block = in;
        unsigned done = 0; // bytes of the block that are dealt with; may be one or two more than it has
        for (std::uint64_t left = special; left != 0;) {
            const auto at = unsigned(std::countr_zero(left));
            copyPieces(out, block + done, at - done);
            out += at - done;
            in = block + at;
            if (!resolve(in, out, Kind, end))
                return {in, out, end, ascii};
            done = unsigned(in - block);
            // What was skipped may be special itself: an escaped quote or backslash, the quote that opens a
            // line.
            left = done < BlockSize ? special & ~std::uint64_t{0} << done : 0;
        }
        if (done < BlockSize) {
            copyPieces(out, block + done, BlockSize - done);
            out += BlockSize - done;
            in = block + BlockSize;
        }
    }
    return {in, out, RunEnd::Input, ascii};
}

#if defined(__x86_64__)

/// The backslashes that begin an escape, found without a loop: in a run of backslashes every second one
/// (Langdale and Lemire, "Parsing Gigabytes of JSON per Second", section 3.1.1). A block never begins with an
/// escaped character.
inline std::uint64_t escapeBegins(std::uint64_t backslash)
{
    if ((backslash & backslash << 1) == 0)
        return backslash;
    constexpr std::uint64_t Odd = 0xAAAA'AAAA'AAAA'AAAA;
    return (((backslash << 1 | Odd) - backslash) ^ Odd) & backslash;
}

/// The actions for a block's bytes: one bit for each.
struct Plan
{
    std::uint64_t newline; ///< become a newline
    std::uint64_t removed; ///< do not go to the output
    std::uint64_t stop; ///< must be looked at by resolve(), unless they come behind another one
    std::uint64_t unknown; ///< follow a backslash, and are none of the usual
    bool cut; ///< the last byte begins an escape, which has to wait for the next block
};

/// By where the characters are; `comma` matters for lines only.
template<StringKind Kind>
inline Plan planBlock(std::uint64_t backslash, std::uint64_t quote, std::uint64_t letterN,
                      std::uint64_t comma)
{
    const std::uint64_t begins = escapeBegins(backslash);
    const std::uint64_t escaped = begins << 1;
    const std::uint64_t bare = quote & ~escaped;
    const std::uint64_t newline = letterN & escaped;
    Plan plan{newline, begins, bare, escaped & ~(quote | backslash | newline),
              begins >> (BlockSize - 1) != 0};
    if constexpr (Kind == StringKind::Lines) {
        // Where `","` ends one line and begins the next. In `",","` it is open which of the two quotes in the
        // middle belong together: rare.
        const std::uint64_t lineEnd = bare & comma >> 1 & bare >> 2;
        plan.newline |= lineEnd;
        plan.removed |= lineEnd << 1 | lineEnd << 2;
        plan.stop = (bare & ~(lineEnd | lineEnd << 2)) | (lineEnd & lineEnd >> 2);
    }
    return plan;
}

/// The bytes of a block that go to the output: those before the first stop.
inline std::uint64_t keptBytes(const Plan &plan)
{
    return ~plan.stop & (plan.stop - 1) & ~plan.removed;
}

/// The block behind one without a stop.
inline const char *nextBlock(const char *in, bool cut)
{
    in += BlockSize;
    if (cut) [[unlikely]] {
        --in;
        // Keeps this a branch, which is predicted: the load of the next block would wait for arithmetic.
        asm volatile("" : "+r"(in));
    }
    return in;
}

/// For each set of eight bytes the PSHUFB control that moves its members to the front.
constexpr std::array<std::uint64_t, 256> Squeezes = [] {
    std::array<std::uint64_t, 256> table{};
    for (unsigned set = 0; set < 256; ++set) {
        unsigned place = 0;
        for (unsigned byte = 0; byte < 8; ++byte) {
            if ((set >> byte & 1) != 0)
                table[set] |= std::uint64_t{byte} << (8 * place++);
        }
    }
    return table;
}();

#define EXPORTER_PROXY_AVX2 __attribute__((target("avx2,bmi,popcnt")))

struct Avx2Block
{
    __m256i low;
    __m256i high;
};

EXPORTER_PROXY_AVX2 inline std::uint64_t mask(__m256i low, __m256i high)
{
    return std::uint64_t{unsigned(_mm256_movemask_epi8(low))}
    | std::uint64_t{unsigned(_mm256_movemask_epi8(high))} << 32;
}

EXPORTER_PROXY_AVX2 inline std::uint64_t find(const Avx2Block &block, char c)
{
    const __m256i wanted = _mm256_set1_epi8(c);
    return mask(_mm256_cmpeq_epi8(block.low, wanted), _mm256_cmpeq_epi8(block.high, wanted));
}

/// Turns the bytes of the set into newlines; they are none below one.
EXPORTER_PROXY_AVX2 inline __m256i withNewlines(__m256i bytes, __m256i set, __m256i byteOfBit)
{
    const __m256i bit = _mm256_set1_epi64x(std::int64_t(0x8040'2010'0804'0201));
    const __m256i spread = _mm256_and_si256(_mm256_shuffle_epi8(set, byteOfBit), bit);
    const __m256i others = _mm256_cmpeq_epi8(spread, _mm256_setzero_si256());
    return _mm256_min_epu8(bytes, _mm256_or_si256(others, _mm256_set1_epi8('\n')));
}

/// Writes those of 16 bytes that are in the set, one after the other, and returns where they end.
EXPORTER_PROXY_AVX2 inline char *squeeze(char *out, __m128i bytes, std::uint64_t set)
{
    const auto first = unsigned(set & 0xFF);
    const auto second = unsigned(set >> 8 & 0xFF);
    const __m128i control =
        _mm_castpd_si128(_mm_loadh_pd(_mm_load_sd(reinterpret_cast<const double *>(&Squeezes[first])),
                                      reinterpret_cast<const double *>(&Squeezes[second])));
    const __m128i secondHalf = _mm_set_epi64x(0x0808'0808'0808'0808, 0);
    const __m128i squeezed = _mm_shuffle_epi8(bytes, _mm_add_epi8(control, secondHalf));
    _mm_storel_epi64(reinterpret_cast<__m128i *>(out), squeezed);
    out += std::popcount(first);
    _mm_storeh_pd(reinterpret_cast<double *>(out), _mm_castsi128_pd(squeezed));
    return out + std::popcount(second);
}

template<StringKind Kind>
EXPORTER_PROXY_AVX2 RunResult unescapeBlocksAvx2(const char *in, const char *inEnd, char *out)
{
    const __m256i lastControl = _mm256_set1_epi8(0x1F);
    const __m256i byteOfBit =
        _mm256_setr_epi64x(0, 0x0101'0101'0101'0101, 0x0202'0202'0202'0202, 0x0303'0303'0303'0303);
    RunEnd end = RunEnd::Input;
    __m256i all = _mm256_setzero_si256();
    while (inEnd - in >= BlockSize + Lookahead) {
        const Avx2Block block{_mm256_loadu_si256(reinterpret_cast<const __m256i *>(in)),
                              _mm256_loadu_si256(reinterpret_cast<const __m256i *>(in) + 1)};
        all = _mm256_or_si256(all, _mm256_or_si256(block.low, block.high));
        Plan plan = planBlock<Kind>(find(block, '\\'), find(block, '"'), find(block, 'n'),
                                    Kind == StringKind::Lines ? find(block, ',') : 0);
        const __m256i lowest = _mm256_min_epu8(block.low, block.high);
        if (_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(lowest, lastControl), lowest)) != 0)
            [[unlikely]] {
            plan.stop |= mask(_mm256_cmpeq_epi8(_mm256_min_epu8(block.low, lastControl), block.low),
                              _mm256_cmpeq_epi8(_mm256_min_epu8(block.high, lastControl), block.high));
        }
        if (plan.unknown != 0) [[unlikely]]
            plan.stop |= (plan.unknown & ~find(block, '/')) >> 1;
        const std::uint64_t kept = keptBytes(plan);
        const __m256i newlines = _mm256_set1_epi64x(std::int64_t(plan.newline));
        const __m256i low = withNewlines(block.low, newlines, byteOfBit);
        const __m256i high =
            withNewlines(block.high, newlines, _mm256_add_epi8(byteOfBit, _mm256_set1_epi8(4)));
        out = squeeze(out, _mm256_castsi256_si128(low), kept);
        out = squeeze(out, _mm256_extracti128_si256(low, 1), kept >> 16);
        out = squeeze(out, _mm256_castsi256_si128(high), kept >> 32);
        out = squeeze(out, _mm256_extracti128_si256(high, 1), kept >> 48);
        if (plan.stop == 0) [[likely]] {
            in = nextBlock(in, plan.cut);
            continue;
        }
        in += std::countr_zero(plan.stop);
        if (!resolve(in, out, Kind, end))
            break;
    }
    return {in, out, end, _mm256_movemask_epi8(all) == 0};
}

template<StringKind Kind>
__attribute__((target("avx512f,avx512bw,avx512vbmi2,bmi,popcnt"))) RunResult
unescapeBlocksAvx512(const char *in, const char *inEnd, char *out)
{
    RunEnd end = RunEnd::Input;
    __m512i all = _mm512_setzero_si512();
    while (inEnd - in >= BlockSize + Lookahead) {
        const __m512i bytes = _mm512_loadu_si512(in);
        all = _mm512_or_si512(all, bytes);
        Plan plan = planBlock<Kind>(
            _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\\')),
            _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('"')),
            _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('n')),
            Kind == StringKind::Lines ? _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(',')) : 0);
        plan.stop |= _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(0x20));
        if (plan.unknown != 0) [[unlikely]]
            plan.stop |= (plan.unknown & ~_mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('/'))) >> 1;
        const std::uint64_t kept = keptBytes(plan);
        const __m512i resolved = _mm512_mask_set1_epi8(bytes, plan.newline, '\n');
        _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(kept, resolved));
        out += std::popcount(kept);
        if (plan.stop == 0) [[likely]] {
            in = nextBlock(in, plan.cut);
            continue;
        }
        in += std::countr_zero(plan.stop);
        if (!resolve(in, out, Kind, end))
            break;
    }
    return {in, out, end, _mm512_movepi8_mask(all) == 0};
}

#endif

/// Ends with the last few bytes in a block of their own, behind which a byte stops the run that must not
/// occur in a string.
template<auto unescapeBlocks>
RunResult unescape(const char *in, const char *inEnd, char *out)
{
    const RunResult blocks = unescapeBlocks(in, inEnd, out);
    const std::ptrdiff_t rest = inEnd - blocks.in;
    if (blocks.end != RunEnd::Input || rest == 0)
        return blocks;
    std::array<char, 2 * (BlockSize + Lookahead)> padded{};
    std::memcpy(padded.data(), blocks.in, std::size_t(rest));
    const RunResult last = unescapeBlocks(padded.data(), padded.data() + padded.size(), blocks.out);
    const std::ptrdiff_t used = last.in - padded.data();
    return {blocks.in + used, last.out, used == rest ? RunEnd::Input : last.end, blocks.ascii && last.ascii};
}

template<auto unescapeSingle, auto unescapeLines>
RunResult unescapeByKind(const char *in, const char *inEnd, char *out, StringKind kind)
{
    return kind == StringKind::Lines ? unescape<unescapeLines>(in, inEnd, out)
                                     : unescape<unescapeSingle>(in, inEnd, out);
}

} // namespace

UnescapeFunction unescapeFunction(InstructionSet set)
{
    using enum StringKind;
    switch (set) {
    case InstructionSet::Baseline:
        return unescapeByKind<unescapeBlocksBaseline<Single>, unescapeBlocksBaseline<Lines>>;
#if defined(__x86_64__)
    case InstructionSet::Avx2:
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")
            && __builtin_cpu_supports("popcnt"))
            return unescapeByKind<unescapeBlocksAvx2<Single>, unescapeBlocksAvx2<Lines>>;
        break;
    case InstructionSet::Avx512:
        if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2"))
            return unescapeByKind<unescapeBlocksAvx512<Single>, unescapeBlocksAvx512<Lines>>;
        break;
#endif
    default:
        break;
    }
    return nullptr;
}

InstructionSet bestInstructionSet()
{
    for (const InstructionSet set : {InstructionSet::Avx512, InstructionSet::Avx2}) {
        if (unescapeFunction(set))
            return set;
    }
    return InstructionSet::Baseline;
}

const char *instructionSetName(InstructionSet set)
{
    switch (set) {
    case InstructionSet::Avx512:
        return "AVX-512 VBMI2";
    case InstructionSet::Avx2:
        return "AVX2";
    case InstructionSet::Baseline:
        break;
    }
    return "baseline";
}

RunResult unescapeRun(const char *in, const char *inEnd, char *out, StringKind kind)
{
    static const UnescapeFunction best = unescapeFunction(bestInstructionSet());
    return best(in, inEnd, out, kind);
}

} // namespace ExporterProxy
