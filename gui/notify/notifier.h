// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/notify/statealerts.h"

#include <QObject>
#include <QTimer>

QT_BEGIN_NAMESPACE
class QMenu;
class QSystemTrayIcon;
class QWidget;
QT_END_NAMESPACE

namespace ExporterProxy::Monitor {

/// Tells the user of what StateAlerts finds worth it: by the tray where there is one, else by the window's
/// entry in the task bar and a line for its status bar. Shows the worst state on tray and window icon. Each
/// of these can be switched off. Main thread.
class Notifier : public QObject
{
    Q_OBJECT

public:
    /// `window` must outlive this.
    explicit Notifier(QWidget &window, QObject *parent = nullptr);
    ~Notifier() override;

    /// On each listing of a daemon; what is switched off is noted all the same, so that switching on does not
    /// tell of the past.
    void update(const QString &daemon, const std::vector<AppRecord> &apps);
    /// Whether the daemon was asked and does not answer, and why not. The same again changes nothing.
    void setSilent(const QString &daemon, bool silent, const QString &reason);
    void removeDaemon(const QString &daemon);

    /// The worst of what is shown, for the icons, and the summary for the tray's tooltip. No state: nothing
    /// is known.
    void showWorst(std::optional<AppState> worst, const QString &summary);

    /// All of these are on at first, but for tellsRecovery.
    void setEnabled(bool enabled); ///< notifications
    bool isEnabled() const { return m_enabled; }
    void setStateTold(AppState state, bool told); ///< whether notifications tell of that state
    void setRecoveryTold(bool told) { m_alerts.policy.tellsRecovery = told; }
    void setTrayShown(bool shown);
    void setBadgeShown(bool shown); ///< the worst state on the window's icon

    /// Whether there is a tray at present, which also comes and goes.
    static bool hasTray();
    /// Shown on a right click on the tray's icon; must outlive this, or be taken back with null.
    void setTrayMenu(QMenu *menu);

    StateAlerts::Policy &policy() { return m_alerts.policy; }

Q_SIGNALS:
    /// A notification of applications was clicked: this one, the worst of it, is to be selected.
    void appActivated(const QString &daemon, const QString &name);
    /// The tray's icon was clicked, or a notification of daemons.
    void windowWanted();
    /// Told also in words for a status bar, whether there is a tray or not.
    void told(const QString &message);

private:
    void check();
    void tell(const Alert &alert);
    void applyIcons();
    void activate();

    QWidget &m_window;
    StateAlerts m_alerts;
    QTimer m_due;
    QSystemTrayIcon *m_tray = nullptr; ///< null: none is wanted or none there
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
