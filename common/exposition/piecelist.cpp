// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/piecelist.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace ExporterProxy {

namespace {

/// One part in so many of a leaf's memory may be unused.
constexpr qsizetype Slack = 8;

} // namespace

PieceList::PieceList(Order isBefore, PageStore &store, qsizetype leafSize)
    : m_isBefore(std::move(isBefore))
    , m_store(store)
    , m_leafSize(leafSize)
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
    ++m_serial;
    // Grown by itself it would take the next power of two, and all leaves together half as much again.
    if (const qsizetype needed = changed.bytes.size() + bytes.size() - size;
        needed > changed.bytes.capacity())
        changed.bytes.reserve(needed + needed / Slack);
    changed.bytes.replace(at, size, bytes);
    size = bytes.size();
    changed.section.reset();
    changed.isSettled = false;
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
    while ((*leaf)->bytes.size() > 2 * m_leafSize && (*leaf)->pieces.size() > 1)
        leaf = m_leaves.insert(leaf + 1, splitOff(**leaf));
    if ((*leaf)->bytes.size() >= m_leafSize / 2)
        return;
    const auto join = [this](Leaves::iterator first) {
        Leaf &into = **first;
        Leaf &from = **(first + 1);
        // Not up to what a leaf may have, or the next change would divide it again.
        if (into.bytes.size() + from.bytes.size() > m_leafSize + m_leafSize / 2)
            return false;
        into.bytes.reserve(into.bytes.size() + from.bytes.size());
        into.bytes += from.bytes;
        into.pieces.insert(into.pieces.end(), from.pieces.begin(), from.pieces.end());
        into.section.reset();
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
    leaf.section.reset();
    leaf.isSettled = false;
    return rest;
}

Section *PieceList::section(std::size_t index)
{
    Leaf &leaf = *m_leaves[index];
    if (!leaf.section)
        leaf.section = m_store.newSection(leaf.bytes.size());
    return leaf.section.get();
}

void PieceList::texts(std::size_t index, const AppView &, std::vector<QByteArray> &texts)
{
    Leaf &leaf = *m_leaves[index];
    if (!std::exchange(leaf.isSettled, true)) {
        if (leaf.bytes.capacity() > leaf.bytes.size() + leaf.bytes.size() / Slack)
            leaf.bytes.squeeze();
        leaf.pieces.shrink_to_fit();
    }
    texts.push_back(leaf.bytes);
}

} // namespace ExporterProxy
