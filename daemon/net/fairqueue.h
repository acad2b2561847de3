// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <QtGlobal>
#include <tuple>
#include <vector>

namespace ExporterProxy {

/// Items that wait for their turn. The item that has had the least time comes first, and of several the one
/// that has waited for longest. An item that had nothing to do has saved up no time: it begins level with the
/// item that came last. It goes before those that have always waited, but alternates with them, so that
/// neither can starve the other. So what takes little time waits for one turn of another item at most,
/// however many others always have something to do.
///
/// Pure. The items are never touched. One thread.
template<typename Item>
class FairQueue
{
public:
    using Clock = std::chrono::steady_clock;

    /// An item that has had no more than this above the others' level still is a light one. Less than what
    /// the jobs of those take that always have something to do.
    static constexpr std::chrono::microseconds Credit{500};

    bool isEmpty() const { return m_light.empty() && m_heavy.empty(); }

    /// `spent` is the time that the item has had, and is raised to the level of the others. The caller takes
    /// care that an item is queued once at most.
    void push(Item &item, Clock::duration &spent)
    {
        std::vector<Entry> &heap = spent < m_level + Credit ? m_light : m_heavy;
        spent = std::max(spent, m_level);
        // Among the light ones, the one that has waited for longest is the next.
        heap.push_back({&heap == &m_light ? Clock::duration::zero() : spent, m_serial++, &item});
        std::push_heap(heap.begin(), heap.end(), isLater);
    }

    /// Takes out the next item; there must be one.
    Item &pop()
    {
        m_isLight = !m_light.empty() && (!m_isLight || m_heavy.empty());
        std::vector<Entry> &heap = m_isLight ? m_light : m_heavy;
        std::pop_heap(heap.begin(), heap.end(), isLater);
        const Entry entry = heap.back();
        heap.pop_back();
        if (m_light.empty()) // otherwise it is out of turn, and the level of those that wait is lower
            m_level = std::max(m_level, entry.spent);
        return *entry.item;
    }

    /// Takes out all items of which `isGone` is true. Returns how many.
    template<typename Predicate>
    std::size_t eraseIf(Predicate isGone)
    {
        std::size_t count = 0;
        for (std::vector<Entry> *heap : {&m_light, &m_heavy}) {
            count += std::erase_if(*heap, [&isGone](const Entry &entry) { return isGone(entry.item); });
            std::make_heap(heap->begin(), heap->end(), isLater);
        }
        return count;
    }

private:
    struct Entry
    {
        Clock::duration spent;
        quint64 serial;
        Item *item;
    };
    static bool isLater(const Entry &a, const Entry &b)
    {
        return std::tie(a.spent, a.serial) > std::tie(b.spent, b.serial);
    }

    std::vector<Entry> m_light; ///< items that have had little
    std::vector<Entry> m_heavy; ///< the others
    bool m_isLight = false; ///< the item that came last was a light one
    Clock::duration m_level{}; ///< what the items have had at least
    quint64 m_serial = 0;
};

} // namespace ExporterProxy
