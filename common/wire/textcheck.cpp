// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/wire/textcheck.h"

#include <algorithm>
#include <cstring>
#include <simdjson.h>

namespace ExporterProxy {

namespace {

bool isBetween(unsigned char byte, unsigned char first, unsigned char last)
{
    return byte >= first && byte <= last;
}

/// Length in bytes of the character at the front of `text`, after the table "Well-Formed UTF-8 Byte
/// Sequences" of the Unicode standard; 0 if there is none.
qsizetype characterLength(QByteArrayView text)
{
    const auto byte = [text](qsizetype at) {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : static_cast<unsigned char>(0);
    };
    const unsigned char lead = byte(0);
    if (lead < 0x80)
        return 1;
    if (!isBetween(lead, 0xC2, 0xF4))
        return 0;
    // The second byte alone tells overlong forms, surrogates and what lies beyond U+10FFFF.
    const unsigned char lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (!isBetween(byte(1), lowest, highest))
        return 0;
    const qsizetype length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    for (qsizetype at = 2; at < length; ++at) {
        if (!isBetween(byte(at), 0x80, 0xBF))
            return 0;
    }
    return length;
}

qsizetype findInvalid(QByteArrayView text)
{
    qsizetype at = 0;
    while (at < text.size()) {
        const qsizetype length = characterLength(text.sliced(at));
        if (length == 0)
            return at;
        at += length;
    }
    return at;
}

QByteArray place(QByteArrayView text, qsizetype at)
{
    const QByteArrayView before = text.first(at);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const qsizetype column = at - before.lastIndexOf('\n');
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
    if (!simdjson::validate_utf8(text.data(), std::size_t(text.size()))) {
        const qsizetype at = findInvalid(text);
        if (at < nulAt)
            return Rejection{RejectReason::InvalidUtf8, "invalid UTF-8" + place(text, at), {}};
    }
    if (nul)
        return Rejection{RejectReason::NulByte, "a NUL byte" + place(text, nulAt), {}};
    return std::nullopt;
}

} // namespace ExporterProxy
