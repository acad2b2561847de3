// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/ownprefix.h"

#include <algorithm>
#include <cstring>

namespace ExporterProxy {

namespace {

bool isBlank(char c)
{
    return c == ' ' || c == '\t';
}

/// Bytes that are looked at in one go; the compilers make vector instructions of the loop over them.
constexpr std::ptrdiff_t BlockSize = 256;

bool isOwnPrefix(const char *at)
{
    return std::memcmp(at, OwnPrefix.data(), std::size_t(OwnPrefix.size())) == 0;
}

/// Returns whether the prefix may begin in the block: by three of its bytes, which hardly any text has at
/// these distances.
bool mayBeginIn(const char *block)
{
    unsigned char found = 0;
    for (std::ptrdiff_t i = 0; i < BlockSize; ++i)
        found |= static_cast<unsigned char>((block[i + 1] == 'x') & (block[i + 8] == '_')
                                            & (block[i + 12] == 'x'));
    return found != 0;
}

/// Returns where the prefix is next; `end` if it is nowhere. memmem(3) takes twenty times as long.
const char *findOwnPrefix(const char *from, const char *end)
{
    const auto isWithin = [end](const char *at, std::ptrdiff_t size) { return end - at >= size; };
    while (isWithin(from, BlockSize + OwnPrefix.size())) {
        const char *const next = from + BlockSize;
        if (mayBeginIn(from)) {
            for (; from != next; ++from) {
                if (isOwnPrefix(from))
                    return from;
            }
        }
        from = next;
    }
    while (isWithin(from, OwnPrefix.size()) && !isOwnPrefix(from))
        ++from;
    return isWithin(from, OwnPrefix.size()) ? from : end;
}

void skipBlanks(QByteArrayView &before)
{
    while (!before.isEmpty() && isBlank(before.back()))
        before.chop(1);
}

/// Returns whether a name is that of a metric; `before` is its line up to the name, without leading blanks.
bool isMetricName(QByteArrayView before)
{
    if (before.isEmpty())
        return true;
    const bool isQuoted = before.back() == '"';
    if (isQuoted)
        before.chop(1);
    const qsizetype size = before.size();
    skipBlanks(before);
    if (before.isEmpty())
        return false;
    // A quoted name may stand anywhere between labels: {"name"}, {a="b", "name"}.
    const bool isBehindLabel = isQuoted && (before.back() == '{' || before.back() == ',');
    if (before.front() == '{')
        return isBehindLabel;
    if (isBehindLabel && (before.front() == '"' || !before.contains('{')))
        return true; // the braces were opened on an earlier line, which ended within a label's value
    if (before.front() != '#' || before.size() == size)
        return false;
    for (const QByteArrayView keyword : {"HELP", "TYPE", "UNIT"}) {
        if (!before.endsWith(keyword))
            continue;
        before.chop(keyword.size());
        skipBlanks(before);
        return before.size() == 1;
    }
    return false;
}

} // namespace

std::optional<QByteArray> ownPrefixFault(QByteArrayView text, qsizetype from, qsizetype to)
{
    const char *const begin = text.data() + from;
    const char *const end = text.data() + to;
    const char *searched = begin;
    const char *lineStart = std::find_if_not(begin, end, isBlank);
    for (const char *at = begin; (at = findOwnPrefix(searched, end)) != end;) {
        // No byte is looked at more than a few times, however many names are on a line.
        const auto *newline = static_cast<const char *>(memrchr(searched, '\n', std::size_t(at - searched)));
        if (newline)
            lineStart = std::find_if_not(newline + 1, at, isBlank);
        if (isMetricName({lineStart, at}))
            return "line " + QByteArray::number(std::count(text.data(), at, '\n') + 1)
                + ": names with exporter_proxy_ are this proxy's own while exporter.self_metrics is on; an "
                  "exporter-proxy that another one exposes needs exporter.self_metrics = false";
        searched = at + OwnPrefix.size();
    }
    return std::nullopt;
}

} // namespace ExporterProxy
