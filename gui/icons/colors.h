// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"

#include <initializer_list>
#include <QColor>
#include <QPalette>

namespace ExporterProxy::Monitor {

/// `share` (0 to 1) of one colour, the rest of the other.
QColor mixed(const QColor &one, const QColor &other, double share);

/// How much two colours differ in brightness, 1 to 21 (WCAG 2.1, "contrast ratio").
double contrastRatio(const QColor &a, const QColor &b);

/// `wanted`, made darker or brighter until it can be read on all of `grounds`.
QColor readableColor(const QColor &wanted, std::initializer_list<QColor> grounds);

/// The state's colour, readable as text (contrast 4.5:1 at least) on the palette's Base and AlternateBase.
QColor stateColor(AppState state, const QPalette &palette);

/// A palette for state signs that stand on `role` and not in a table, because stateIcon() and stateColor()
/// fit their colours to Base.
QPalette paletteOn(QPalette::ColorRole role, QPalette palette);

/// Gives all widgets a placeholder colour that can be seen. Some dark themes leave it out (KDE's with
/// Qt 6.4), and it is then the black of the light ones. Called once, after the application object was made.
void mendPlaceholders();

} // namespace ExporterProxy::Monitor
