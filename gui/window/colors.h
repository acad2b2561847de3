// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPalette>

namespace ExporterProxy {

/// `share` (0 to 1) of one colour, the rest of the other.
QColor mixed(const QColor &one, const QColor &other, double share);

/// The palette for state signs that stand on `role` and not in a table: stateIcon() and stateColor() fit
/// their colours to Base.
QPalette paletteOn(QPalette::ColorRole role, QPalette palette);

/// Some platforms' dark themes leave out the colour of placeholders (that of KDE in Qt 6.4), which is the
/// black of the light ones then: gives all widgets one that can be seen. Once, after the application was
/// made.
void mendPlaceholders();

} // namespace ExporterProxy
