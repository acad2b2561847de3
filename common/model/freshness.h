// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/sourcekind.h"
#include "common/util/timestamp.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <QByteArray>
#include <QtGlobal>

namespace ExporterProxy {

/// Ages at which an application becomes stale, loses its text and is forgotten. Inclusive; 0 disables.
struct FreshnessLimits
{
    std::chrono::milliseconds staleAfter{0};
    std::chrono::milliseconds expireAfter{0};
    std::chrono::milliseconds forgetAfter{0}; ///< of what is not polled by configuration

    bool operator==(const FreshnessLimits &) const = default;
};

/// Limits of a kind of source or of an application that override the general ones; nullopt keeps these.
struct FreshnessOverrides
{
    std::optional<std::chrono::milliseconds> staleAfter;
    std::optional<std::chrono::milliseconds> expireAfter;
    std::optional<std::chrono::milliseconds> forgetAfter;

    bool operator==(const FreshnessOverrides &) const = default;
};

/// The section `[freshness]` of the configuration: the limits of any application. Plain values.
struct FreshnessRules
{
    std::chrono::milliseconds staleAfter{0};
    std::chrono::milliseconds expireAfter{0};
    std::chrono::milliseconds forgetAfter{0};
    FreshnessOverrides push; ///< stronger than the general values
    FreshnessOverrides poll;
    std::map<QByteArray, FreshnessOverrides, std::less<>> apps; ///< by name; stronger than both

    /// Returns the limits of one application: each key from the strongest level that has it. A forgotten
    /// application cannot stay on the page: if expireAfter is 0, forgetAfter is used for it.
    FreshnessLimits limitsFor(QByteArrayView name, SourceKind kind) const;

    bool operator==(const FreshnessRules &) const = default;
};

/// Learns how often an application pushes, from the times of its pushes alone.
///
/// The rhythm is the median of the last gaps. A mean would follow each outlier, and outliers are the rule: a
/// restart pushes early, a machine that slept or a deployment pushes late. Of eight gaps four may be too
/// short and one too long before the upper median moves or is no longer believed; a program that has really
/// changed its interval is followed after four to seven pushes.
///
/// * Pushes in quick succession are one beat: those within BurstWindow, or within a quarter of the rhythm,
///   after the beat before. So a program that sends its metrics in five messages each minute has a rhythm of
///   a minute, and one that restarts over and over does not spoil what was known of it. A program that has
///   become much faster still has a beat each quarter, and is followed in a few steps.
/// * Nothing is known before MinGaps gaps, so what pushes once, or in one burst at its start, has no rhythm
///   and is never late.
/// * Nothing is known of gaps that do not agree. One may be more than twice the median: a pause. A second one
///   shows that the pushes follow events and not a clock, and of these silence says nothing.
///
/// It costs 48 bytes an application and no allocation; a push within a beat one comparison, and a beat the
/// sorting of eight numbers, some 60 ns beside the 10 µs of a push. Not thread-safe.
class Rhythm
{
public:
    static constexpr std::size_t Gaps = 8;
    static constexpr std::size_t MinGaps = 3;

    /// Messages of one burst follow each other in a few milliseconds, each on a connection of its own
    /// perhaps; and no page is read more often than this. A faster program has a rhythm of this length, or up
    /// to twice that.
    static constexpr std::chrono::milliseconds BurstWindow{50};

    /// Notes a push. Times of before the last one, after a clock was set back, only begin a new beat.
    void add(Timestamp now);

    /// Goes on with what was known before the daemon was started anew: the last push, and the rhythm or 0. It
    /// counts as half of the gaps that are remembered: the time without a daemon between is one outlier, and
    /// a rhythm that has changed meanwhile is followed soon.
    void resume(Timestamp last, std::chrono::milliseconds interval);

    /// The usual time between two beats; 0: not known.
    std::chrono::milliseconds interval() const { return std::chrono::milliseconds(m_interval); }

private:
    void learn();

    Timestamp m_lastBeat = Never;
    std::array<quint32, Gaps> m_gaps{}; ///< milliseconds; the last ones, in a ring
    quint32 m_interval = 0; ///< milliseconds
    quint8 m_next = 0; ///< the place of the next gap in the ring
    quint8 m_count = 0; ///< gaps in the ring
};

/// The shortest silence that counts as late, whatever the rhythm is: a busy machine, a garbage collection or
/// a slow poll causes silence too. Without this floor a program that pushes each 10 ms would be late all the
/// time.
inline constexpr std::chrono::milliseconds ShortestLate{3'000};

/// Returns the age at which an application of that rhythm becomes late: three times the interval. Returns 0,
/// which means never, if its rhythm is not known.
constexpr std::chrono::milliseconds lateAfter(std::chrono::milliseconds interval)
{
    if (interval.count() == 0)
        return interval;
    return std::max(3 * interval, ShortestLate);
}

} // namespace ExporterProxy
