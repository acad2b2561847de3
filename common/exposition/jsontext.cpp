// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/jsontext.h"

#include "common/util/bytebuilder.h"
#include "common/util/utf8.h"

#include <array>

namespace ExporterProxy {

namespace {

/// The bytes that stand for themselves within a JSON string.
constexpr std::array<bool, 256> PlainBytes = [] {
    std::array<bool, 256> plain{};
    for (std::size_t c = 0x20; c < 0x7F; ++c)
        plain[c] = c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
    return plain;
}();

char *putEscape(char *out, char32_t codePoint)
{
    constexpr char digits[] = "0123456789abcdef";
    out = put(out, "\\u");
    for (int shift = 12; shift >= 0; shift -= 4)
        *out++ = digits[codePoint >> shift & 0xF];
    return out;
}

} // namespace

char *putJsonString(char *out, QByteArrayView text)
{
    *out++ = '"';
    for (const char *at = text.begin(); at != text.end();) {
        if (PlainBytes[static_cast<unsigned char>(*at)]) {
            *out++ = *at++;
            continue;
        }
        const Utf8Char character = decodeUtf8(at, text.end());
        if (character.codePoint < 0xA0 || character.codePoint == 0x2028 || character.codePoint == 0x2029)
            out = putEscape(out, character.codePoint);
        else if (character.valid)
            out = put(out, {at, std::size_t(character.size)});
        else
            out = put(out, ReplacementUtf8);
        at += character.size;
    }
    *out++ = '"';
    return out;
}

} // namespace ExporterProxy
