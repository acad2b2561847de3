// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/deflater.h"
#include "common/exposition/pagebuilder.h"

#include <functional>
#include <memory>
#include <vector>

namespace ExporterProxy {

/// What a piece of a merged page is: of a family, what an application has of it, or its heading.
struct PieceKey
{
    quint32 family = 0;
    quint32 app = 0;

    bool operator==(const PieceKey &) const = default;
};

/// A long text of many small pieces in order, of which few change at a time. It is held in leaves of some
/// 8 KiB, each with its compressed form once that was wanted. A change costs its leaf; a page is a list of
/// the leaves, which share their bytes with it. The pieces' bytes are nowhere else.
class PieceList
{
public:
    /// Whether a piece comes before another. Must say the same as long as the pieces are in the list.
    using Order = std::function<bool(const PieceKey &, const PieceKey &)>;

    /// `deflater` must outlive this.
    PieceList(Order isBefore, Deflater &deflater);

    /// Puts the piece in, or in the place of what it was. An empty one is taken out. The same bytes change
    /// nothing.
    void set(const PieceKey &key, QByteArrayView bytes);

    /// Takes the piece out and returns it; empty if there is none.
    QByteArray take(const PieceKey &key);

    /// Deflates what has changed, within the budget; returns whether nothing is left to do.
    bool deflateMissing(DeflateBudget budget);

    /// Size of all blocks.
    qint64 deflatedBytes() const;

    void appendTo(PageBuilder &page);
    /// None may be missing.
    void appendBlocksTo(PageBuilder &page, GzipMember &member) const;

    qint64 size() const { return m_size; }

private:
    struct Piece
    {
        PieceKey key;
        qsizetype size;
    };
    struct Leaf
    {
        std::vector<Piece> pieces; ///< never empty
        QByteArray bytes;
        DeflatedBlock block; ///< of a smaller textSize: there is more to be done
        bool isSettled = false; ///< takes no more memory than it needs
    };
    using Leaves = std::vector<std::unique_ptr<Leaf>>;

    Leaves::iterator leafOf(const PieceKey &key);
    void change(Leaves::iterator leaf, std::size_t piece, qsizetype at, QByteArrayView bytes);
    void balance(Leaves::iterator leaf);
    static std::unique_ptr<Leaf> splitOff(Leaf &leaf);

    const Order m_isBefore;
    Deflater &m_deflater;
    Leaves m_leaves;
    qint64 m_size = 0;
    bool m_isComplete = true; ///< no block is missing
};

} // namespace ExporterProxy
