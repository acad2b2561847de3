// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"

#include <QIcon>
#include <QRectF>

class QPainter;

namespace ExporterProxy {

/// The state's colour on that background, readable as text. Chosen to differ in lightness as well as in hue;
/// what tells states apart without colour is the shape of the mark and the word.
QColor stateColor(AppState state, const QColor &background);

/// Paints the state's mark, a shape of its own for each state, into the square `box`. `background` is what is
/// painted inside the shape.
void paintStateMark(QPainter &painter, const QRectF &box, AppState state, const QColor &color,
                    const QColor &background);

enum class MarkTone { Full, Muted };

/// The mark as an icon, sharp at any size and scale, on that background.
QIcon stateIcon(AppState state, const QColor &background, MarkTone tone = MarkTone::Full);

} // namespace ExporterProxy
