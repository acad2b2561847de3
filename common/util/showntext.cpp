// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/showntext.h"

#include "common/util/bytebuilder.h"
#include "common/util/utf8.h"

#include <utf8proc.h>

namespace ExporterProxy {

namespace {

/// Enough to recognise a value, and short enough for a message of one line.
constexpr qsizetype MaxShownSize = 160;

/// Removes everything from the first "//" to the last '@': more than the credentials if there are several
/// URLs or if a password has characters that do not belong there, but never less.
QString withoutCredentials(const QString &text)
{
    const qsizetype slashes = text.indexOf(u"//");
    const qsizetype at = text.lastIndexOf(u'@');
    if (slashes < 0 || at < slashes)
        return text;
    return text.left(slashes + 2) + QStringLiteral("***") + text.mid(at);
}

/// Returns whether the character is shown unchanged.
bool isShown(const Utf8Char &character)
{
    return character.valid && !isUnsafe(character.codePoint);
}

bool isPrintableAscii(QByteArrayView bytes)
{
    bool all = true;
    for (const char c : bytes) // no early end, so that the compiler vectorises the loop
        all &= static_cast<unsigned char>(c - ' ') <= '~' - ' ';
    return all;
}

} // namespace

bool isUnsafe(char32_t codePoint)
{
    return codePoint < 0x20 || (codePoint >= 0x7F && codePoint <= 0x9F) // C0, DEL, C1
        || codePoint == 0x061C || codePoint == 0x200E || codePoint == 0x200F // bidirectional marks
        || (codePoint >= 0x2028 && codePoint <= 0x202E) // separators, embeddings and overrides
        || (codePoint >= 0x2066 && codePoint <= 0x2069); // isolates
}

QByteArray escapedLine(QByteArrayView utf8)
{
    if (isPrintableAscii(utf8))
        return utf8.toByteArray();
    QByteArray line;
    line.reserve(utf8.size());
    for (const char *at = utf8.begin(); at != utf8.end();) {
        const Utf8Char character = decodeUtf8(at, utf8.end());
        const QByteArrayView bytes(at, character.size);
        if (isShown(character))
            line += bytes;
        else if (character.valid)
            line += "\\u" + QByteArray::number(uint(character.codePoint), 16).rightJustified(4, '0');
        else
            line += "\\x" + bytes.toByteArray().toHex('/').replace("/", "\\x");
        at += character.size;
    }
    return line;
}

QString escapedLine(QStringView text)
{
    QString line;
    line.reserve(text.size());
    for (const QChar c : text) { // the halves of surrogate pairs are safe
        if (isUnsafe(c.unicode()))
            line += QStringLiteral("\\u%1").arg(uint(c.unicode()), 4, 16, QLatin1Char('0'));
        else
            line += c;
    }
    return line;
}

QString shownText(const QString &text)
{
    const QString harmless = withoutCredentials(text);
    QStringView begin(harmless);
    if (begin.size() <= MaxShownSize)
        return escapedLine(begin);
    begin.truncate(MaxShownSize);
    if (begin.back().isHighSurrogate())
        begin.chop(1);
    return escapedLine(begin) + QChar(0x2026); // an ellipsis
}

QString quotedText(const QString &text)
{
    return u'"' + shownText(text) + u'"';
}

int displayWidth(char32_t codePoint)
{
    // Vowels and final consonants of Hangul join the syllable before them. libutf8proc 2.8 gives them a
    // column.
    if (codePoint >= 0x1160 && codePoint <= 0x11FF)
        return 0;
    return utf8proc_charwidth(utf8proc_int32_t(codePoint));
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
        size += isShown(character) ? character.size : qsizetype(sizeof(ReplacementUtf8) - 1);
        width += displayWidth(isShown(character) ? character.codePoint : ReplacementCharacter);
        at += character.size;
    }
}

char *DisplayText::write(char *out) const
{
    if (isAscii)
        return put(out, bytesOf(bytes));
    for (const char *at = bytes.begin(); at != bytes.end();) {
        const Utf8Char character = decodeUtf8(at, bytes.end());
        out = put(out,
                  isShown(character) ? std::string_view(at, std::size_t(character.size)) : ReplacementUtf8);
        at += character.size;
    }
    return out;
}

} // namespace ExporterProxy
