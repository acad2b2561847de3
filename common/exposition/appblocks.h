// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/pagebody.h"

#include <QHash> // std::hash of a QByteArray
#include <unordered_map>

namespace ExporterProxy {

/// The compressed texts of single applications, for pages that hold some of them. A text is deflated once
/// after it has changed; a large one that the whole page has a block of shares it. Nothing is held of an
/// application before its page is asked for.
class AppBlocks
{
public:
    /// Both must outlive this.
    AppBlocks(Deflater &deflater, const PageBody &whole)
        : m_deflater(deflater)
        , m_whole(whole)
    {
    }

    /// The block of the application's text, valid until the next call. Takes what is deflated off the budget;
    /// null if that is used up. The text must not be empty.
    const DeflatedBlock *blockOf(const AppSnapshot &app, DeflateBudget &budget);

    /// Size of all blocks.
    qint64 bytes() const { return m_bytes; }

    /// Whether so many blocks are held that some may be of applications that are gone, or of old texts.
    bool isFull() const { return m_blocks.size() >= m_capacity; }
    /// Drops those.
    void keepOnly(const AppView &view);

private:
    struct Kept
    {
        quint64 version = 0;
        DeflatedBlock block; ///< of a smaller textSize than the text: there is more to be done
    };
    static constexpr std::size_t LeastCapacity = 64;

    Deflater &m_deflater;
    const PageBody &m_whole;
    std::unordered_map<QByteArray, Kept> m_blocks; ///< by the application's name
    qint64 m_bytes = 0;
    std::size_t m_capacity = LeastCapacity;
};

} // namespace ExporterProxy
