// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"
#include "common/model/proxycounters.h"
#include "common/util/processfigures.h"

namespace ExporterProxy {

/// The proxy's own metrics in the text exposition format, version 0.0.4. All carry the prefix
/// `exporter_proxy_`, so that an application's own `process_*` never meets them. Two texts, because one
/// changes with the applications and the other with every moment; a page has the one behind the other.

/// The families that follow the model: how many applications are in each state, and each one's state, last
/// update, rhythm, updates, rejections and size. Families without a sample are left out; so is the time of an
/// application that has never been updated, because no number stands for "never", and a rhythm that is not
/// known.
QByteArray renderAppMetrics(const AppView &view, Timestamp now);

/// The families of the proxy itself: build, pushes, polls, connections, scrapes, configuration, process.
/// Figures that are not known are left out. Main thread only, as the counters are.
QByteArray renderProcessMetrics(const ProxyCounters &counters, const ProcessFigures &figures, bool configOk);

} // namespace ExporterProxy
