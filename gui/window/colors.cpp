// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/colors.h"

#include "gui/icons/stateicons.h"

#include <cmath>
#include <QApplication>

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

void mendPlaceholders()
{
    QPalette palette = QApplication::palette();
    const QColor ground = palette.color(QPalette::Base);
    const QColor placeholder = palette.color(QPalette::PlaceholderText);
    if (contrastRatio(mixed(placeholder, ground, placeholder.alphaF()), ground) >= 2)
        return;
    palette.setColor(QPalette::PlaceholderText, mixed(palette.color(QPalette::Text), ground, 0.55));
    QApplication::setPalette(palette);
}

} // namespace ExporterProxy
