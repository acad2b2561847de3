// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/lineblocks.h"

#include <cstring>
#include <QHash>

namespace ExporterProxy {

namespace {

/// Up to behind the last of so many lines.
const char *endOfLines(const char *at, const char *end, int lines)
{
    for (; lines > 0 && at != end; --lines) {
        const void *newline = std::memchr(at, '\n', std::size_t(end - at));
        at = newline ? static_cast<const char *>(newline) + 1 : end;
    }
    return at;
}

} // namespace

qint64 LineBlocks::follow(QByteArrayView text)
{
    qint64 deflated = 0;
    std::size_t count = 0;
    for (const char *at = text.begin(); at != text.end(); ++count) {
        const char *end = endOfLines(at, text.end(), BlockLines);
        const QByteArrayView lines(at, end);
        at = end;
        const std::size_t hash = qHashBits(lines.data(), std::size_t(lines.size()), QHashSeed::globalSeed());
        if (count == m_entries.size())
            m_entries.emplace_back();
        Entry &entry = m_entries[count];
        if (entry.hash == hash && entry.block.textSize == lines.size())
            continue;
        m_deflater.add(lines);
        entry = {hash, m_deflater.finish()};
        deflated += lines.size();
    }
    m_entries.resize(count);
    return deflated;
}

void LineBlocks::appendTo(PageBuilder &page, GzipMember &member) const
{
    for (const Entry &entry : m_entries) {
        page.append(entry.block.bytes);
        member.add(entry.block);
    }
}

} // namespace ExporterProxy
