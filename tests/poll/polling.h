// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/poll/poller.h"

#include <QTest>

namespace ExporterProxy {

/// A model with a poller, as the daemon puts them together.
class Polling
{
public:
    explicit Polling(qint64 limit = 1 << 20, AppModel::Limits modelLimits = {})
        : model(modelLimits)
        , maxMessageSize(limit)
    {
    }

    /// Adds an endpoint of that name; to be changed at will before start().
    PollEndpoint &add(const QByteArray &name, const QByteArray &url,
                      std::chrono::milliseconds interval = std::chrono::minutes(1),
                      std::chrono::milliseconds timeout = std::chrono::seconds(20))
    {
        PollTarget &target = targets.emplace_back();
        target.name = name;
        target.source = "external_poll: " + name;
        target.endpoint.url = QString::fromUtf8(url);
        target.endpoint.interval = interval;
        target.endpoint.timeout = timeout;
        return target.endpoint;
    }

    void start()
    {
        poller = std::make_unique<Poller>(targets, intake, model, counters, maxMessageSize);
        poller->start();
    }

    std::shared_ptr<const AppSnapshot> app(const QByteArray &name)
    {
        for (const auto &known : model.view()->apps) {
            if (known->name == name)
                return known;
        }
        return {};
    }

    quint64 updates(const QByteArray &name) { return app(name)->updates; }
    quint64 failures(const QByteArray &name) { return app(name)->rejected; }
    quint64 errors(const QByteArray &name, PollFailure kind) { return counters.polls[name].failures(kind); }

    /// Whether the first poll has ended, well or not.
    bool ended(const QByteArray &name) { return updates(name) + failures(name) > 0; }

    AppModel model;
    ProxyCounters counters;
    TextGate gate{counters.repairs, {}};
    const Intake intake{gate, model};
    const qint64 maxMessageSize;
    std::vector<PollTarget> targets;
    std::unique_ptr<Poller> poller; ///< goes first
};

} // namespace ExporterProxy
