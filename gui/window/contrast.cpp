// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/contrast.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ExporterProxy {

namespace {

double linear(double channel)
{
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(const QColor &color)
{
    return 0.2126 * linear(double(color.redF())) + 0.7152 * linear(double(color.greenF()))
        + 0.0722 * linear(double(color.blueF()));
}

} // namespace

double contrast(const QColor &one, const QColor &other)
{
    const auto [low, high] = std::minmax({luminance(one), luminance(other)});
    return (high + 0.05) / (low + 0.05);
}

bool isDark(const QColor &background)
{
    return contrast(Qt::white, background) > contrast(Qt::black, background);
}

QColor mixed(const QColor &one, const QColor &other, double share)
{
    const auto channel = [share](int a, int b) { return int(std::lround(a * share + b * (1 - share))); };
    return QColor(channel(one.red(), other.red()), channel(one.green(), other.green()),
                  channel(one.blue(), other.blue()));
}

QColor readableOn(const QColor &wanted, const QColor &background, double atLeast)
{
    constexpr int Steps = 20;
    const QColor target = isDark(background) ? Qt::white : Qt::black;
    for (int step = 0; step < Steps; ++step) {
        const QColor candidate = mixed(target, wanted, double(step) / Steps);
        if (contrast(candidate, background) >= atLeast)
            return candidate;
    }
    return target;
}

} // namespace ExporterProxy
