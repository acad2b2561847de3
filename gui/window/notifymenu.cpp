// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/notifymenu.h"

#include "gui/notify/notifier.h"
#include "gui/window/monitorsettings.h"

#include <functional>
#include <QCoreApplication>
#include <QMenu>

namespace ExporterProxy {

namespace {

void addSwitch(QMenu &menu, MonitorSettings &settings, const QString &name, const QString &text,
               bool byDefault, const std::function<void(bool)> &apply)
{
    QAction *action = menu.addAction(text);
    action->setCheckable(true);
    action->setChecked(settings.notifySwitch(name, byDefault));
    apply(action->isChecked());
    QObject::connect(action, &QAction::toggled, &menu, [&settings, name, apply](bool on) {
        apply(on);
        settings.setNotifySwitch(name, on);
    });
}

QString translated(const char *text)
{
    return QCoreApplication::translate("NotifyMenu", text);
}

} // namespace

void fillNotifyMenu(QMenu &menu, Notifier &notifier, MonitorSettings &settings)
{
    addSwitch(menu, settings, QStringLiteral("trouble"),
              translated(QT_TRANSLATE_NOOP("NotifyMenu", "&Notify of Trouble")), true,
              [&notifier](bool on) { notifier.setEnabled(on); });
    addSwitch(menu, settings, QStringLiteral("recovery"),
              translated(QT_TRANSLATE_NOOP("NotifyMenu", "Notify of &Recovery")), false,
              [&notifier](bool on) { notifier.setRecoveryTold(on); });
    menu.addSeparator();
    addSwitch(menu, settings, QStringLiteral("trayIcon"),
              translated(QT_TRANSLATE_NOOP("NotifyMenu", "Icon in the &Tray")), true,
              [&notifier](bool on) { notifier.setTrayShown(on); });
    addSwitch(menu, settings, QStringLiteral("worstOnIcon"),
              translated(QT_TRANSLATE_NOOP("NotifyMenu", "&Worst State on the Icon")), true,
              [&notifier](bool on) { notifier.setBadgeShown(on); });
}

} // namespace ExporterProxy
