// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/textgate.h"
#include "common/model/appmodel.h"
#include "common/model/proxycounters.h"
#include "common/settings/settings.h"

#include <memory>
#include <optional>
#include <QString>

namespace ExporterProxy {

class ExpiryTimer;
class HttpService;
class Poller;
class ProxyContent;
class ReceiverPool;

/// The whole daemon but the process around it: builds the parts bottom-up and connects them. Main thread;
/// needs an event loop from start() on.
class Daemon
{
public:
    explicit Daemon(const Settings &settings);
    ~Daemon();

    Daemon(const Daemon &) = delete;
    Daemon &operator=(const Daemon &) = delete;

    /// Listens, receives, polls and serves. Returns what failed as one sentence; then the daemon is good for
    /// nothing.
    std::optional<QString> start();

    /// Takes in what has been sent, then ends everything. Idempotent.
    void stop();

    /// Messages taken since the start, on all receivers.
    quint64 pushesTaken() const;

private:
    const Settings m_settings;
    AppModel m_model;
    ProxyCounters m_counters;
    TextGate m_gate;
    std::unique_ptr<ExpiryTimer> m_expiry; ///< outlives those who push
    std::unique_ptr<ReceiverPool> m_receivers;
    std::unique_ptr<Poller> m_poller;
    std::unique_ptr<ProxyContent> m_content;
    std::unique_ptr<HttpService> m_http;
};

} // namespace ExporterProxy
