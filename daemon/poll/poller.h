// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/intake.h"
#include "daemon/poll/pollrequest.h"

#include <chrono>
#include <memory>
#include <QObject>
#include <QTimer>
#include <vector>

namespace ExporterProxy {

/// Keeps one endpoint's text in the model up to date, on a schedule of its own. Main thread only.
class PolledEndpoint : public QObject
{
    Q_OBJECT

public:
    /// The references must outlive it. `maxMessageSize` in bytes.
    PolledEndpoint(PollTarget target, const Intake &intake, PendingBytes &pending, PollCounters &counters,
                   qint64 maxMessageSize);

    /// Polls now, again after `place`/`count` of the interval, and from then on at each interval: no gap is
    /// longer than one. A poll that is still running when the next one is due takes its place.
    void start(qint64 place, qint64 count);

    const PollTarget &target() const { return m_target; }

    /// Takes another limit, in bytes.
    void setMaxMessageSize(qint64 bytes) { m_request.setMaxMessageSize(bytes); }

    /// Ends the schedule and the poll that is running, without a trace in the model.
    void stop();

private:
    using Clock = std::chrono::steady_clock;

    void onTimer();
    void sleepUntilNext();
    void poll();
    void onPolled(PollRequest::Result result);
    void judge();
    void fail(Rejection rejection);

    const PollTarget m_target;
    const Intake &m_intake;
    PollCounters &m_counters;
    Source m_source;
    PollRequest m_request;
    AppUpdate m_update; ///< what was polled
    std::optional<TextJudging> m_judging; ///< of the update; in steps, between which others have their turn
    QTimer m_judgingTimer;
    QTimer m_timer;
    Clock::time_point m_next;
    Clock::time_point m_pollBegan;
};

class PolledEndpoint;

/// Polls other exporters over HTTP and keeps their texts in the model. Each endpoint has its own schedule,
/// and none waits for another. Main thread only.
class Poller : public QObject
{
    Q_OBJECT

public:
    /// Makes the targets known to the model and the counters; they and the intake must outlive the poller.
    /// `maxMessageSize` in bytes. Without targets it does nothing, now or later, and holds nothing.
    Poller(const std::vector<PollTarget> &targets, const Intake &intake, AppModel &model,
           ProxyCounters &counters, qint64 maxMessageSize);
    /// Stops first.
    ~Poller() override;

    /// Polls all endpoints at the next turn of the event loop. The second poll of each follows within its
    /// interval, spread evenly over it, and then one at each interval.
    void start();

    /// What setTargets() did.
    struct Change
    {
        int added = 0;
        int removed = 0;
        int changed = 0; ///< the name stays, anything else of the target does not
    };

    /// Polls these in place of the former ones, after start(). What is the same goes on undisturbed, with its
    /// schedule; what is new or changed is polled now; what is no longer there leaves the model and the
    /// counters.
    Change setTargets(const std::vector<PollTarget> &targets, qint64 maxMessageSize);

    /// Ends all that is running, at once and without a trace in model, counters and log.
    void stop();

private:
    void begin();
    std::unique_ptr<PolledEndpoint> makeEndpoint(const PollTarget &target);

    const Intake &m_intake;
    AppModel &m_model;
    ProxyCounters &m_counters;
    qint64 m_maxMessageSize;
    std::vector<std::unique_ptr<PolledEndpoint>> m_endpoints;
    QTimer m_begin; ///< puts the first polls off until the daemon is up
};

} // namespace ExporterProxy
