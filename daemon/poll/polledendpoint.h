// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/intake.h"
#include "daemon/poll/pollrequest.h"
#include "daemon/poll/polltarget.h"

#include <chrono>
#include <QTimer>

namespace ExporterProxy {

/// Keeps one endpoint's text in the model up to date, on a schedule of its own. Main thread only.
class PolledEndpoint : public QObject
{
    Q_OBJECT

public:
    /// The references must outlive it. `maxMessageSize` in bytes.
    PolledEndpoint(PollTarget target, ManagerPool &managers, const Intake &intake, PendingBytes &pending,
                   PollCounters &counters, qint64 maxMessageSize);

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

    const PollTarget m_target;
    const Intake &m_intake;
    PollCounters &m_counters;
    Source m_source;
    PollRequest m_request;
    QTimer m_timer;
    Clock::time_point m_next;
    Clock::time_point m_pollBegan;
};

} // namespace ExporterProxy
