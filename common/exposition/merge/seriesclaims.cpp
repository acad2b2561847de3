// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/merge/seriesclaims.h"

#include <algorithm>
#include <utility>

namespace ExporterProxy {

namespace {

constexpr std::size_t FirstSlots = 64;

} // namespace

const SeriesClaims::Slot *SeriesClaims::find(const SeriesId &id) const
{
    if (m_slots.empty())
        return nullptr;
    const std::size_t mask = m_slots.size() - 1;
    std::size_t at = std::size_t(id.low) & mask;
    while (m_slots[at].owner != Free && m_slots[at].id != id)
        at = (at + 1) & mask;
    return &m_slots[at];
}

SeriesClaims::Slot *SeriesClaims::find(const SeriesId &id)
{
    return const_cast<Slot *>(std::as_const(*this).find(id));
}

void SeriesClaims::grow()
{
    // Seven eighths full at most, or the probing becomes long. It is the largest of what merging holds beside
    // the page, and only asked where the series of an application have changed.
    if ((m_used + 1) * 8 <= m_slots.size() * 7)
        return;
    const std::vector<Slot> old =
        std::exchange(m_slots, std::vector<Slot>(std::max(FirstSlots, m_slots.size() * 2)));
    for (const Slot &slot : old) {
        if (slot.owner != Free)
            *find(slot.id) = slot;
    }
}

void SeriesClaims::erase(Slot *slot)
{
    const std::size_t mask = m_slots.size() - 1;
    std::size_t hole = std::size_t(slot - m_slots.data());
    --m_used;
    // Whatever was pushed on over the hole moves back into it, so that no marks of the dead are needed.
    for (std::size_t at = (hole + 1) & mask; m_slots[at].owner != Free; at = (at + 1) & mask) {
        const std::size_t home = std::size_t(m_slots[at].id.low) & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            m_slots[hole] = m_slots[at];
            hole = at;
        }
    }
    m_slots[hole] = {};
}

void SeriesClaims::count(quint32 app, int change)
{
    if (m_contested.size() <= app)
        m_contested.resize(app + 1);
    m_contested[app] += std::size_t(change);
}

void SeriesClaims::claim(const SeriesId &id, quint32 app)
{
    grow();
    Slot *const slot = find(id);
    if (slot->owner == Free) {
        *slot = {id, app};
        ++m_used;
        return;
    }
    if (slot->owner == app)
        return;
    Contest &contest = m_contests[id];
    if (slot->owner != Contested) {
        contest.winner = slot->owner;
        contest.claimants = {slot->owner};
        count(slot->owner, 1);
        slot->owner = Contested;
    }
    if (std::ranges::find(contest.claimants, app) != contest.claimants.end())
        return;
    contest.claimants.push_back(app);
    count(app, 1);
    m_unsettled.push_back(id);
}

void SeriesClaims::release(const SeriesId &id, quint32 app)
{
    Slot *const slot = find(id);
    if (!slot || slot->owner == Free)
        return;
    if (slot->owner == app) {
        erase(slot);
    } else if (slot->owner == Contested) {
        if (std::erase(m_contests[id].claimants, app) > 0) {
            count(app, -1);
            m_unsettled.push_back(id);
        }
    }
}

void SeriesClaims::reconsider(const SeriesId &id)
{
    const Slot *const slot = find(id);
    if (slot && slot->owner == Contested)
        m_unsettled.push_back(id);
}

void SeriesClaims::settle(const std::function<bool(quint32, quint32)> &isLater,
                          const std::function<void(quint32)> &affected)
{
    for (const SeriesId &id : std::exchange(m_unsettled, {})) {
        const auto found = m_contests.find(id);
        if (found == m_contests.end())
            continue; // settled already
        Contest &contest = found->second;
        if (contest.claimants.empty()) {
            m_contests.erase(found);
            erase(find(id));
            continue;
        }
        const quint32 winner = *std::ranges::max_element(
            contest.claimants, [&isLater](quint32 a, quint32 b) { return isLater(b, a); });
        if (winner != contest.winner) {
            affected(winner);
            if (std::ranges::find(contest.claimants, contest.winner) != contest.claimants.end())
                affected(contest.winner);
            contest.winner = winner;
        }
        if (contest.claimants.size() == 1) {
            count(winner, -1);
            find(id)->owner = winner;
            m_contests.erase(found);
        }
    }
}

quint32 SeriesClaims::winnerOf(const SeriesId &id, quint32 app) const
{
    const Slot *const slot = find(id);
    return slot && slot->owner == Contested ? m_contests.at(id).winner : app;
}

} // namespace ExporterProxy
