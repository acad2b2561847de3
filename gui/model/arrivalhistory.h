// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/timestamp.h"

#include <array>
#include <QList>
#include <utility>

namespace ExporterProxy::Monitor {

/// A moment with as little precision as pictures and ages need. Differences of two of these never overflow,
/// as those of two Timestamps do.
using CoarseTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// The history of an application as it is painted: positions on a time axis from 0 (long ago) to 1 (now).
struct PaintedHistory
{
    QList<float> arrivals; ///< ascending: one tick each
    /// Stretches in which updates should have come and did not, from where the first was due to where one
    /// came (or to 1: still silent). Empty while the rhythm is not known.
    QList<std::pair<float, float>> gaps;
    std::chrono::milliseconds span{0}; ///< what the axis covers
};

/// When the last updates of one application came, as far as the monitor saw them. 256 bytes.
class ArrivalHistory
{
public:
    static constexpr int Capacity = 60;

    /// Told of an application each time it is listed: its count of updates and the time of the last. Updates
    /// that came between two listings are placed evenly in between, because only the last one's time is
    /// known.
    void note(quint64 updates, Timestamp lastUpdate);

    int size() const { return m_size; }
    CoarseTime at(int i) const; ///< i = 0 is the oldest

    /// The axis covers the last Capacity intervals, or, while no interval is known (0), what is held.
    PaintedHistory painted(std::chrono::milliseconds interval, CoarseTime now) const;

private:
    void append(CoarseTime time);

    quint64 m_updates = 0;
    CoarseTime m_base; ///< what m_offsets count from
    std::array<quint32, Capacity> m_offsets{}; ///< milliseconds; a ring
    quint8 m_first = 0;
    quint8 m_size = 0;
};

} // namespace ExporterProxy::Monitor
