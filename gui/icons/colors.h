// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appstate.h"

#include <initializer_list>
#include <QColor>
#include <QPalette>

namespace ExporterProxy::Monitor {

/// Mixes `share` (0 to 1) of one colour with the rest of the other.
QColor mixed(const QColor &one, const QColor &other, double share);

/// The contrast of two colours in brightness, 1 to 21 (WCAG 2.1, "contrast ratio").
double contrastRatio(const QColor &a, const QColor &b);

/// Makes `wanted` darker or brighter until it is readable on all of `grounds`.
QColor readableColor(const QColor &wanted, std::initializer_list<QColor> grounds);

/// The state's colour, readable as text (contrast 4.5:1 at least) on the palette's Base and AlternateBase.
QColor stateColor(AppState state, const QPalette &palette);

/// Returns a palette for state signs on `role` instead of Base, to which stateIcon() and stateColor() adapt
/// their colours.
QPalette paletteOn(QPalette::ColorRole role, QPalette palette);

/// Gives all widgets a placeholder colour that can be seen. Some dark themes leave it out (KDE's with
/// Qt 6.4), and it is then the black of the light ones. Called once, after the application object was made.
void mendPlaceholders();

} // namespace ExporterProxy::Monitor
