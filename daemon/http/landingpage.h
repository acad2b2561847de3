// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"

namespace ExporterProxy {

/// The page at `/`: links, the version and a table of the applications, in HTML without scripts. Names,
/// sources and all else that senders chose are escaped. Pure, but for the template, which is a resource of
/// the program.
QByteArray renderLandingPage(const AppView &view, QByteArrayView version, Timestamp now);

} // namespace ExporterProxy
