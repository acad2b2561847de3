// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/textgate.h"
#include "common/model/appmodel.h"
#include "common/model/proxycounters.h"
#include "common/settings/settings.h"
#include "daemon/http/httplimits.h"
#include "daemon/intake.h"
#include "daemon/net/inheritedsockets.h"

#include <memory>
#include <optional>
#include <QStringList>
#include <QTimer>
#include <vector>

namespace ExporterProxy {

class ConnectionSet;
class ExpiryTimer;
class HttpService;
class Poller;
class ProxyContent;
class ReceiverPool;
class StateKeeper;

/// The whole daemon but the process around it: builds the parts bottom-up and connects them. Main thread;
/// needs an event loop from start() on.
class Daemon
{
public:
    /// `inherited` are listening sockets that came with the process; they stay open as long as it runs.
    explicit Daemon(const Settings &settings, std::vector<int> inherited = {});
    ~Daemon();

    Daemon(const Daemon &) = delete;
    Daemon &operator=(const Daemon &) = delete;

    /// Listens, receives, polls and serves. Returns what failed as one sentence; then the daemon is good for
    /// nothing.
    std::optional<QString> start();

    /// The result of a reload.
    struct Reload
    {
        std::optional<QString> error; ///< one sentence; then nothing has changed
        QStringList changed; ///< settings that hold now, as "section.key"
        QStringList needRestart; ///< and those that will after a restart
    };

    /// Takes other settings over while everything runs: all that can be, or nothing. After start().
    Reload reload(const Settings &settings);

    /// Notes that a configuration was read again, and whether it was good.
    void noteConfigRead(bool isGood);

    /// Takes in what has been sent, then ends everything. Returns false if the state could not be written
    /// last. Idempotent.
    bool stop();

    /// Messages taken since the start, on all receivers.
    quint64 pushesTaken() const;

    /// "38 applications, 2 late": how many there are, and how many of them are not fresh.
    QByteArray statusLine();

private:
    std::unique_ptr<HttpService> makeHttpService();
    void retireHttpService();
    void setPollTargets();
    /// Has the texts that are held judged by the rules that hold now.
    void judgeHeld();
    void warnIfOverTotal();
    void noteLimits();

    Settings m_settings; ///< those that hold
    AppModel m_model;
    ProxyCounters m_counters;
    const InheritedSockets m_inherited;
    std::unique_ptr<ExpiryTimer> m_expiry; ///< outlives those who push
    HttpLimits m_httpLimits;
    std::unique_ptr<StateKeeper> m_state; ///< null: nothing is kept
    TextGate m_gate;
    const Intake m_intake;
    std::unique_ptr<ConnectionSet> m_connections; ///< of the main thread
    std::unique_ptr<ReceiverPool> m_receivers;
    std::unique_ptr<Poller> m_poller;
    std::unique_ptr<ProxyContent> m_content;
    std::unique_ptr<HttpService> m_http;
    std::vector<std::unique_ptr<HttpService>> m_retiredHttp; ///< they answer what they were asked already
    QTimer m_retirement; ///< after the last one retired
};

} // namespace ExporterProxy
