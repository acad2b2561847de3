// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/merge/sampleline.h"

#include <functional>
#include <unordered_map>
#include <vector>

namespace ExporterProxy {

/// Records which application has which series, and decides whose is shown if several have it. Applications
/// are numbers. Takes some 40 bytes for a series, and more for one that several claim.
class SeriesClaims
{
public:
    /// Adds a series of the application. A second call has no effect.
    void claim(const SeriesId &id, quint32 app);

    /// Removes a series of the application; does nothing if it has none of it.
    void release(const SeriesId &id, quint32 app);

    /// Makes settle() decide the contested series of the application again.
    void reconsider(const SeriesId &id);

    /// Decides whatever has changed since the last time. `isLater` says whether the first application was
    /// updated after the second: the last one's series is shown. `affected` is called for each application
    /// that has to show a series from now on, or to hide it; maybe often.
    void settle(const std::function<bool(quint32, quint32)> &isLater,
                const std::function<void(quint32)> &affected);

    /// Returns how many of the application's series others have as well.
    std::size_t contested(quint32 app) const { return app < m_contested.size() ? m_contested[app] : 0; }

    /// Returns whether another application's sample is shown for the series. Call it only after settle().
    bool isHidden(const SeriesId &id, quint32 app) const { return winnerOf(id, app) != app; }
    /// Returns the application whose sample is shown for the series.
    quint32 winnerOf(const SeriesId &id, quint32 app) const;

    std::size_t size() const { return m_used; }

private:
    static constexpr quint32 Free = ~quint32{0};
    static constexpr quint32 Contested = Free - 1;

    struct Slot
    {
        SeriesId id;
        quint32 owner = Free;
    };
    struct Contest
    {
        quint32 winner = Free; ///< Free: not settled yet
        std::vector<quint32> claimants;
    };

    Slot *find(const SeriesId &id);
    const Slot *find(const SeriesId &id) const;
    void grow();
    void erase(Slot *slot);
    void count(quint32 app, int change);

    std::vector<Slot> m_slots; ///< open addressing, linear probing; a power of two
    std::size_t m_used = 0;
    std::unordered_map<SeriesId, Contest, SeriesIdHash> m_contests;
    std::vector<SeriesId> m_unsettled;
    std::vector<std::size_t> m_contested; ///< by application
};

} // namespace ExporterProxy
