// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/pagestore.h"

namespace ExporterProxy {

/// The key of a piece: a family, and its heading or an application or group of applications.
struct PieceKey
{
    static constexpr quint32 Heading = ~quint32{0}; ///< in the place of an application

    quint32 family = 0;
    quint32 app = 0;

    bool operator==(const PieceKey &) const = default;
};

/// A long text of many small pieces in order, of which few change at a time. It is held in leaves, each of
/// which is a section. A change costs making its leaf again. The pieces' bytes are stored nowhere else.
class PieceList final : public SectionList
{
public:
    /// Returns whether a piece comes before another. The result must not change while the pieces are in the
    /// list.
    using Order = std::function<bool(const PieceKey &, const PieceKey &)>;

    /// The usual size of a leaf: smaller ones compress badly and make a page of more parts, larger ones make
    /// a change expensive.
    static constexpr qsizetype UsualLeaf = 8 * 1024;

    /// `store` must outlive this. A leaf has between half and twice `leafSize` bytes, or one larger piece.
    PieceList(Order isBefore, PageStore &store, qsizetype leafSize = UsualLeaf);

    /// Inserts the piece, or replaces its bytes. An empty one is removed. The same bytes change nothing.
    void set(const PieceKey &key, QByteArrayView bytes);

    /// Removes the piece and returns its bytes; empty if there is none.
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
