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

/// Which daemons are watched and how it stands with each, in words; where to add one, and how often to ask.
class ConnectionBar : public QWidget
{
    Q_OBJECT

public:
    /// Both must outlive it.
    ConnectionBar(Watchlist &watchlist, MonitorSettings &settings, QWidget *parent = nullptr);

    /// Opens the row where an address is entered and puts the caret there.
    void askForAddress();
    /// Watches what a user has typed. Nothing happens but a sentence below it if that is no address.
    bool watch(const QString &text);
    /// To be called each second: times in the words go on.
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
