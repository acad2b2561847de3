// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <QtGlobal>

#ifdef __SSE2__
#include <bit>
#include <emmintrin.h>
#endif

namespace ExporterProxy {

/// What a byte can be in the text format; a byte can be several of these.
enum CharClass : quint8 {
    NameStart = 1, ///< a metric's name begins with it
    NameChar = 2,
    LabelStart = 4,
    LabelChar = 8,
    Blank = 16,
    ValueChar = 32, ///< goes on with a sample's value
    QuotedChar = 64, ///< goes on with a label's value without ending, escaping or beginning a line
    DigitChar = 128,
};

namespace Detail {

constexpr std::array<quint8, 256> makeCharClasses()
{
    std::array<quint8, 256> classes{};
    for (int c = 0; c < 256; ++c) {
        const bool isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        const bool isDigit = c >= '0' && c <= '9';
        const bool isBlank = c == ' ' || c == '\t';
        int of = 0;
        of |= isLetter || c == ':' ? NameStart : 0;
        of |= isLetter || isDigit || c == ':' ? NameChar : 0;
        of |= isLetter ? LabelStart : 0;
        of |= isLetter || isDigit ? LabelChar : 0;
        of |= isBlank ? Blank : 0;
        of |= !isBlank && c != '{' && c != '\n' && c != 0 ? ValueChar : 0;
        of |= c != '"' && c != '\\' && c != '\n' && c != 0 ? QuotedChar : 0;
        of |= isDigit ? DigitChar : 0;
        classes[std::size_t(c)] = quint8(of);
    }
    return classes;
}

} // namespace Detail

inline constexpr std::array<quint8, 256> CharClasses = Detail::makeCharClasses();

inline bool isOf(char c, CharClass wanted)
{
    return CharClasses[static_cast<unsigned char>(c)] & wanted;
}

/// The first byte from `at` on that is not of a class; `end` if there is none.
inline const char *skip(const char *at, const char *end, CharClass what)
{
    while (at != end && isOf(*at, what))
        ++at;
    return at;
}

/// skip() over NameChar, sixteen bytes at a time where the machine can: half of a usual page is names.
inline const char *skipName(const char *at, const char *end)
{
#ifdef __SSE2__
    while (end - at >= 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(at));
        // Unsigned "at most" is "the smaller of both is this one". ':' follows '9'.
        const __m128i letter = _mm_sub_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
        const __m128i digit = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
        const __m128i isLetter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
        const __m128i isDigit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(10)), digit);
        const __m128i isUnderscore = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_'));
        const auto others =
            ~unsigned(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(isLetter, isDigit), isUnderscore)))
            & 0xffff;
        if (others != 0)
            return at + std::countr_zero(others);
        at += 16;
    }
#endif
    return skip(at, end, NameChar);
}

/// skip() over QuotedChar, likewise.
inline const char *skipQuoted(const char *at, const char *end)
{
#ifdef __SSE2__
    while (end - at >= 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(at));
        const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
        const __m128i escape = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
        const __m128i newline = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'));
        const __m128i nul = _mm_cmpeq_epi8(bytes, _mm_setzero_si128());
        const auto found = unsigned(
            _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, escape), _mm_or_si128(newline, nul))));
        if (found != 0)
            return at + std::countr_zero(found);
        at += 16;
    }
#endif
    return skip(at, end, QuotedChar);
}

} // namespace ExporterProxy
