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

quint32 SeriesClaims::newContest()
{
    if (m_freeContests.empty()) {
        m_freeContests.push_back(quint32(m_contests.size()));
        m_contests.emplace_back(ByName{&m_isBefore});
    }
    const quint32 contest = m_freeContests.back();
    m_freeContests.pop_back();
    return contest;
}

void SeriesClaims::claim(const SeriesId &id, quint32 app)
{
    grow();
    Slot *const slot = find(id);
    if (slot->owner == Free) {
        *slot = {id, app, NoContest};
        ++m_used;
        return;
    }
    if (slot->owner == app)
        return;
    if (slot->contest == NoContest) {
        slot->contest = newContest();
        m_contests[slot->contest].insert(slot->owner);
        count(slot->owner, 1);
    }
    Claimants &claimants = m_contests[slot->contest];
    const std::size_t before = claimants.size();
    claimants.insert(claimants.end(), app); // mostly they come in the order of their names
    if (claimants.size() == before)
        return;
    count(app, 1);
    if (*claimants.begin() == app)
        m_affected(std::exchange(slot->owner, app));
}

void SeriesClaims::release(const SeriesId &id, quint32 app)
{
    Slot *const slot = find(id);
    if (!slot || slot->owner == Free)
        return;
    if (slot->contest == NoContest) {
        if (slot->owner == app)
            erase(slot);
        return;
    }
    Claimants &claimants = m_contests[slot->contest];
    if (claimants.erase(app) == 0)
        return;
    count(app, -1);
    if (slot->owner == app)
        m_affected(slot->owner = *claimants.begin());
    if (claimants.size() == 1) {
        count(slot->owner, -1);
        claimants.clear();
        m_freeContests.push_back(std::exchange(slot->contest, NoContest));
    }
}

} // namespace ExporterProxy
