// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/model/appsnapshot.h"

#include "common/model/freshness.h"

#include <algorithm>
#include <bit>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace ExporterProxy {

namespace {

constexpr qsizetype BlockSize = 64; ///< a bit for each byte

/// Returns which bytes of a block are this one.
quint64 bytesThatAre(char wanted, const char *block)
{
    quint64 found = 0;
#ifdef __SSE2__
    for (int i = 0; i < BlockSize; i += 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(block + i));
        found |= quint64(unsigned(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(wanted))))) << i;
    }
#else
    for (int i = 0; i < BlockSize; ++i)
        found |= quint64(block[i] == wanted) << i;
#endif
    return found;
}

/// A block at a time and without a branch for each line: short lines, and blanks before them, cost no more
/// than others.
qsizetype countSamples(QByteArrayView text)
{
    qsizetype samples = 0;
    quint64 carried =
        1; // the block's first byte is where a line begins, or goes on with the blanks that it begins with
    for (const char *at = text.begin(); at != text.end();) {
        const char *block = at;
        char last[BlockSize];
        if (const qsizetype left = text.end() - at; left < BlockSize) {
            std::memset(last, '\n', sizeof last);
            std::memcpy(last, at, std::size_t(left));
            block = last;
        }
        at += std::min(BlockSize, qsizetype(text.end() - at));
        const quint64 newlines = bytesThatAre('\n', block);
        const quint64 blanks = bytesThatAre(' ', block) | bytesThatAre('\t', block);
        const quint64 begins = newlines << 1 | carried;
        // A line's first byte that is no blank: the sum carries a bit over the blanks that a line begins
        // with.
        const quint64 sum = blanks + (begins & blanks);
        const quint64 firsts = ((begins & ~blanks) | (sum & ~blanks)) & ~newlines;
        samples += std::popcount(firsts & ~bytesThatAre('#', block));
        carried = newlines >> 63 | quint64(sum < blanks);
    }
    return samples;
}

} // namespace

AppSnapshot::AppSnapshot(const AppSnapshot &other)
    : name(other.name)
    , text(other.text)
    , original(other.original)
    , notes(other.notes)
    , source(other.source)
    , lastErrorReason(other.lastErrorReason)
    , lastUpdate(other.lastUpdate)
    , lastErrorAt(other.lastErrorAt)
    , textVersion(other.textVersion)
    , revision(other.revision)
    , updates(other.updates)
    , rejected(other.rejected)
    , interval(other.interval)
    , limits(other.limits)
    , kind(other.kind)
    , format(other.format)
    , lastFailed(other.lastFailed)
    , expired(other.expired)
    , m_series(other.m_series.load(std::memory_order_relaxed))
{
}

qsizetype AppSnapshot::series() const
{
    qsizetype count = m_series.load(std::memory_order_relaxed);
    if (count < 0) {
        count = countSamples(text);
        m_series.store(count, std::memory_order_relaxed);
    }
    return count;
}

void AppSnapshot::swapText(QByteArray &other, quint64 version)
{
    text.swap(other);
    textVersion = version;
    m_series.store(-1, std::memory_order_relaxed);
}

const AppSnapshot *AppView::find(QByteArrayView name) const
{
    const auto at =
        std::lower_bound(apps.begin(), apps.end(), name,
                         [](const auto &app, QByteArrayView wanted) { return app->name < wanted; });
    return at != apps.end() && (*at)->name == name ? at->get() : nullptr;
}

std::chrono::milliseconds ageAt(const AppSnapshot &app, Timestamp now)
{
    using std::chrono::floor;
    using std::chrono::milliseconds;
    return std::max(floor<milliseconds>(now) - floor<milliseconds>(app.lastUpdate), milliseconds{0});
}

AppState appStateAt(const AppSnapshot &app, Timestamp now)
{
    const bool isUpdated = app.lastUpdate != Never;
    const auto age = isUpdated ? ageAt(app, now) : std::chrono::milliseconds{0};
    const auto hasReached = [age](std::chrono::milliseconds limit) {
        return limit.count() > 0 && age >= limit;
    };
    if (app.expired || hasReached(app.limits.expireAfter))
        return AppState::Expired;
    if (app.lastFailed)
        return infoOf(app.kind).failedState;
    // A polled application before its first answer: there is nothing of it that could be fresh.
    if (!isUpdated || hasReached(app.limits.staleAfter))
        return AppState::Stale;
    return hasReached(lateAfter(app.interval)) ? AppState::Late : AppState::Fresh;
}

std::chrono::sys_time<std::chrono::milliseconds> appStateHoldsUntil(const AppSnapshot &app, Timestamp now)
{
    using std::chrono::floor;
    using std::chrono::milliseconds;
    auto until = std::chrono::sys_time<milliseconds>::max();
    if (app.expired || app.lastUpdate == Never)
        return until;
    const auto updated = floor<milliseconds>(app.lastUpdate);
    for (const milliseconds limit :
         {app.limits.expireAfter, app.limits.staleAfter, lateAfter(app.interval)}) {
        if (limit.count() > 0 && updated + limit > floor<milliseconds>(now))
            until = std::min(until, updated + limit);
    }
    return until;
}

} // namespace ExporterProxy
