// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settings.h"

#include <QStringList>

namespace ExporterProxy {

/// The settings that differ, as "section.key", in the order of the table. Tables of endpoints count as
/// poll_external.other_scrape_endpoints, which holds them all.
QStringList changedSettings(const Settings &from, const Settings &to);

/// Of these names, those that a running daemon cannot take over.
QStringList settingsThatNeedRestart(const QStringList &names);

} // namespace ExporterProxy
