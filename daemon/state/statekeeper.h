// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appmodel.h"
#include "common/model/proxycounters.h"
#include "daemon/state/statefile.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <QObject>
#include <QTimer>
#include <thread>

class QSocketNotifier;

namespace ExporterProxy {

/// Keeps the pushed applications of the model in a state file: reads it at the start, writes it after
/// changes and when the daemon stops. Polled applications are left out, because they are polled again at
/// once.
///
/// Writes a view of the model on a thread of its own, so that neither a push nor a scrape waits for a disk.
/// Nothing wakes up while nothing is pushed. Main thread, with an event loop.
class StateKeeper final : public QObject
{
    Q_OBJECT

public:
    /// The shortest time between two writes while pushes keep coming: a compromise between what a crash loses
    /// and how fast disks wear. The first push after a quiet time is written at once.
    static constexpr std::chrono::milliseconds WriteInterval{5'000};
    /// The pause is at least this many times as long as the last write took, so that a large state does not
    /// keep a slow disk busy all the time.
    static constexpr int PauseFactor = 10;
    /// How long a write is delayed, so that pushes that arrive together are written together.
    static constexpr std::chrono::milliseconds GatherTime{100};
    /// The time between attempts after a failure: a full disk rarely has room again sooner.
    static constexpr std::chrono::milliseconds RetryInterval{30'000};

    /// `model` and `counters` must outlive this object.
    StateKeeper(const QString &path, AppModel &model, StateCounters &counters);
    /// Calls stop().
    ~StateKeeper() override;

    /// Restores the applications of the file, within `limits`, and then keeps the file up to date. Call it
    /// before anything is pushed. Fails if the state cannot be kept.
    Result<> start(const StateReader::Limits &limits);

    /// Writes what has changed. Call it after the last push was stored. Idempotent.
    void stop();

private:
    struct Outcome
    {
        Result<> result;
        std::chrono::steady_clock::duration took{};
        Timestamp when = Never;
    };

    void restore(StateFile::Content content);
    void waitForPush();
    void onEvent();
    void schedule(std::chrono::milliseconds pause);
    void beginWrite();
    void endWrite(const Outcome &outcome);
    StateFile::Apps pushedApps();
    Outcome write(StateFile::Apps apps);
    void runThread();

    AppModel &m_model;
    StateCounters &m_counters;
    StateFile m_file; ///< used by the thread while it writes
    const Descriptor m_events; ///< an eventfd, readable after a push or the end of a write
    QSocketNotifier *m_notifier = nullptr;
    QTimer m_timer; ///< active only while there is something to write
    bool m_isOpen = false;
    bool m_isWriting = false;
    bool m_isWaiting = false; ///< nothing was pushed since the last write began
    bool m_lastFailed = false;
    std::chrono::milliseconds m_pause{0}; ///< before the next write
    std::chrono::steady_clock::time_point m_lastEnd;

    std::atomic<bool> m_pushed{false};
    std::mutex m_mutex; ///< guards the members below
    std::condition_variable m_wake;
    std::optional<StateFile::Apps> m_task;
    std::optional<Outcome> m_outcome;
    bool m_quit = false;
    std::thread m_thread;
};

} // namespace ExporterProxy
