// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/pagestore.h"

namespace ExporterProxy {

/// What a piece is of: of a family its heading, or what an application or a group of them has of it.
struct PieceKey
{
    static constexpr quint32 Heading = ~quint32{0}; ///< in the place of an application

    quint32 family = 0;
    quint32 app = 0;

    bool operator==(const PieceKey &) const = default;
};

/// A long text of many small pieces in order, of which few change at a time. It is held in leaves, each of
/// which is a section. A change costs its leaf. The pieces' bytes are nowhere else.
class PieceList final : public SectionList
{
public:
    /// Whether a piece comes before another. Must say the same as long as the pieces are in the list.
    using Order = std::function<bool(const PieceKey &, const PieceKey &)>;

    /// The usual size of a leaf: smaller ones compress badly and cost a page more parts, larger ones make a
    /// change dear.
    static constexpr qsizetype UsualLeaf = 8 * 1024;

    /// `store` must outlive this. A leaf has between half and twice `leafSize` bytes, or one larger piece.
    PieceList(Order isBefore, PageStore &store, qsizetype leafSize = UsualLeaf);

    /// Puts the piece in, or in the place of what it was. An empty one is taken out. The same bytes change
    /// nothing.
    void set(const PieceKey &key, QByteArrayView bytes);

    /// Takes the piece out and returns it; empty if there is none.
    QByteArray take(const PieceKey &key);

    /// Changes with every change of the text.
    quint64 serial() const { return m_serial; }

    std::size_t size() const override { return m_leaves.size(); }
    Section *section(std::size_t index) override;
    void texts(std::size_t index, const AppView &view, std::vector<QByteArray> &texts) override;
    bool isJoint() const override { return true; }

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
        std::shared_ptr<Section> section; ///< null: not asked for since the bytes have changed
        bool isSettled = false; ///< takes no more memory than it needs
    };
    using Leaves = std::vector<std::unique_ptr<Leaf>>;

    Leaves::iterator leafOf(const PieceKey &key);
    void change(Leaves::iterator leaf, std::size_t piece, qsizetype at, QByteArrayView bytes);
    void balance(Leaves::iterator leaf);
    static std::unique_ptr<Leaf> splitOff(Leaf &leaf);

    const Order m_isBefore;
    PageStore &m_store;
    const qsizetype m_leafSize;
    Leaves m_leaves;
    quint64 m_serial = 0;
};

} // namespace ExporterProxy
