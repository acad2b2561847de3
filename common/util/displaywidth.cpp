// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/displaywidth.h"

#include "common/util/bytebuilder.h"
#include "common/util/utf8.h"

#include <algorithm>
#include <iterator>
#include <QChar>

namespace ExporterProxy {

namespace {

struct Range
{
    char32_t first;
    char32_t last;
};

/// The characters whose East_Asian_Width is Wide or Fullwidth, from EastAsianWidth.txt of the Unicode
/// Character Database, version 14. Ranges are joined over code points that were not assigned then: those
/// within these blocks become wide ones when they are.
constexpr Range WideRanges[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},   {0x23F0, 0x23F0},
    {0x23F3, 0x23F3},   {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267F, 0x267F},
    {0x2693, 0x2693},   {0x26A1, 0x26A1},   {0x26AA, 0x26AB},   {0x26BD, 0x26BE},   {0x26C4, 0x26C5},
    {0x26CE, 0x26CE},   {0x26D4, 0x26D4},   {0x26EA, 0x26EA},   {0x26F2, 0x26F3},   {0x26F5, 0x26F5},
    {0x26FA, 0x26FA},   {0x26FD, 0x26FD},   {0x2705, 0x2705},   {0x270A, 0x270B},   {0x2728, 0x2728},
    {0x274C, 0x274C},   {0x274E, 0x274E},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},
    {0x27B0, 0x27B0},   {0x27BF, 0x27BF},   {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},   {0x2B55, 0x2B55},
    {0x2E80, 0x303E},   {0x3041, 0x3247},   {0x3250, 0x4DBF},   {0x4E00, 0xA4C6},   {0xA960, 0xA97C},
    {0xAC00, 0xD7A3},   {0xF900, 0xFAD9},   {0xFE10, 0xFE19},   {0xFE30, 0xFE6B},   {0xFF01, 0xFF60},
    {0xFFE0, 0xFFE6},   {0x16FE0, 0x1B2FB}, {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E},
    {0x1F191, 0x1F19A}, {0x1F200, 0x1F320}, {0x1F32D, 0x1F335}, {0x1F337, 0x1F37C}, {0x1F37E, 0x1F393},
    {0x1F3A0, 0x1F3CA}, {0x1F3CF, 0x1F3D3}, {0x1F3E0, 0x1F3F0}, {0x1F3F4, 0x1F3F4}, {0x1F3F8, 0x1F43E},
    {0x1F440, 0x1F440}, {0x1F442, 0x1F4FC}, {0x1F4FF, 0x1F53D}, {0x1F54B, 0x1F54E}, {0x1F550, 0x1F567},
    {0x1F57A, 0x1F57A}, {0x1F595, 0x1F596}, {0x1F5A4, 0x1F5A4}, {0x1F5FB, 0x1F64F}, {0x1F680, 0x1F6C5},
    {0x1F6CC, 0x1F6CC}, {0x1F6D0, 0x1F6D2}, {0x1F6D5, 0x1F6DF}, {0x1F6EB, 0x1F6EC}, {0x1F6F4, 0x1F6FC},
    {0x1F7E0, 0x1F7F0}, {0x1F90C, 0x1F93A}, {0x1F93C, 0x1F945}, {0x1F947, 0x1F9FF}, {0x1FA70, 0x1FAFF},
    {0x20000, 0x3FFFD},
};

bool isZeroWidth(char32_t codePoint)
{
    // Vowels and final consonants of Hangul join the syllable before them.
    if (codePoint >= 0x1160 && codePoint <= 0x11FF)
        return true;
    if (codePoint == 0x00AD) // a soft hyphen is of the category Cf, but terminals show it
        return false;
    switch (QChar::category(codePoint)) {
    case QChar::Mark_NonSpacing:
    case QChar::Mark_Enclosing:
    case QChar::Other_Format:
        return true;
    default:
        return false;
    }
}

char32_t shown(const Utf8Char &character)
{
    return character.valid && !breaksLine(character.codePoint) ? character.codePoint : ReplacementCharacter;
}

bool isPrintableAscii(QByteArrayView bytes)
{
    bool all = true;
    for (const char c : bytes) // without an early end, so that it becomes vector instructions
        all &= static_cast<unsigned char>(c - ' ') <= '~' - ' ';
    return all;
}

} // namespace

int displayWidth(char32_t codePoint)
{
    if (codePoint < 0x300)
        return 1;
    const Range *range = std::lower_bound(std::begin(WideRanges), std::end(WideRanges), codePoint,
                                          [](const Range &r, char32_t wanted) { return r.last < wanted; });
    const bool isWide = range != std::end(WideRanges) && range->first <= codePoint;
    if (isZeroWidth(codePoint)) // also the combining marks within the wide blocks
        return 0;
    return isWide ? 2 : 1;
}

bool breaksLine(char32_t codePoint)
{
    return codePoint < 0x20 || (codePoint >= 0x7F && codePoint <= 0x9F) // C0, DEL, C1
        || codePoint == 0x061C || codePoint == 0x200E || codePoint == 0x200F // bidirectional marks
        || (codePoint >= 0x2028 && codePoint <= 0x202E) // separators, embeddings and overrides
        || (codePoint >= 0x2066 && codePoint <= 0x2069); // isolates
}

DisplayText::DisplayText(QByteArrayView text)
    : bytes(text)
    , isAscii(isPrintableAscii(text))
{
    if (isAscii) {
        size = width = text.size();
        return;
    }
    for (const char *at = text.begin(); at != text.end();) {
        const Utf8Char character = decodeUtf8(at, text.end());
        const char32_t codePoint = shown(character);
        size += codePoint == character.codePoint && character.valid ? character.size
                                                                    : qsizetype(sizeof(ReplacementUtf8) - 1);
        width += displayWidth(codePoint);
        at += character.size;
    }
}

char *DisplayText::write(char *out) const
{
    if (isAscii)
        return put(out, bytesOf(bytes));
    for (const char *at = bytes.begin(); at != bytes.end();) {
        const Utf8Char character = decodeUtf8(at, bytes.end());
        const bool asItIs = character.valid && shown(character) == character.codePoint;
        out = put(out, asItIs ? std::string_view(at, std::size_t(character.size)) : ReplacementUtf8);
        at += character.size;
    }
    return out;
}

} // namespace ExporterProxy
