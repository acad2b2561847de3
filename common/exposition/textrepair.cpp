// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/textrepair.h"

#include <cstring>
#include <QByteArrayView>

namespace ExporterProxy {

namespace {

const QByteArrayView ByteOrderMark("\xEF\xBB\xBF");

const char *findReturn(const char *at, const char *end)
{
    return at == end ? nullptr : static_cast<const char *>(std::memchr(at, '\r', std::size_t(end - at)));
}

/// The next CR from `at` on that ends a line with what follows it; `end` if there is none.
const char *findLineEnd(const char *at, const char *end)
{
    while ((at = findReturn(at, end))) {
        if (at + 1 == end || at[1] == '\n')
            return at;
        ++at;
    }
    return end;
}

} // namespace

TextRepairs repairText(QByteArray &text)
{
    TextRepairs repairs;
    repairs.bom = text.startsWith(ByteOrderMark);
    const qsizetype begin = repairs.bom ? ByteOrderMark.size() : 0;
    const char *const bytes = text.constData();
    const qsizetype first = findLineEnd(bytes + begin, bytes + text.size()) - bytes;
    repairs.crlf = first != text.size();
    if (repairs == TextRepairs())
        return repairs;

    char *const written = text.data(); // a copy of its own from here on
    const char *const end = written + text.size();
    char *to = written;
    const char *from = written + begin;
    for (const char *stop = written + first;; stop = findLineEnd(from, end)) {
        const auto size = std::size_t(stop - from);
        std::memmove(to, from, size);
        to += size;
        if (stop == end)
            break;
        from = stop + 1; // the LF goes with what follows it
    }
    text.truncate(to - written);
    return repairs;
}

} // namespace ExporterProxy
