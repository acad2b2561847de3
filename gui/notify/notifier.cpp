// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/notify/notifier.h"

#include "gui/icons/icons.h"

#include <algorithm>
#include <QApplication>
#include <QEvent>
#include <QMenu>
#include <QSystemTrayIcon>
#include <QWidget>

namespace ExporterProxy::Monitor {

using namespace std::chrono_literals;

namespace {

/// The desktop decides how long a notification stays; some desktops use this value.
constexpr std::chrono::milliseconds ShownFor = 10s;

/// Times are in nanoseconds and timers in milliseconds, so this keeps a timer from firing too early.
constexpr std::chrono::milliseconds TimerSlack = 5ms;

} // namespace

Notifier::Notifier(QWidget &window, QObject *parent)
    : QObject(parent)
    , m_window(window)
{
    m_due.setSingleShot(true);
    connect(&m_due, &QTimer::timeout, this, &Notifier::check);
    m_window.installEventFilter(this);
    applyIcons();
}

bool Notifier::hasTray()
{
    return QSystemTrayIcon::isSystemTrayAvailable();
}

void Notifier::update(const QString &daemon, const std::vector<AppRecord> &apps)
{
    m_alerts.update(daemon, apps, BootClock::now());
    check();
}

void Notifier::setSilent(const QString &daemon, bool silent, const QString &reason)
{
    m_alerts.setSilent(daemon, silent, reason, BootClock::now());
    check();
}

void Notifier::removeDaemon(const QString &daemon)
{
    m_alerts.removeDaemon(daemon);
}

void Notifier::check()
{
    const StateAlerts::Time now = BootClock::now();
    while (const std::optional<Alert> alert = m_alerts.take(now)) {
        if (m_enabled)
            tell(*alert);
    }
    const std::optional<StateAlerts::Time> next = m_alerts.nextDue();
    if (!next)
        return m_due.stop();
    const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(*next - now) + TimerSlack;
    m_due.start(std::max(wait, TimerSlack));
}

void Notifier::tell(const Alert &alert)
{
    m_lastTold = alert.apps.front();
    const QString title = alertTitle(alert);
    const QString text = alertText(alert);
    Q_EMIT told(tr("%1: %2", "what happened, and to which applications").arg(title, text));
    const bool isGood = alert.kind == Alert::Kind::Recovery || alert.kind == Alert::Kind::Answering;
    applyIcons(); // a tray may have appeared since
    if (m_tray && QSystemTrayIcon::supportsMessages()) {
        m_tray->showMessage(title, text, isGood ? QSystemTrayIcon::Information : QSystemTrayIcon::Warning,
                            int(ShownFor.count()));
        return;
    }
    if (!isGood)
        QApplication::alert(&m_window);
}

void Notifier::activate()
{
    if (m_lastTold.name.isEmpty())
        Q_EMIT windowWanted();
    else
        Q_EMIT appActivated(m_lastTold.daemon, m_lastTold.name);
}

void Notifier::showWorst(std::optional<AppState> worst, const QString &summary)
{
    if (worst == m_worst && summary == m_summary)
        return;
    m_worst = worst;
    m_summary = summary;
    applyIcons();
}

void Notifier::setTrayShown(bool shown)
{
    m_trayWanted = shown;
    applyIcons();
}

void Notifier::setBadgeShown(bool shown)
{
    m_badgeWanted = shown;
    applyIcons();
}

void Notifier::setTrayMenu(QMenu *menu)
{
    m_menu = menu;
    if (m_tray)
        m_tray->setContextMenu(menu);
}

void Notifier::applyIcons()
{
    const QPalette palette = m_window.palette();
    m_window.setWindowIcon(appIcon(m_badgeWanted ? m_worst : std::nullopt, palette));
    if (!m_trayWanted || !hasTray()) {
        delete m_tray;
        m_tray = nullptr;
        return;
    }
    if (!m_tray) {
        m_tray = new QSystemTrayIcon(this);
        m_tray->setContextMenu(m_menu);
        connect(m_tray, &QSystemTrayIcon::messageClicked, this, &Notifier::activate);
        connect(m_tray, &QSystemTrayIcon::activated, this, [this](QSystemTrayIcon::ActivationReason reason) {
            if (reason == QSystemTrayIcon::Trigger || reason == QSystemTrayIcon::DoubleClick)
                Q_EMIT windowWanted();
        });
    }
    m_tray->setIcon(appIcon(m_worst, palette));
    m_tray->setToolTip(m_summary);
    m_tray->show();
}

bool Notifier::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == &m_window && event->type() == QEvent::PaletteChange)
        applyIcons();
    return QObject::eventFilter(watched, event);
}

} // namespace ExporterProxy::Monitor
