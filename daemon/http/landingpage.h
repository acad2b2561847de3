// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/merge/mergereport.h"
#include "common/model/appsnapshot.h"

#include <span>

namespace ExporterProxy {

/// The page at `/`: links, the version and a table of the applications, in HTML without scripts. With
/// an application stands what `reports`, ordered as the view is, tells of it. Names, sources and all else
/// that senders chose are escaped. Pure, but for the template, which is a resource of the program.
QByteArray renderLandingPage(const AppView &view, QByteArrayView version, Timestamp now,
                             std::span<const MergeReport> reports = {});

} // namespace ExporterProxy
