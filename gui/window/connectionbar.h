// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/window/monitorsettings.h"
#include "gui/window/watchlist.h"

#include <QWidget>

class QActionGroup;
class QComboBox;
class QLabel;
class QPushButton;
class QVBoxLayout;

namespace ExporterProxy::Monitor {

class DaemonStrip;

/// Shows the watched daemons and the state of each in words. Daemons are added and the interval is set here.
class ConnectionBar : public QWidget
{
    Q_OBJECT

public:
    /// Both must outlive this object.
    ConnectionBar(Watchlist &watchlist, MonitorSettings &settings, QWidget *parent = nullptr);

    /// Opens the row for an address and moves the keyboard focus there.
    void askForAddress();
    /// Watches the daemon at an address as typed by a user. Returns false and explains it below the row if
    /// that is not an address.
    bool watch(const QString &text);
    /// Updates the times in the words; to be called each second.
    void updateWords();

    QMenu *intervalMenu() const { return m_intervalMenu; }

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *makeAddressRow();
    void makeIntervalMenu();
    void setInterval(std::chrono::milliseconds interval);
    void addStrip(DaemonClient *client);
    void removeStrip(const QString &key);
    void closeAddressRow();
    void fillAddresses();
    void forgetAddress();
    void updateIntervalButton();

    Watchlist &m_watchlist;
    MonitorSettings &m_settings;
    std::vector<DaemonStrip *> m_strips;
    QVBoxLayout *const m_stripsLayout;
    QLabel *const m_noDaemon;
    QPushButton *const m_interval;
    QPushButton *const m_add;
    QMenu *const m_intervalMenu;
    QActionGroup *m_intervals = nullptr;
    QAction *m_pause = nullptr;
    QWidget *m_addressRow = nullptr;
    QComboBox *m_address = nullptr;
    QLabel *m_fault = nullptr;
};

} // namespace ExporterProxy::Monitor
