// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/timestamp.h"

#include <array>
#include <QList>
#include <utility>

namespace ExporterProxy::Monitor {

/// A time with the precision that pictures and ages need. Differences of two of these never overflow, unlike
/// those of two Timestamps.
using CoarseTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// The history of an application for painting: positions on a time axis from 0 (long ago) to 1 (now).
struct PaintedHistory
{
    QList<float> arrivals; ///< ascending; one tick for each
    /// Intervals without the expected updates, from the time the first one was due to the next arrival, or to
    /// 1 if there is none yet. Empty while the usual interval is not known.
    QList<std::pair<float, float>> gaps;
    std::chrono::milliseconds span{0}; ///< the length of the axis
};

/// The times of the last updates of one application, as far as the monitor saw them. 256 bytes.
class ArrivalHistory
{
public:
    static constexpr int Capacity = 60;

    /// To be called for each listing, with the number of updates and the time of the last one. Several
    /// updates between two listings are distributed evenly, because only the time of the last one is known.
    void note(quint64 updates, Timestamp lastUpdate);

    int size() const { return m_size; }
    CoarseTime at(int i) const; ///< i = 0 is the oldest

    /// The axis covers the last Capacity intervals, or all held arrivals while the interval is not known (0).
    PaintedHistory painted(std::chrono::milliseconds interval, CoarseTime now) const;

private:
    void append(CoarseTime time);

    quint64 m_updates = 0;
    CoarseTime m_base; ///< the base of m_offsets
    std::array<quint32, Capacity> m_offsets{}; ///< milliseconds; a ring
    quint8 m_first = 0;
    quint8 m_size = 0;
};

} // namespace ExporterProxy::Monitor
