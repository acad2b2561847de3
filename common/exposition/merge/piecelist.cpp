// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/merge/piecelist.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace ExporterProxy {

namespace {

/// As GzipBlocks has it, for the same reasons: smaller leaves compress badly and cost a page more parts,
/// larger ones make a change dear. Between the two a leaf is let alone.
constexpr qsizetype MinLeaf = 4 * 1024;
constexpr qsizetype MaxLeaf = 16 * 1024;
/// Two neighbours become one up to this size, and not more, or the next change would cut them again.
constexpr qsizetype JointLeaf = 12 * 1024;
/// One part in so many of a leaf's memory may be unused.
constexpr qsizetype Slack = 8;

} // namespace

PieceList::PieceList(Order isBefore, Deflater &deflater)
    : m_isBefore(std::move(isBefore))
    , m_deflater(deflater)
{
}

PieceList::Leaves::iterator PieceList::leafOf(const PieceKey &key)
{
    const auto after = std::upper_bound(m_leaves.begin(), m_leaves.end(), key,
                                        [this](const PieceKey &wanted, const std::unique_ptr<Leaf> &leaf) {
                                            return m_isBefore(wanted, leaf->pieces.front().key);
                                        });
    return after == m_leaves.begin() ? after : after - 1;
}

void PieceList::set(const PieceKey &key, QByteArrayView bytes)
{
    if (m_leaves.empty()) {
        if (bytes.isEmpty())
            return;
        m_leaves.push_back(std::make_unique<Leaf>());
        m_leaves.front()->pieces.push_back({key, 0});
        change(m_leaves.begin(), 0, 0, bytes);
        return;
    }
    const auto leaf = leafOf(key);
    std::vector<Piece> &pieces = (*leaf)->pieces;
    const auto piece = std::lower_bound(
        pieces.begin(), pieces.end(), key,
        [this](const Piece &known, const PieceKey &wanted) { return m_isBefore(known.key, wanted); });
    qsizetype at = 0;
    for (auto before = pieces.begin(); before != piece; ++before)
        at += before->size;
    const auto index = std::size_t(piece - pieces.begin());
    if (piece == pieces.end() || piece->key != key) {
        if (bytes.isEmpty())
            return;
        pieces.insert(piece, {key, 0});
    } else if (QByteArrayView((*leaf)->bytes).sliced(at, piece->size) == bytes) {
        return;
    }
    change(leaf, index, at, bytes);
}

QByteArray PieceList::take(const PieceKey &key)
{
    if (m_leaves.empty())
        return {};
    const auto leaf = leafOf(key);
    std::vector<Piece> &pieces = (*leaf)->pieces;
    qsizetype at = 0;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (pieces[i].key == key) {
            const QByteArray taken = (*leaf)->bytes.sliced(at, pieces[i].size);
            change(leaf, i, at, {});
            return taken;
        }
        at += pieces[i].size;
    }
    return {};
}

void PieceList::change(Leaves::iterator leaf, std::size_t piece, qsizetype at, QByteArrayView bytes)
{
    Leaf &changed = **leaf;
    qsizetype &size = changed.pieces[piece].size;
    m_size += bytes.size() - size;
    // Grown by itself it would take the next power of two, and all leaves together half as much again.
    if (const qsizetype needed = changed.bytes.size() + bytes.size() - size;
        needed > changed.bytes.capacity())
        changed.bytes.reserve(needed + needed / Slack);
    changed.bytes.replace(at, size, bytes);
    size = bytes.size();
    changed.block = {};
    changed.isSettled = false;
    m_isComplete = false;
    if (bytes.isEmpty())
        changed.pieces.erase(changed.pieces.begin() + std::ptrdiff_t(piece));
    balance(leaf);
}

void PieceList::balance(Leaves::iterator leaf)
{
    if ((*leaf)->pieces.empty()) {
        m_leaves.erase(leaf);
        return;
    }
    while ((*leaf)->bytes.size() > MaxLeaf && (*leaf)->pieces.size() > 1)
        leaf = m_leaves.insert(leaf + 1, splitOff(**leaf));
    if ((*leaf)->bytes.size() >= MinLeaf)
        return;
    const auto join = [this](Leaves::iterator first) {
        Leaf &into = **first;
        Leaf &from = **(first + 1);
        if (into.bytes.size() + from.bytes.size() > JointLeaf)
            return false;
        into.bytes.reserve(into.bytes.size() + from.bytes.size());
        into.bytes += from.bytes;
        into.pieces.insert(into.pieces.end(), from.pieces.begin(), from.pieces.end());
        into.block = {};
        into.isSettled = false;
        m_leaves.erase(first + 1);
        return true;
    };
    if (leaf != m_leaves.begin() && join(leaf - 1))
        return;
    if (leaf + 1 != m_leaves.end())
        join(leaf);
}

/// The second half of the leaf as one of its own. At the piece where the first half is nearest to the middle,
/// so that a large piece comes to stand alone.
std::unique_ptr<PieceList::Leaf> PieceList::splitOff(Leaf &leaf)
{
    const qsizetype middle = leaf.bytes.size() / 2;
    std::size_t count = 0;
    qsizetype size = 0;
    qsizetype nearest = std::numeric_limits<qsizetype>::max();
    qsizetype cut = 0;
    for (std::size_t i = 0; i + 1 < leaf.pieces.size(); ++i) {
        size += leaf.pieces[i].size;
        if (std::abs(size - middle) < nearest) {
            nearest = std::abs(size - middle);
            count = i + 1;
            cut = size;
        }
    }
    auto rest = std::make_unique<Leaf>();
    const auto from = leaf.pieces.begin() + std::ptrdiff_t(count);
    rest->pieces.assign(from, leaf.pieces.end());
    rest->bytes = leaf.bytes.sliced(cut);
    leaf.pieces.erase(from, leaf.pieces.end());
    leaf.bytes.truncate(cut);
    leaf.bytes.squeeze();
    leaf.block = {};
    leaf.isSettled = false;
    return rest;
}

bool PieceList::deflateMissing(DeflateBudget budget)
{
    if (m_isComplete)
        return true;
    for (const auto &leaf : m_leaves) {
        if (!m_deflater.goOn(leaf->block, leaf->bytes, budget))
            return false;
    }
    m_isComplete = true;
    return true;
}

qint64 PieceList::deflatedBytes() const
{
    qint64 bytes = 0;
    for (const auto &leaf : m_leaves)
        bytes += leaf->block.bytes.size();
    return bytes;
}

void PieceList::appendTo(PageBuilder &page)
{
    for (const auto &leaf : m_leaves) {
        if (!std::exchange(leaf->isSettled, true)) {
            if (leaf->bytes.capacity() > leaf->bytes.size() + leaf->bytes.size() / Slack)
                leaf->bytes.squeeze();
            leaf->pieces.shrink_to_fit();
        }
        page.append(leaf->bytes);
    }
}

void PieceList::appendBlocksTo(PageBuilder &page, GzipMember &member) const
{
    for (const auto &leaf : m_leaves) {
        page.append(leaf->block.bytes);
        member.add(leaf->block);
    }
}

} // namespace ExporterProxy
