// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/freshness.h"
#include "common/model/sourcekind.h"
#include "common/model/textformat.h"
#include "common/util/timestamp.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <QByteArray>
#include <QByteArrayList>
#include <vector>

namespace ExporterProxy {

/// All that is known of one application at one moment. Immutable once a view holds it.
struct AppSnapshot
{
    QByteArray name; ///< UTF-8
    QByteArray text; ///< in the text format, as it was sent or converted; ends in a newline unless empty
    QByteArray
        original; ///< as it was sent, if that was not the text format and can be handed out; else empty
    QByteArrayList notes; ///< what is to be said of the text: whole sentences without a full stop
    QByteArray source; ///< "127.0.0.1:6554", a socket's path, "external_poll: host:port"
    QByteArray lastErrorReason; ///< UTF-8; empty: no push or poll of it has ever failed
    Timestamp lastUpdate = Never; ///< when the text was taken; Never for a poll that has not succeeded yet
    Timestamp lastErrorAt = Never;
    quint64 textVersion = 0; ///< differs for any two texts of one model: what a cache keys on; 0: none yet
    quint64 revision = 0; ///< differs for any two snapshots that views of one model hold, whatever differs
    quint64 updates = 0; ///< texts taken
    quint64 rejected = 0; ///< pushes rejected, or polls failed
    std::chrono::milliseconds interval{0}; ///< its rhythm: the configured interval, or what was learned from
                                           ///< when its texts arrived; 0: not known
    FreshnessLimits limits; ///< those that hold for this application
    SourceKind kind = SourceKind::Push;
    Format format = Format::Text; ///< in which the text was sent
    bool lastFailed = false; ///< the last push was rejected, or the last poll failed
    bool expired = false; ///< its text was dropped for its age; a new one ends it, and nothing else does

    /// Number of samples in the text: its lines that are neither blank nor comments. Counted at the first
    /// call and remembered, because a push must not pay for what only a reader of /apps wants.
    qsizetype series() const;
    /// Returns whether series() costs nothing any more.
    bool isCounted() const { return m_series.load(std::memory_order_relaxed) >= 0; }

    /// Puts another text in; the old one comes back in its place. Only while no view holds the snapshot.
    void swapText(QByteArray &other, quint64 version);

    AppSnapshot() = default;
    AppSnapshot(const AppSnapshot &other);
    AppSnapshot &operator=(const AppSnapshot &) = delete;

private:
    mutable std::atomic<qsizetype> m_series{-1};
};

/// A consistent picture of all applications, ordered by name (by bytes). Immutable: may be read on any
/// thread.
struct AppView
{
    quint64 generation = 0; ///< changes with every change of the model
    std::vector<std::shared_ptr<const AppSnapshot>> apps;
    qint64 totalSize = 0; ///< bytes of all texts
    qint64 charged = 0; ///< what of limits.max_total_size is taken: the texts, and what pages keep for them

    /// The application of that name; null if there is none.
    const AppSnapshot *find(QByteArrayView name) const;
};

/// How old the application's text is; 0 if a clock that was set back has it come from the future. Of a time
/// that is not Never. In milliseconds, because moments far apart differ by more nanoseconds than fit.
std::chrono::milliseconds ageAt(const AppSnapshot &app, Timestamp now);

/// The state of an application at a moment. One function for the pages, the metrics and the monitor, of the
/// snapshot and the time alone: a state that time has changed needs no new snapshot.
AppState appStateAt(const AppSnapshot &app, Timestamp now);

/// The moment, in milliseconds, before which appStateAt() returns what it returns at `now` while the snapshot
/// stays the same and the clock is not set back. May be too early; the maximum if only a change of the
/// snapshot changes the state.
std::chrono::sys_time<std::chrono::milliseconds> appStateHoldsUntil(const AppSnapshot &app, Timestamp now);

} // namespace ExporterProxy
