// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

namespace ExporterProxy {

/// U+FFFD, shown in place of bytes that are not UTF-8 and of unsafe characters.
inline constexpr char32_t ReplacementCharacter = 0xFFFD;
inline constexpr char ReplacementUtf8[] = "\xEF\xBF\xBD";

/// One decoded character.
struct Utf8Char
{
    char32_t codePoint; ///< ReplacementCharacter if not valid
    int size; ///< its bytes in the text, at least 1
    bool valid;
};

/// Decodes the character at `at`, which must be before `end`. Invalid bytes count as one character as far as
/// they began a valid one (the Unicode Standard, section 3.9, "U+FFFD Substitution of Maximal Subparts"), as
/// in browsers.
inline Utf8Char decodeUtf8(const char *at, const char *end)
{
    const auto byte = [at](int i) { return static_cast<unsigned char>(at[i]); };
    const unsigned first = byte(0);
    if (first < 0x80)
        return {char32_t(first), 1, true};
    // The range of the second byte excludes overlong forms, surrogates and numbers above U+10FFFF.
    int size = 0;
    unsigned low = 0x80;
    unsigned high = 0xBF;
    char32_t codePoint = 0;
    if (first >= 0xC2 && first <= 0xDF) {
        size = 2;
        codePoint = first & 0x1F;
    } else if (first >= 0xE0 && first <= 0xEF) {
        size = 3;
        codePoint = first & 0x0F;
        low = first == 0xE0 ? 0xA0 : 0x80;
        high = first == 0xED ? 0x9F : 0xBF;
    } else if (first >= 0xF0 && first <= 0xF4) {
        size = 4;
        codePoint = first & 0x07;
        low = first == 0xF0 ? 0x90 : 0x80;
        high = first == 0xF4 ? 0x8F : 0xBF;
    } else {
        return {ReplacementCharacter, 1, false};
    }
    for (int i = 1; i < size; ++i) {
        if (end - at <= i || byte(i) < low || byte(i) > high)
            return {ReplacementCharacter, i, false};
        codePoint = codePoint << 6 | (byte(i) & 0x3F);
        low = 0x80;
        high = 0xBF;
    }
    return {codePoint, size, true};
}

} // namespace ExporterProxy
