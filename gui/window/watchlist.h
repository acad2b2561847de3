// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/client/daemonclient.h"
#include "gui/client/listingparser.h"
#include "gui/model/apptablemodel.h"

#include <vector>

namespace ExporterProxy::Monitor {

/// The daemons that are watched: one client each, whose listings go into the model. A daemon that does not
/// answer keeps its rows, marked as outdated.
class Watchlist : public QObject
{
    Q_OBJECT

public:
    /// A window that nobody sees is refreshed at this pace: enough for its notifications.
    static constexpr std::chrono::milliseconds HiddenInterval{5000};

    /// `model` must outlive it.
    explicit Watchlist(AppTableModel &model, QObject *parent = nullptr);
    ~Watchlist() override;

    /// Watches the daemon from now on. The client if it is new, else null.
    DaemonClient *watch(const DaemonAddress &address);
    /// Watches it no longer and takes its rows away.
    void remove(const QString &key);

    const std::vector<std::unique_ptr<DaemonClient>> &clients() const { return m_clients; }
    DaemonClient *client(const QString &key) const; ///< null: not watched
    QStringList keys() const;
    int silentDaemons() const; ///< how many were asked and do not answer

    void setInterval(std::chrono::milliseconds interval);
    std::chrono::milliseconds interval() const { return m_interval; }
    /// While paused no daemon is asked.
    void setPaused(bool paused);
    bool isPaused() const { return m_paused; }
    void setHidden(bool hidden);
    void refreshNow();

Q_SIGNALS:
    void added(ExporterProxy::Monitor::DaemonClient *client);
    void removed(const QString &key);
    /// How it stands with a daemon has changed, or which are watched.
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
