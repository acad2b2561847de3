// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/appgroups.h"

#include <algorithm>
#include <utility>

namespace ExporterProxy {

AppGroups::Member AppGroups::memberOf(const AppSnapshot &app) const
{
    const bool byTexts = m_by == By::Texts;
    return {app.name, app.revision, byTexts ? app.textVersion : app.revision, byTexts ? app.text.size() : 1};
}

bool AppGroups::follow(const AppView &view)
{
    const bool isOther = m_generation != view.generation;
    m_generation = view.generation;
    m_gone.clear();
    for (Group &group : m_groups)
        group.isChanged = false;
    if (isOther && !updateInPlace(view))
        regroup(view);
    return isOther;
}

/// Where the applications are the same, and none of the groups has to be another one for what has changed.
bool AppGroups::updateInPlace(const AppView &view)
{
    if (view.apps.size() != m_members.size())
        return false;
    m_touched.clear();
    for (std::size_t i = 0; i < m_members.size(); ++i) {
        if (view.apps[i]->revision == m_members[i].revision)
            continue;
        if (view.apps[i]->name != m_members[i].name)
            return false;
        m_touched.push_back(i);
    }
    auto group = m_groups.begin();
    bool isKept = true;
    for (const std::size_t i : m_touched) {
        while (group->begin + group->count <= i)
            ++group;
        const Member before = std::exchange(m_members[i], memberOf(*view.apps[i]));
        const Member &now = m_members[i];
        if (now.version == before.version)
            continue;
        group->isChanged = true;
        const qint64 weight = group->weight + now.weight - before.weight;
        isKept = isKept && isLarge(now.weight) == isLarge(before.weight)
            && (isLarge(now.weight) || weight <= m_limits.max)
            && (weight >= m_limits.min || group->weight < m_limits.min);
        group->weight = weight;
    }
    return isKept;
}

void AppGroups::regroup(const AppView &view)
{
    const Members oldMembers = std::exchange(m_members, {});
    const Groups oldGroups = std::exchange(m_groups, {});
    m_members.reserve(view.apps.size());
    m_groups.reserve(oldGroups.size() + 1);

    std::size_t rangeBegin = 0;
    qint64 rangeWeight = 0;
    const auto close = [&] {
        closeRange(rangeBegin, rangeWeight);
        rangeBegin = m_members.size();
        rangeWeight = 0;
    };
    auto old = oldGroups.cbegin();
    for (const auto &app : view.apps) {
        while (old != oldGroups.cend() && oldMembers[old->begin].name < app->name)
            ++old;
        const bool beganGroup = old != oldGroups.cend() && oldMembers[old->begin].name == app->name;
        Member member = memberOf(*app);
        const qint64 weight = member.weight;
        if (isLarge(weight) || (beganGroup && rangeWeight >= m_limits.min))
            close();
        m_members.push_back(std::move(member));
        rangeWeight += weight;
        if (isLarge(weight))
            close();
    }
    close();
    keepFrom(oldMembers, oldGroups);
}

void AppGroups::closeRange(std::size_t begin, qint64 weight)
{
    const std::size_t end = m_members.size();
    if (begin == end)
        return;
    if (weight <= m_limits.max) {
        m_groups.push_back({begin, end - begin, weight});
        return;
    }
    qint64 groupWeight = 0;
    for (std::size_t i = begin; i < end; ++i) {
        groupWeight += m_members[i].weight;
        if (groupWeight >= m_limits.usual || i + 1 == end) {
            m_groups.push_back({begin, i + 1 - begin, groupWeight});
            begin = i + 1;
            groupWeight = 0;
        }
    }
}

/// Has the groups that begin as a former one go on as that.
void AppGroups::keepFrom(const Members &oldMembers, const Groups &oldGroups)
{
    const auto isSame = [](const Member &a, const Member &b) {
        return a.version == b.version && a.name == b.name;
    };
    std::vector<Group *> added;
    auto old = oldGroups.begin();
    const auto drop = [&] {
        m_gone.push_back(old->id);
        m_freeIds.push_back(old->id);
        ++old;
    };
    for (Group &group : m_groups) {
        const auto first = m_members.cbegin() + std::ptrdiff_t(group.begin);
        while (old != oldGroups.end() && oldMembers[old->begin].name < first->name)
            drop();
        if (old == oldGroups.end() || oldMembers[old->begin].name != first->name) {
            added.push_back(&group);
            continue;
        }
        group.id = old->id;
        group.isChanged = old->isChanged || old->count != group.count
            || !std::equal(first, first + std::ptrdiff_t(group.count),
                           oldMembers.cbegin() + std::ptrdiff_t(old->begin), isSame);
        ++old;
    }
    while (old != oldGroups.end())
        drop();
    for (Group *group : added) {
        if (m_freeIds.empty()) {
            group->id = m_idCount++;
        } else {
            group->id = m_freeIds.back();
            m_freeIds.pop_back();
        }
    }
}

} // namespace ExporterProxy
