// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/model/appsnapshot.h"

#include "common/model/freshness.h"

#include <algorithm>
#include <cstring>

namespace ExporterProxy {

namespace {

qsizetype countSamples(QByteArrayView text)
{
    qsizetype samples = 0;
    const char *at = text.begin();
    while (at != text.end()) {
        const auto *newline = static_cast<const char *>(std::memchr(at, '\n', std::size_t(text.end() - at)));
        const char *lineEnd = newline ? newline : text.end();
        while (at != lineEnd && (*at == ' ' || *at == '\t'))
            ++at;
        if (at != lineEnd && *at != '#')
            ++samples;
        at = newline ? newline + 1 : lineEnd;
    }
    return samples;
}

} // namespace

AppSnapshot::AppSnapshot(const AppSnapshot &other)
    : name(other.name)
    , text(other.text)
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
