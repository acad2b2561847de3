// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appstate.h"

#include <QColor>
#include <QIcon>
#include <QPixmap>

QT_BEGIN_NAMESPACE
class QPainter;
class QPalette;
class QRectF;
QT_END_NAMESPACE

namespace ExporterProxy {

/// How the states look, the same in the table, the details, the tray and the window.
/// A state is told by its shape, its colour and its word, so that none of the three is needed. Main thread.

/// The state's sign: check mark, clock, hourglass, bar, exclamation mark, cross; an ellipsis for one that is
/// not known. Painted anew at every size
/// and pixel ratio. On a selected row it has the colour of the selection's text. Cheap to make, but a table
/// of thousands keeps one for each state and makes them again when the palette changes.
QIcon stateIcon(AppState state, const QPalette &palette);

/// The state's colour, readable as text (contrast 4.5:1 at least) on the palette's Base and AlternateBase.
QColor stateColor(AppState state, const QPalette &palette);

/// A sign of inequality: something is not shown as it was sent. `side` in device-independent pixels.
QPixmap conflictSign(int side, qreal pixelRatio, const QColor &colour);

/// Paints the state's sign into a square.
void paintStateSign(QPainter &painter, const QRectF &square, AppState state, const QColor &colour,
                    const QColor &ground);

/// How much two colours differ in brightness, 1 to 21 (WCAG 2.1, "contrast ratio").
double contrastRatio(const QColor &a, const QColor &b);

/// `wanted`, made darker or brighter until it can be read on all of `grounds`.
QColor readableColor(const QColor &wanted, std::initializer_list<QColor> grounds);

} // namespace ExporterProxy
