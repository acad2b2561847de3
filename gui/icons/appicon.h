// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"

#include <optional>
#include <QIcon>

QT_BEGIN_NAMESPACE
class QPainter;
class QPalette;
class QRectF;
QT_END_NAMESPACE

namespace ExporterProxy {

/// The monitor's icon for window and tray, with the sign of the worst state in its corner; without one if all
/// is well or nothing known. The same drawing as resources/exporter-proxy-monitor.svg, painted, so that no
/// plugin for SVG is needed. Main thread.
QIcon appIcon(std::optional<AppState> worst, const QPalette &palette);

void paintAppIcon(QPainter &painter, const QRectF &square);

} // namespace ExporterProxy
