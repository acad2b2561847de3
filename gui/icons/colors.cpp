// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/icons/colors.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <QApplication>

namespace ExporterProxy::Monitor {

namespace {

/// The contrast that WCAG 2.1 requires for text of ordinary size (level AA).
constexpr double ReadableContrast = 4.5;

/// By AppState, before they are adapted to the ground. Colour-blind people can distinguish them.
constexpr std::array<QRgb, ListedStateCount> Hues = {0xff009e73, 0xffb07800, 0xffd55e00, 0xffb0408c,
                                                     0xffc4161c, 0xff6b7076, 0xff4f6d8f};

double luminance(const QColor &colour)
{
    const auto linear = [](double part) {
        return part <= 0.03928 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF())
        + 0.0722 * linear(colour.blueF());
}

double worstContrast(const QColor &colour, std::initializer_list<QColor> grounds)
{
    double worst = 21;
    for (const QColor &ground : grounds)
        worst = std::min(worst, contrastRatio(colour, ground));
    return worst;
}

} // namespace

QColor mixed(const QColor &one, const QColor &other, double share)
{
    const auto channel = [share](int a, int b) { return int(std::lround(a * share + b * (1 - share))); };
    return QColor(channel(one.red(), other.red()), channel(one.green(), other.green()),
                  channel(one.blue(), other.blue()));
}

double contrastRatio(const QColor &a, const QColor &b)
{
    const double one = luminance(a) + 0.05;
    const double other = luminance(b) + 0.05;
    return std::max(one, other) / std::min(one, other);
}

QColor readableColor(const QColor &wanted, std::initializer_list<QColor> grounds)
{
    if (worstContrast(wanted, grounds) >= ReadableContrast)
        return wanted;
    // Moves away from the ground in steps and keeps the hue. On grounds of medium brightness neither end may
    // be far enough; the better one is used then.
    const QColor end =
        worstContrast(Qt::white, grounds) > worstContrast(Qt::black, grounds) ? Qt::white : Qt::black;
    for (double part = 0.05; part < 1; part += 0.05) {
        const QColor colour = mixed(end, wanted, part);
        if (worstContrast(colour, grounds) >= ReadableContrast)
            return colour;
    }
    return end;
}

QColor stateColor(AppState state, const QPalette &palette)
{
    return readableColor(QColor::fromRgb(Hues[std::size_t(state)]),
                         {palette.color(QPalette::Base), palette.color(QPalette::AlternateBase)});
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

} // namespace ExporterProxy::Monitor
