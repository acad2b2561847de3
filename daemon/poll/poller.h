// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/textgate.h"
#include "common/model/appmodel.h"
#include "common/model/proxycounters.h"
#include "daemon/poll/managerpool.h"
#include "daemon/poll/polltarget.h"

#include <memory>
#include <QObject>
#include <QTimer>
#include <vector>

namespace ExporterProxy {

class PolledEndpoint;

/// Polls other exporters over HTTP and keeps their texts in the model. Each endpoint has its own schedule,
/// and none waits for another. Main thread only.
class Poller : public QObject
{
    Q_OBJECT

public:
    /// Makes the targets known to the model and the counters; they and the gate must outlive the poller.
    /// `maxMessageSize` in bytes. Without targets it does nothing, now or later, and holds nothing.
    Poller(const std::vector<PollTarget> &targets, const TextGate &gate, AppModel &model,
           ProxyCounters &counters, qint64 maxMessageSize);
    /// Stops first.
    ~Poller() override;

    /// Polls all endpoints at the next turn of the event loop. The second poll of each follows within its
    /// interval, spread evenly over it, and then one at each interval.
    void start();

    /// Ends all that is running, at once and without a trace in model, counters and log.
    void stop();

private:
    void begin();

    ManagerPool m_managers; ///< must outlive the endpoints' replies
    std::vector<std::unique_ptr<PolledEndpoint>> m_endpoints;
    QTimer m_begin; ///< puts the first polls off until the daemon is up
};

} // namespace ExporterProxy
