// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/details/metricscolors.h"

#include "gui/icons/stateicons.h"

#include <QPalette>

namespace ExporterProxy {

namespace {

struct Hue
{
    QRgb onLight;
    QRgb onDark;
};

/// By TokenKind. The names that one looks for stand out, what surrounds them stays back.
constexpr std::array<Hue, TokenKindCount> Hues = {{
    {0xff5c6166, 0xff9aa0a6}, // Punctuation
    {0xff5f6368, 0xff9aa5a0}, // Comment
    {0xff8a2be2, 0xffc9a0ff}, // Keyword
    {0xff7a4b00, 0xffe5b567}, // TypeWord
    {0xff0b4f9e, 0xff7fb8ff}, // MetricName
    {0xff006b5e, 0xff63d1c0}, // LabelName
    {0xff8f3a00, 0xfff0a878}, // LabelValue
    {0xff101418, 0xfff2f4f6}, // Value
    {0xff6a5acd, 0xffb3a8f0}, // SampleTime
}};

QColor mixed(const QColor &a, const QColor &b, double part)
{
    const auto mix = [part](float from, float to) { return float(from + (double(to) - from) * part); };
    return QColor::fromRgbF(mix(a.redF(), b.redF()), mix(a.greenF(), b.greenF()), mix(a.blueF(), b.blueF()));
}

} // namespace

MetricsColors::MetricsColors(const QPalette &palette)
    : ground(palette.color(QPalette::Base))
{
    const QColor text = palette.color(QPalette::Text);
    const bool dark = contrastRatio(ground, Qt::white) > contrastRatio(ground, Qt::black);
    margin = mixed(ground, text, 0.05);
    currentLine = mixed(ground, text, 0.07);
    match = dark ? QColor(0x4a, 0x40, 0x10) : QColor(0xff, 0xf1, 0xa8);
    currentMatch = dark ? QColor(0xff, 0xc1, 0x4d) : QColor(0xb3, 0x4a, 0x00);
    currentMatchText = readableColor(dark ? Qt::black : Qt::white, {currentMatch});
    marginText = readableColor(mixed(text, ground, 0.45), {margin, currentLine});
    selection = palette.color(QPalette::Highlight);
    selectionText = palette.color(QPalette::HighlightedText);
    for (std::size_t i = 0; i < TokenKindCount; ++i)
        tokens[i] = readableColor(QColor::fromRgb(dark ? Hues[i].onDark : Hues[i].onLight),
                                  {ground, currentLine, match});
}

} // namespace ExporterProxy
