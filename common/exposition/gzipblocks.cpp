// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/gzipblocks.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace ExporterProxy {

namespace {

/// A new group ends at this size, and a text of this size stays alone.
constexpr qint64 UsualGroup = 8 * 1024;
/// A group ends where it ended before, unless it has become smaller than this,
constexpr qint64 MinGroup = UsualGroup / 2;
/// or larger than this; then it is cut anew.
constexpr qint64 MaxGroup = UsualGroup * 2;

} // namespace

void GzipBlocks::follow(const AppView &view)
{
    if (m_generation == view.generation)
        return;
    m_generation = view.generation;
    const Members oldMembers = std::exchange(m_members, {});
    Groups oldGroups = std::exchange(m_groups, {});
    m_members.reserve(view.apps.size());
    m_groups.reserve(oldGroups.size() + 1);

    std::size_t rangeBegin = 0;
    qint64 rangeSize = 0;
    const auto close = [&] {
        closeRange(rangeBegin, rangeSize);
        rangeBegin = m_members.size();
        rangeSize = 0;
    };
    auto old = oldGroups.cbegin();
    for (std::size_t i = 0; i < view.apps.size(); ++i) {
        const AppSnapshot &app = *view.apps[i];
        if (app.text.isEmpty())
            continue;
        while (old != oldGroups.cend() && oldMembers[old->begin].name < app.name)
            ++old;
        const bool beganGroup = old != oldGroups.cend() && oldMembers[old->begin].name == app.name;
        const bool isLarge = app.text.size() >= UsualGroup;
        if (isLarge || (beganGroup && rangeSize >= MinGroup))
            close();
        m_members.push_back({app.name, app.textVersion, app.text.size(), i});
        rangeSize += app.text.size();
        if (isLarge)
            close();
    }
    close();
    keepFrom(oldMembers, oldGroups);
}

void GzipBlocks::closeRange(std::size_t begin, qint64 size)
{
    if (begin == m_members.size())
        return;
    if (size <= MaxGroup) {
        m_groups.push_back({begin, m_members.size() - begin, size, {}});
        return;
    }
    qint64 groupSize = 0;
    for (std::size_t i = begin; i < m_members.size(); ++i) {
        groupSize += m_members[i].size;
        if (groupSize >= UsualGroup || i + 1 == m_members.size()) {
            m_groups.push_back({begin, i + 1 - begin, groupSize, {}});
            begin = i + 1;
            groupSize = 0;
        }
    }
}

void GzipBlocks::keepFrom(const Members &oldMembers, Groups &oldGroups)
{
    // A version alone does not name a text: the texts of one message have the same.
    const auto isSame = [](const Member &a, const Member &b) {
        return a.version == b.version && a.name == b.name;
    };
    m_isComplete = true;
    auto old = oldGroups.begin();
    for (Group &group : m_groups) {
        const auto first = m_members.cbegin() + std::ptrdiff_t(group.begin);
        while (old != oldGroups.end() && oldMembers[old->begin].name < first->name)
            ++old;
        if (old != oldGroups.end() && old->count == group.count
            && std::equal(first, first + std::ptrdiff_t(group.count),
                          oldMembers.cbegin() + std::ptrdiff_t(old->begin), isSame))
            group.block = std::move(old->block);
        m_isComplete = m_isComplete && group.isComplete();
    }
}

bool GzipBlocks::deflateMissing(const AppView &view, DeflateBudget budget)
{
    if (m_isComplete)
        return true;
    for (Group &group : m_groups) {
        if (group.isComplete())
            continue;
        const auto first = m_members.cbegin() + std::ptrdiff_t(group.begin);
        if (group.count == 1) {
            if (!m_deflater.goOn(group.block, view.apps[first->index]->text, budget))
                return false;
            continue;
        }
        if (!budget.allows(group.size))
            return false;
        for (auto member = first; member != first + std::ptrdiff_t(group.count); ++member)
            m_deflater.add(view.apps[member->index]->text);
        group.block = m_deflater.finish();
        budget.take(group.block);
    }
    m_isComplete = true;
    return true;
}

qint64 GzipBlocks::bytes() const
{
    return std::accumulate(m_groups.begin(), m_groups.end(), qint64{0},
                           [](qint64 sum, const Group &group) { return sum + group.block.bytes.size(); });
}

void GzipBlocks::appendTo(PageBuilder &page, GzipMember &member) const
{
    for (const Group &group : m_groups) {
        page.append(group.block.bytes);
        member.add(group.block);
    }
}

const DeflatedBlock *GzipBlocks::blockOf(const AppSnapshot &app) const
{
    const auto group = std::lower_bound(
        m_groups.begin(), m_groups.end(), app.name,
        [this](const Group &each, const QByteArray &name) { return m_members[each.begin].name < name; });
    if (group == m_groups.end() || group->count != 1 || !group->isComplete())
        return nullptr;
    const Member &member = m_members[group->begin];
    return member.name == app.name && member.version == app.textVersion ? &group->block : nullptr;
}

} // namespace ExporterProxy
