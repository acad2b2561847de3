// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appmodel.h"
#include "common/model/proxycounters.h"
#include "daemon/state/statefile.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <QObject>
#include <QTimer>
#include <thread>

class QSocketNotifier;

namespace ExporterProxy {

/// Keeps the pushed applications of the model in a state file: reads it at the start, writes it after
/// changes and at the stop. Polled applications are left out: they are polled anew before anybody asks.
///
/// Writing happens on a thread of its own, from a view: neither a push nor a scrape waits for a disk. Nothing
/// wakes up while nothing is pushed. Main thread, with an event loop.
class StateKeeper final : public QObject
{
    Q_OBJECT

public:
    /// How often the file is written at most while pushes keep coming: what a crash can cost, against what
    /// disks wear. A first push after a quiet time is written right away.
    static constexpr std::chrono::milliseconds WriteInterval{5'000};
    /// The pause is also this many times as long as the last write took: a large state on a slow disk does
    /// not keep the disk busy all the time.
    static constexpr int PauseFactor = 10;
    /// How long a write is put off, so that one file has the pushes that come together.
    static constexpr std::chrono::milliseconds GatherTime{100};
    /// After a failure: disks do not empty themselves faster.
    static constexpr std::chrono::milliseconds RetryInterval{30'000};

    /// Both references must outlive it.
    StateKeeper(const QString &path, AppModel &model, StateCounters &counters);
    /// Stops first.
    ~StateKeeper() override;

    /// Takes the file and restores what it holds, within `limits`, then keeps it up to date. Before anything
    /// is pushed. Returns what stands against it as one sentence.
    std::optional<QString> start(const StateReader::Limits &limits);

    /// Writes what has changed, after the last push was taken in. Idempotent.
    void stop();

private:
    struct Outcome
    {
        std::optional<QString> error;
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
    StateFile m_file; ///< of the thread, while that writes
    const int m_events; ///< an eventfd: something was pushed, or a write ended
    QSocketNotifier *m_notifier = nullptr;
    QTimer m_timer; ///< runs only while something is to be written
    bool m_isOpen = false;
    bool m_isWriting = false;
    bool m_isWaiting = false; ///< for a push
    bool m_lastFailed = false;
    std::chrono::milliseconds m_pause{0}; ///< before the next write
    std::chrono::steady_clock::time_point m_lastEnd;

    std::atomic<bool> m_pushed{false};
    std::mutex m_mutex; ///< for all that follows
    std::condition_variable m_wake;
    std::optional<StateFile::Apps> m_task;
    std::optional<Outcome> m_outcome;
    bool m_quit = false;
    std::thread m_thread;
};

} // namespace ExporterProxy
