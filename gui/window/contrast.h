// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>

namespace ExporterProxy {

/// The contrast that WCAG 2.1 (1.4.3) asks for text of ordinary size.
inline constexpr double ReadableContrast = 4.5;

/// The contrast of two opaque colours as WCAG 2.1 defines it: 1 (the same) to 21 (black on white).
double contrast(const QColor &one, const QColor &other);

/// Whether white is read better on that background than black.
bool isDark(const QColor &background);

/// `wanted`, moved towards black or white only as far as it takes to be read on `background`: the one set of
/// colours then serves light and dark desktops, selected rows, and palettes that nobody has tried.
QColor readableOn(const QColor &wanted, const QColor &background, double atLeast = ReadableContrast);

/// `share` (0 to 1) of one colour, the rest of the other.
QColor mixed(const QColor &one, const QColor &other, double share);

} // namespace ExporterProxy
