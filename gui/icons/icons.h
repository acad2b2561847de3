// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"

#include <optional>
#include <QColor>
#include <QIcon>
#include <QPixmap>

QT_BEGIN_NAMESPACE
class QPainter;
class QPalette;
class QRectF;
QT_END_NAMESPACE

namespace ExporterProxy::Monitor {

/// How the states look, the same in the table, the details, the tray and the window.
/// A state is told by its shape, its colour and its word, so that none of the three is needed. Main thread.

/// The state's sign: check mark, clock, hourglass, bar, exclamation mark, cross. Painted anew at every size
/// and pixel ratio. On a selected row it has the colour of the selection's text. Cheap to make, but a table
/// of thousands keeps one for each state and makes them again when the palette changes.
QIcon stateIcon(AppState state, const QPalette &palette);

/// Larger is worse; 0 is good. The order in which one state hides another (see appStateAt()).
inline int severity(AppState state)
{
    return int(state);
}

/// A sign of inequality: something is not shown as it was sent. `side` in device-independent pixels.
QPixmap conflictSign(int side, qreal pixelRatio, const QColor &colour);

/// Paints the state's sign into a square.
void paintStateSign(QPainter &painter, const QRectF &square, AppState state, const QColor &colour,
                    const QColor &ground);

/// The monitor's icon for window and tray, with the sign of the worst state in its corner; without one if all
/// is well or nothing known. The same drawing as resources/exporter-proxy-monitor.svg, painted, so that no
/// plugin for SVG is needed. Main thread.
QIcon appIcon(std::optional<AppState> worst, const QPalette &palette);

void paintAppIcon(QPainter &painter, const QRectF &square);

} // namespace ExporterProxy::Monitor
