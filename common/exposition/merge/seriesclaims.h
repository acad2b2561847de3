// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/merge/sampleline.h"

#include <functional>
#include <unordered_map>
#include <vector>

namespace ExporterProxy {

/// Which application has which series, and of those that several have, whose is shown. Applications are
/// numbers. Takes some 40 bytes for a series; what several claim takes more.
class SeriesClaims
{
public:
    /// A series of the application. Claiming it twice is claiming it once.
    void claim(const SeriesId &id, quint32 app);

    /// It is no longer; nothing happens if it never was.
    void release(const SeriesId &id, quint32 app);

    /// Has the winner of a contested series of the application decided anew.
    void reconsider(const SeriesId &id);

    /// Decides whatever has changed since the last time. `isLater` says whether the first application was
    /// updated after the second: the last one's series is shown. `affected` is called for each application
    /// that has to show a series from now on, or to hide it; maybe often.
    void settle(const std::function<bool(quint32, quint32)> &isLater,
                const std::function<void(quint32)> &affected);

    /// How many of the application's series others have as well.
    std::size_t contested(quint32 app) const { return app < m_contested.size() ? m_contested[app] : 0; }

    /// Whether the application's series is another's on the page. Only after settle().
    bool isHidden(const SeriesId &id, quint32 app) const { return winnerOf(id, app) != app; }
    /// Whose of the application's series is shown.
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
