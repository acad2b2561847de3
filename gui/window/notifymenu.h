// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QMenu;

namespace ExporterProxy {

class MonitorSettings;
class Notifier;

/// Fills the menu with the switches of notifications, tray and icon; they are set as they were left, and
/// remembered. All three must outlive the menu's actions.
void fillNotifyMenu(QMenu &menu, Notifier &notifier, MonitorSettings &settings);

} // namespace ExporterProxy
