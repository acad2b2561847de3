// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/merge/sampleline.h"

#include <deque>
#include <functional>
#include <set>
#include <vector>

namespace ExporterProxy {

/// Records which application has which series, and which one owns it, that is, whose is shown: of those that
/// have it, the one whose name comes first. Applications are numbers. A claim costs a step, or as many as the
/// logarithm of how many applications have the same series. Takes some 40 bytes for a series, and for one
/// that several have some 60 more and 48 for each of them.
class SeriesClaims
{
public:
    /// Returns whether the first application's name comes before the second's. It must not change while they
    /// have series.
    using AppOrder = std::function<bool(quint32, quint32)>;

    /// `affected` is called with an application that has to show a series from now on, or to hide it, because
    /// another one has come or gone; maybe often.
    SeriesClaims(AppOrder isBefore, std::function<void(quint32)> affected)
        : m_isBefore(std::move(isBefore))
        , m_affected(std::move(affected))
    {
    }
    SeriesClaims(const SeriesClaims &) = delete;
    SeriesClaims &operator=(const SeriesClaims &) = delete;

    /// Adds a series of the application. A second call has no effect.
    void claim(const SeriesId &id, quint32 app);

    /// Removes a series of the application; does nothing if it has none of it.
    void release(const SeriesId &id, quint32 app);

    /// Returns how many of the application's series others have as well.
    std::size_t contested(quint32 app) const { return app < m_contested.size() ? m_contested[app] : 0; }

    /// Returns the owner of a series that at least one application has.
    quint32 ownerOf(const SeriesId &id) const { return find(id)->owner; }

private:
    static constexpr quint32 Free = ~quint32{0};
    static constexpr quint32 NoContest = ~quint32{0};

    struct Slot
    {
        SeriesId id;
        quint32 owner = Free;
        quint32 contest = NoContest; ///< index
    };
    struct ByName
    {
        const AppOrder *isBefore;
        bool operator()(quint32 a, quint32 b) const { return (*isBefore)(a, b); }
    };
    using Claimants = std::set<quint32, ByName>;

    Slot *find(const SeriesId &id);
    const Slot *find(const SeriesId &id) const;
    void grow();
    void erase(Slot *slot);
    void count(quint32 app, int change);
    quint32 newContest();

    const AppOrder m_isBefore;
    const std::function<void(quint32)> m_affected;
    std::vector<Slot> m_slots; ///< open addressing, linear probing; a power of two
    std::size_t m_used = 0;
    std::deque<Claimants> m_contests; ///< of series that several applications have
    std::vector<quint32> m_freeContests;
    std::vector<std::size_t> m_contested; ///< by application
};

} // namespace ExporterProxy
