// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appstate.h"

#include <optional>
#include <QColor>
#include <QIcon>
#include <QPixmap>

class QPainter;
class QPalette;
class QRectF;

namespace ExporterProxy::Monitor {

// The icons of the states are the same in the table, the details, the tray and the window. Shape, colour and
// word each identify a state alone. Main thread.

/// The sign of a state: check mark, clock, hourglass, bar, exclamation mark, cross; an ellipsis for Unknown.
/// Painted at every size and pixel ratio. On a selected row it has the colour of the selection's text. Cheap
/// to make, but a table of thousands keeps one for each state until the palette changes.
QIcon stateIcon(AppState state, const QPalette &palette);

/// A sign of inequality, for metrics that are not shown as they were sent. `side` is in device-independent
/// pixels.
QPixmap conflictSign(int side, qreal pixelRatio, const QColor &colour);

/// Paints the state's sign into a square.
void paintStateSign(QPainter &painter, const QRectF &square, AppState state, const QColor &colour,
                    const QColor &ground);

/// The monitor's icon for window and tray, with the sign of the worst state in its corner, or without one if
/// there is none or it is Fresh. The same drawing as resources/exporter-proxy-monitor.svg, painted here so
/// that no plugin for SVG is needed. Main thread.
QIcon appIcon(std::optional<AppState> worst, const QPalette &palette);

void paintAppIcon(QPainter &painter, const QRectF &square);

} // namespace ExporterProxy::Monitor
