// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/textgate.h"
#include "common/model/appmodel.h"
#include "common/model/proxycounters.h"
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
    PolledEndpoint(PollTarget target, ManagerPool &managers, const TextGate &gate, AppModel &model,
                   PollCounters &counters, qint64 maxMessageSize);

    /// Polls now, again after `place`/`count` of the interval, and from then on at each interval: no gap is
    /// longer than one. A poll that is still running when the next one is due takes its place.
    void start(qint64 place, qint64 count);

    /// Ends the schedule and the poll that is running, without a trace in the model.
    void stop();

private:
    using Clock = std::chrono::steady_clock;

    void onTimer();
    void sleepUntilNext();
    void poll();
    void onPolled(PollRequest::Result result);
    void store(QByteArray text);
    void noteFault(const PollFault &fault);
    /// Writes a line if this is news and there have not been too many of late.
    void report(const QByteArray &state, const QByteArray &sentence);

    const PollTarget m_target;
    const TextGate &m_gate;
    AppModel &m_model;
    PollCounters &m_counters;
    PollRequest m_request;
    QTimer m_timer;
    Clock::time_point m_next;
    Clock::time_point m_pollBegan;

    QByteArray m_reported; ///< the state that the log told last; empty: all is well
    int m_linesLeft;
    Clock::time_point m_linesCounted;
};

} // namespace ExporterProxy
