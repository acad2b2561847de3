// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"

#include <span>
#include <vector>

namespace ExporterProxy {

/// The applications of a view in groups of neighbours, for what is kept of several applications together and
/// made anew when one of them changes. The division into groups is kept as far as possible, so that an
/// application that grows, is added or is removed changes its own group and not all groups after it.
///
/// Following a view costs a look at each application's revision, and beyond that what has changed; when
/// applications come or go, or a group leaves its limits, some 50 ns for each application. Holds names and
/// versions, never a text.
class AppGroups
{
public:
    /// Selects what limits a group, and what changes it.
    enum class By {
        Texts, ///< the bytes of its texts; one of the usual weight is alone
        Applications, ///< their number, and whatever changes of them
    };
    struct Limits
    {
        qint64 min; ///< a group ends where it ended before, unless it has become lighter than this
        qint64 usual; ///< a new group ends when it has this weight
        qint64 max; ///< or heavier than this: then it is divided anew
    };
    struct Group
    {
        std::size_t begin = 0; ///< in the view's applications
        std::size_t count = 0;
        qint64 weight = 0;
        quint32 id = 0; ///< stays the group's while it begins with the same application
        bool isChanged = true; ///< it was another one before the last follow()
    };

    AppGroups(By by, Limits limits)
        : m_by(by)
        , m_limits(limits)
    {
    }

    /// Brings the groups up to a view of the model, always the same model. Returns whether the view is
    /// another one than the last; if not, nothing is changed, also as isChanged and gone() say.
    bool follow(const AppView &view);

    std::span<const Group> groups() const { return m_groups; }

    /// Returns the numbers of the groups that the last follow() removed. A changed group can have one of them
    /// again.
    std::span<const quint32> gone() const { return m_gone; }

    /// Returns a bound that is greater than all numbers of groups.
    std::size_t idCount() const { return m_idCount; }

private:
    struct Member
    {
        QByteArray name;
        quint64 revision;
        quint64 version; ///< of what counts as a change
        qint64 weight;
    };
    using Members = std::vector<Member>;
    using Groups = std::vector<Group>;

    Member memberOf(const AppSnapshot &app) const;
    bool isLarge(qint64 weight) const { return m_by == By::Texts && weight >= m_limits.usual; }
    bool updateInPlace(const AppView &view);
    void regroup(const AppView &view);
    void closeRange(std::size_t begin, qint64 weight);
    void keepFrom(const Members &oldMembers, const Groups &oldGroups);

    const By m_by;
    const Limits m_limits;
    Members m_members; ///< as the view has them
    Groups m_groups;
    std::vector<quint32> m_gone;
    std::vector<quint32> m_freeIds;
    std::vector<std::size_t> m_touched; ///< scratch
    quint32 m_idCount = 0;
    quint64 m_generation = 0;
};

} // namespace ExporterProxy
