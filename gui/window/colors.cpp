// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/colors.h"

#include <cmath>

namespace ExporterProxy {

QColor mixed(const QColor &one, const QColor &other, double share)
{
    const auto channel = [share](int a, int b) { return int(std::lround(a * share + b * (1 - share))); };
    return QColor(channel(one.red(), other.red()), channel(one.green(), other.green()),
                  channel(one.blue(), other.blue()));
}

QPalette paletteOn(QPalette::ColorRole role, QPalette palette)
{
    const QColor ground = palette.color(role);
    palette.setColor(QPalette::Base, ground);
    palette.setColor(QPalette::AlternateBase, ground);
    return palette;
}

} // namespace ExporterProxy
