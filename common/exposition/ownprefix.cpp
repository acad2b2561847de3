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
    if (before.front() == '{')
        return isQuoted && (before.back() == '{' || before.back() == ',');
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

std::optional<QByteArray> ownPrefixFault(QByteArrayView text)
{
    const char *const begin = text.begin();
    const char *const end = text.end();
    const char *searched = begin;
    const char *lineStart = std::find_if_not(begin, end, isBlank);
    const auto size = std::size_t(OwnPrefix.size());
    while (const auto *at = static_cast<const char *>(
               memmem(searched, std::size_t(end - searched), OwnPrefix.data(), size))) {
        // No byte is looked at more than a few times, however many names are on a line.
        const auto *newline = static_cast<const char *>(memrchr(searched, '\n', std::size_t(at - searched)));
        if (newline)
            lineStart = std::find_if_not(newline + 1, at, isBlank);
        if (isMetricName({lineStart, at}))
            return "line " + QByteArray::number(std::count(begin, at, '\n') + 1)
                + ": names that begin with exporter_proxy_ are this proxy's own while exporter.self_metrics "
                  "is "
                  "on; an exporter-proxy that another one exposes needs exporter.self_metrics = false";
        searched = at + size;
    }
    return std::nullopt;
}

} // namespace ExporterProxy
