// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/model/freshness.h"

#include <algorithm>
#include <limits>

namespace ExporterProxy {

FreshnessLimits FreshnessRules::limitsFor(QByteArrayView name, SourceKind kind) const
{
    FreshnessLimits limits{staleAfter, expireAfter, forgetAfter};
    const auto apply = [&limits](const FreshnessOverrides &overrides) {
        limits.staleAfter = overrides.staleAfter.value_or(limits.staleAfter);
        limits.expireAfter = overrides.expireAfter.value_or(limits.expireAfter);
        limits.forgetAfter = overrides.forgetAfter.value_or(limits.forgetAfter);
    };
    apply(this->*infoOf(kind).freshness);
    if (const auto own = apps.find(name); own != apps.end())
        apply(own->second);
    if (limits.expireAfter.count() == 0)
        limits.expireAfter = limits.forgetAfter;
    return limits;
}

using std::chrono::milliseconds;

void Rhythm::add(Timestamp now)
{
    if (m_lastBeat == Never || now < m_lastBeat) {
        m_lastBeat = now;
        return;
    }
    // Rounded, not cut off: a push each 15 s must not be told as one of 14.999.
    const milliseconds gap = std::chrono::round<milliseconds>(now - m_lastBeat);
    if (gap < std::max(BurstWindow, interval() / 4))
        return;
    m_lastBeat = now;
    // A gap that 32 bits do not hold, of 49 days, is a long one whatever its length.
    m_gaps[m_next] = quint32(std::min<qint64>(gap.count(), std::numeric_limits<quint32>::max()));
    m_next = quint8((m_next + 1) % Gaps);
    m_count = quint8(std::min<std::size_t>(m_count + 1u, Gaps));
    learn();
}

void Rhythm::resume(Timestamp last, std::chrono::milliseconds interval)
{
    m_lastBeat = last;
    if (interval.count() <= 0)
        return;
    m_count = m_next = Gaps / 2;
    const auto gap = quint32(std::min<qint64>(interval.count(), std::numeric_limits<quint32>::max()));
    std::fill_n(m_gaps.begin(), m_count, gap);
    m_interval = gap;
}

void Rhythm::learn()
{
    m_interval = 0;
    if (m_count < MinGaps)
        return;
    std::array<quint32, Gaps> sorted = m_gaps;
    std::fill(sorted.begin() + m_count, sorted.end(), std::numeric_limits<quint32>::max()); // stay behind
    std::sort(sorted.begin(), sorted.end());
    const quint32 median = sorted[m_count / 2];
    const quint32 secondLongest = sorted[m_count - 2u];
    if (secondLongest / 2 <= median)
        m_interval = median;
}

} // namespace ExporterProxy
