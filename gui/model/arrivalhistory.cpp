// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/arrivalhistory.h"

#include <algorithm>
#include <limits>

namespace ExporterProxy::Monitor {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds LongestReach{std::numeric_limits<quint32>::max()};
/// The shortest axis while no interval is known, because a shorter one would flicker.
constexpr milliseconds ShortestSpan{60'000};

/// Returns true if an update is missing. The limit of one and a half intervals is in the middle between an
/// update in time and one left out, so jitter is not a gap.
bool isGap(milliseconds silence, milliseconds interval)
{
    return silence > interval + interval / 2;
}

} // namespace

void ArrivalHistory::note(quint64 updates, Timestamp lastUpdate)
{
    const quint64 before = std::exchange(m_updates, updates);
    if (lastUpdate == Never)
        return;
    const auto last = std::chrono::floor<milliseconds>(lastUpdate);
    if (m_size == 0)
        return append(last);
    const CoarseTime newest = at(m_size - 1);
    if (last == newest)
        return;
    if (last < newest) {
        // The daemon's clock was set back, so the old arrivals do not fit the same axis.
        m_size = 0;
        return append(last);
    }
    // A smaller count means that the daemon was restarted, and the number since then is not known.
    const quint64 came = updates > before ? updates - before : 1;
    const auto placed = int(std::min<quint64>(came, Capacity));
    const auto step = (last - newest) / double(came);
    for (int left = placed - 1; left >= 0; --left)
        append(last - std::chrono::duration_cast<milliseconds>(step * left));
}

CoarseTime ArrivalHistory::at(int i) const
{
    return m_base + milliseconds(m_offsets[std::size_t(m_first + i) % Capacity]);
}

void ArrivalHistory::append(CoarseTime time)
{
    while (m_size > 0 && (m_size == Capacity || time - at(0) > LongestReach)) {
        m_first = quint8((m_first + 1) % Capacity);
        --m_size;
    }
    if (m_size == 0) {
        m_first = 0;
        m_base = time;
    } else if (time - m_base > LongestReach) {
        const auto shift = quint32((at(0) - m_base).count());
        for (int i = 0; i < m_size; ++i)
            m_offsets[std::size_t(m_first + i) % Capacity] -= shift;
        m_base += milliseconds(shift);
    }
    m_offsets[std::size_t(m_first + m_size) % Capacity] = quint32((time - m_base).count());
    ++m_size;
}

PaintedHistory ArrivalHistory::painted(milliseconds interval, CoarseTime now) const
{
    PaintedHistory painted;
    if (m_size == 0)
        return painted;
    painted.span = interval.count() > 0 ? interval * Capacity : std::max(now - at(0), ShortestSpan);
    const auto position = [&painted, now](CoarseTime time) {
        return float(std::min(1.0, 1.0 - double((now - time).count()) / double(painted.span.count())));
    };
    const auto addGap = [&](CoarseTime last, CoarseTime next) {
        if (interval.count() > 0 && isGap(next - last, interval) && position(next) > 0)
            painted.gaps.emplace_back(std::max(0.F, position(last + interval)), position(next));
    };
    for (int i = 0; i < m_size; ++i) {
        const CoarseTime time = at(i);
        if (i > 0)
            addGap(at(i - 1), time);
        if (const float where = position(time); where >= 0)
            painted.arrivals.append(where);
    }
    addGap(at(m_size - 1), now);
    return painted;
}

} // namespace ExporterProxy::Monitor
