// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/deflater.h"
#include "common/exposition/pagebuilder.h"

#include <vector>

namespace ExporterProxy {

/// The compressed form of a text that is made anew each time and in which few lines change: so many lines are
/// a block, and a block whose lines are as before is kept. Lines that come or go move all behind them; what
/// stays the same lines with other values does not.
///
/// Of the text a hash of each block is kept, 64 bits that nobody outside can aim at.
class LineBlocks
{
public:
    /// Lines of a block: some 40 KB of the proxy's own metrics.
    static constexpr int BlockLines = 512;

    /// `deflater` must outlive this.
    explicit LineBlocks(Deflater &deflater)
        : m_deflater(deflater)
    {
    }

    /// Takes the text over, which ends in a newline; returns how many bytes of it had to be deflated.
    qint64 follow(QByteArrayView text);

    void appendTo(PageBuilder &page, GzipMember &member) const;

private:
    struct Entry
    {
        std::size_t hash;
        DeflatedBlock block;
    };

    Deflater &m_deflater;
    std::vector<Entry> m_entries;
};

} // namespace ExporterProxy
