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
class HttpReceiver;
class HttpService;
struct AdminActions;
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

    /// Listens, receives, polls and serves. On failure returns one sentence that says why; the daemon cannot
    /// be used then.
    std::optional<QString> start();

    /// The result of a reload.
    struct Reload
    {
        std::optional<QString> error; ///< if set, one sentence, and nothing has changed
        QStringList changed; ///< settings that took effect, as "section.key"
        QStringList needRestart; ///< settings that take effect after a restart
    };

    /// Applies other settings while everything runs: all that can be applied, or none. To be called after
    /// start().
    Reload reload(const Settings &settings);

    /// Sets the actions of the administrator's requests over HTTP. To be called after start().
    void setAdminActions(AdminActions actions);

    /// Records that the configuration was read again, and whether it was valid.
    void noteConfigRead(bool isGood);

    /// Receives what has been sent already, then stops everything. Returns false if the state could not be
    /// written last. Idempotent.
    bool stop();

    /// Returns the messages accepted since the start, on all receivers.
    quint64 pushesTaken() const;

    /// Returns "38 applications, 2 late": their number, and how many of them are not fresh.
    QByteArray statusLine();

private:
    std::unique_ptr<HttpService> makeHttpService();
    void retireHttpService();
    void setPollTargets();
    /// Checks the stored texts by the current rules.
    void judgeHeld();
    void warnIfOverTotal();
    void noteLimits();

    Settings m_settings; ///< the current ones
    AppModel m_model;
    ProxyCounters m_counters;
    const InheritedSockets m_inherited;
    std::unique_ptr<ExpiryTimer> m_expiry; ///< outlives everything that pushes
    HttpLimits m_httpLimits;
    std::unique_ptr<StateKeeper> m_state; ///< null if no state file is configured
    TextGate m_gate;
    const Intake m_intake;
    std::unique_ptr<ConnectionSet> m_connections; ///< of the main thread
    std::unique_ptr<ReceiverPool> m_receivers;
    std::unique_ptr<Poller> m_poller;
    std::unique_ptr<ProxyContent> m_content;
    std::unique_ptr<HttpReceiver> m_httpReceiver;
    std::unique_ptr<HttpService> m_http;
    std::vector<std::unique_ptr<HttpService>> m_retiredHttp; ///< they still answer the requests they have
    QTimer m_retirement; ///< after the last one retired
};

} // namespace ExporterProxy
