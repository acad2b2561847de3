// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"

namespace ExporterProxy {

/// The text of `/apps`: two nested boxes with each application's name, time of its last update and source, in
/// the view's order. UTF-8; every line ends in a newline. Cells are as wide as a terminal shows them, and
/// what could break a line or turn it around is shown as U+FFFD. An application that has never sent anything
/// reads "never".
QByteArray renderAppsTable(const AppView &view, Timestamp now);

} // namespace ExporterProxy
