// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/client/daemonclient.h"
#include "gui/client/listingparser.h"
#include "gui/model/apptablemodel.h"

#include <vector>

namespace ExporterProxy::Monitor {

/// The watched daemons: one client for each, whose listings are applied to the model. A daemon that does not
/// answer keeps its rows, marked as outdated.
class Watchlist : public QObject
{
    Q_OBJECT

public:
    /// The shortest interval for a hidden window; it is enough for notifications.
    static constexpr std::chrono::milliseconds HiddenInterval{5000};

    /// `model` must outlive this object.
    explicit Watchlist(AppTableModel &model, QObject *parent = nullptr);

    /// Watches the daemon. Returns its client, or null if it is watched already.
    DaemonClient *watch(const DaemonAddress &address);
    /// Stops watching the daemon and removes its rows.
    void remove(const QString &key);

    const std::vector<std::unique_ptr<DaemonClient>> &clients() const { return m_clients; }
    DaemonClient *client(const QString &key) const; ///< null if it is not watched
    QStringList keys() const;
    int silentDaemons() const; ///< the number of daemons whose requests fail

    void setInterval(std::chrono::milliseconds interval);
    std::chrono::milliseconds interval() const { return m_interval; }
    /// No requests are sent while paused.
    void setPaused(bool paused);
    bool isPaused() const { return m_paused; }
    void setHidden(bool hidden);
    void refreshNow();

Q_SIGNALS:
    void added(ExporterProxy::Monitor::DaemonClient *client);
    void removed(const QString &key);
    /// Emitted if the state of a daemon, or the set of watched daemons, has changed.
    void stateChanged();

private:
    void applyInterval();

    AppTableModel &m_model;
    ListingParser m_parser;
    std::vector<std::unique_ptr<DaemonClient>> m_clients;
    std::chrono::milliseconds m_interval = DaemonClient::DefaultInterval;
    bool m_paused = false;
    bool m_hidden = false;
};

} // namespace ExporterProxy::Monitor
