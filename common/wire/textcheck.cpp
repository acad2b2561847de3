// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/wire/textcheck.h"

#include "common/util/utf8.h"

#include <algorithm>
#include <cstring>
#include <simdjson.h>

namespace ExporterProxy {

namespace {

/// Returns the offset of the first byte that is not UTF-8, or the text's size.
qsizetype findInvalid(QByteArrayView text)
{
    const char *at = text.begin();
    // In blocks that end where a character does, so that only the one that is to blame is searched byte by
    // byte.
    constexpr qsizetype BlockSize = 64 * 1024;
    constexpr qsizetype MaxCharSize = 4;
    while (at != text.end()) {
        const char *end = text.end() - at > BlockSize ? at + BlockSize : text.end();
        while (end != text.end() && end > at + BlockSize - MaxCharSize
               && (static_cast<unsigned char>(*end) & 0xC0) == 0x80)
            --end;
        if (!simdjson::validate_utf8(at, std::size_t(end - at)))
            break;
        at = end;
    }
    while (at != text.end()) {
        const Utf8Char character = decodeUtf8(at, text.end());
        if (!character.valid)
            break;
        at += character.size;
    }
    return at - text.begin();
}

QByteArray place(QByteArrayView text, qsizetype at)
{
    const QByteArrayView before = text.first(at);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const void *newline = before.isEmpty() ? nullptr : memrchr(before.data(), '\n', std::size_t(at));
    const qsizetype column = newline ? before.data() + at - static_cast<const char *>(newline) : at + 1;
    return " at byte " + QByteArray::number(at) + " (line " + QByteArray::number(qlonglong(line))
        + ", column " + QByteArray::number(column) + ')';
}

} // namespace

std::optional<Rejection> textFault(QByteArrayView text)
{
    if (text.isEmpty())
        return std::nullopt;
    const void *nul = std::memchr(text.data(), 0, std::size_t(text.size()));
    const qsizetype nulAt = nul ? static_cast<const char *>(nul) - text.data() : text.size();
    const qsizetype invalidAt = findInvalid(text);
    if (invalidAt < nulAt)
        return Rejection{RejectReason::InvalidUtf8, "invalid UTF-8" + place(text, invalidAt), {}};
    if (nul)
        return Rejection{RejectReason::NulByte, "a NUL byte" + place(text, nulAt), {}};
    return std::nullopt;
}

TextTraits copyText(char *__restrict to, QByteArrayView from)
{
    // Plain loops over a block that fits in the first-level cache: compilers turn each into vector
    // instructions.
    constexpr qsizetype BlockSize = 4096;
    unsigned char high = 0;
    unsigned char nul = 0;
    const char *at = from.begin();
    for (qsizetype left = from.size(); left > 0;) {
        const qsizetype size = qMin(left, BlockSize);
        unsigned char blockHigh = 0;
        unsigned char blockNul = 0;
        for (qsizetype i = 0; i < size; ++i) {
            const auto c = static_cast<unsigned char>(at[i]);
            to[i] = at[i];
            blockHigh = static_cast<unsigned char>(blockHigh | c);
            blockNul = static_cast<unsigned char>(blockNul | (c == 0 ? 1 : 0));
        }
        high = static_cast<unsigned char>(high | blockHigh);
        nul = static_cast<unsigned char>(nul | blockNul);
        at += size;
        to += size;
        left -= size;
    }
    return {high < 0x80, nul != 0};
}

} // namespace ExporterProxy
