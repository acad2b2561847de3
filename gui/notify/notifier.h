// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/notify/statealerts.h"

#include <QObject>
#include <QTimer>

class QMenu;
class QSystemTrayIcon;
class QWidget;

namespace ExporterProxy::Monitor {

/// Notifies the user of the alerts of StateAlerts: by the tray if there is one, otherwise by the window's
/// entry in the task bar and a line for its status bar. Shows the worst state on the icons of tray and
/// window. Each of these can be switched off. Main thread.
class Notifier : public QObject
{
    Q_OBJECT

public:
    /// `window` must outlive this object.
    explicit Notifier(QWidget &window, QObject *parent = nullptr);

    /// To be called with each listing of a daemon. Alerts are also recorded while switched off, so that
    /// switching on does not report the past.
    void update(const QString &daemon, const std::vector<AppRecord> &apps);
    /// Says whether requests to the daemon fail, and why. Repeating it changes nothing.
    void setSilent(const QString &daemon, bool silent, const QString &reason);
    void removeDaemon(const QString &daemon);

    /// Sets the worst state for the icons, nullopt if it is unknown, and the summary for the tray's tooltip.
    void showWorst(std::optional<AppState> worst, const QString &summary);

    // All of these are on by default except that for recovery.
    void setEnabled(bool enabled) { m_enabled = enabled; } ///< notifications
    bool isEnabled() const { return m_enabled; }
    void setRecoveryTold(bool told) { m_alerts.policy.tellsRecovery = told; }
    void setTrayShown(bool shown);
    void setBadgeShown(bool shown); ///< the worst state on the window's icon

    /// Returns true if there is a tray at present; trays come and go.
    static bool hasTray();
    /// Sets the menu for a right click on the tray's icon. It must outlive this object, or be removed by
    /// null.
    void setTrayMenu(QMenu *menu);

    StateAlerts::Policy &policy() { return m_alerts.policy; }

Q_SIGNALS:
    /// Emitted if a notification of applications was clicked, with the worst of them, to be selected.
    void appActivated(const QString &daemon, const QString &name);
    /// Emitted if the tray's icon or a notification of daemons was clicked.
    void windowWanted();
    /// Emitted for each notification, with its words for a status bar.
    void told(const QString &message);

private:
    void check();
    void tell(const Alert &alert);
    void applyIcons();
    void activate();

    QWidget &m_window;
    StateAlerts m_alerts;
    QTimer m_due;
    QSystemTrayIcon *m_tray = nullptr; ///< null if it is switched off or there is no tray
    QMenu *m_menu = nullptr;
    std::optional<AppState> m_worst;
    QString m_summary;
    AlertedApp m_lastTold; ///< the worst of the last notification
    bool m_enabled = true;
    bool m_trayWanted = true;
    bool m_badgeWanted = true;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
};

} // namespace ExporterProxy::Monitor
