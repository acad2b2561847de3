// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/merge/mergereport.h"
#include "common/model/appsnapshot.h"

#include <span>

namespace ExporterProxy {

/// The page at `/`: links, the version and a table of the applications, in HTML without scripts. `reports`,
/// in the view's order, adds notes to the applications. Names, sources and all other texts that senders chose
/// are escaped. Pure, except that the template is a resource of the program.
QByteArray renderLandingPage(const AppView &view, QByteArrayView version, Timestamp now,
                             std::span<const MergeReport> reports = {});

} // namespace ExporterProxy
