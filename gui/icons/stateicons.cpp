// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/icons/stateicons.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>
#include <QPalette>

namespace ExporterProxy {

namespace {

/// What WCAG 2.1 asks of text of ordinary size (level AA).
constexpr double ReadableContrast = 4.5;

/// Signs are drawn on a square of this side and scaled.
constexpr qreal Side = 16;

/// By AppState, before they are fitted to the ground; hues that the colour-blind tell apart.
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

QPen strokePen(const QColor &colour, qreal width)
{
    return QPen(colour, width, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
}

void paintFresh(QPainter &painter, const QColor &colour, const QColor &ground)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    painter.drawEllipse(QRectF(1, 1, 14, 14));
    painter.setBrush(Qt::NoBrush);
    painter.setPen(strokePen(ground, 2));
    painter.drawPolyline(QPolygonF({{4.5, 8.4}, {7, 10.8}, {11.5, 5.6}}));
}

void paintLate(QPainter &painter, const QColor &colour)
{
    painter.setBrush(Qt::NoBrush);
    painter.setPen(strokePen(colour, 2));
    painter.drawEllipse(QRectF(2, 2, 12, 12));
    painter.drawPolyline(QPolygonF({{8, 4.8}, {8, 8}, {10.4, 9.6}}));
}

void paintStale(QPainter &painter, const QColor &colour)
{
    painter.setPen(strokePen(colour, 1.6));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolygon(QPolygonF({{3, 2}, {13, 2}, {8, 8}}));
    painter.setBrush(colour);
    painter.drawPolygon(QPolygonF({{8, 8}, {13, 14}, {3, 14}}));
}

void paintRejected(QPainter &painter, const QColor &colour, const QColor &ground)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    painter.drawPolygon(
        QPolygonF({{5.1, 1}, {10.9, 1}, {15, 5.1}, {15, 10.9}, {10.9, 15}, {5.1, 15}, {1, 10.9}, {1, 5.1}}));
    painter.setBrush(ground);
    painter.drawRoundedRect(QRectF(3.8, 6.7, 8.4, 2.6), 0.6, 0.6);
}

void paintFailing(QPainter &painter, const QColor &colour, const QColor &ground)
{
    painter.setPen(strokePen(colour, 1.6));
    painter.setBrush(colour);
    painter.drawPolygon(QPolygonF({{8, 1.8}, {14.6, 13.8}, {1.4, 13.8}}));
    painter.setPen(strokePen(ground, 1.8));
    painter.drawLine(QPointF(8, 6), QPointF(8, 9.2));
    painter.setPen(Qt::NoPen);
    painter.setBrush(ground);
    painter.drawEllipse(QPointF(8, 12), 1.1, 1.1);
}

void paintExpired(QPainter &painter, const QColor &colour)
{
    painter.setBrush(Qt::NoBrush);
    painter.setPen(strokePen(colour, 1.4));
    painter.drawRoundedRect(QRectF(1.7, 1.7, 12.6, 12.6), 2, 2);
    painter.setPen(strokePen(colour, 1.8));
    painter.drawLine(QPointF(5.2, 5.2), QPointF(10.8, 10.8));
    painter.drawLine(QPointF(10.8, 5.2), QPointF(5.2, 10.8));
}

void paintUnknown(QPainter &painter, const QColor &colour)
{
    painter.setBrush(Qt::NoBrush);
    painter.setPen(strokePen(colour, 1.4));
    painter.drawEllipse(QRectF(1.7, 1.7, 12.6, 12.6));
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    for (const qreal x : {4.8, 8.0, 11.2})
        painter.drawEllipse(QPointF(x, 8), 1.1, 1.1);
}

class StateIconEngine : public QIconEngine
{
public:
    StateIconEngine(AppState state, const QPalette &palette)
        : m_state(state)
        , m_colour(stateColor(state, palette))
        , m_ground(palette.color(QPalette::Base))
        , m_selected(palette.color(QPalette::HighlightedText))
        , m_selection(palette.color(QPalette::Highlight))
        , m_disabled(palette.color(QPalette::Disabled, QPalette::Text))
    {
    }

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override
    {
        const int side = std::min(rect.width(), rect.height());
        QRectF square(0, 0, side, side);
        square.moveCenter(QRectF(rect).center());
        if (mode == QIcon::Selected)
            paintStateSign(*painter, square, m_state, m_selected, m_selection);
        else
            paintStateSign(*painter, square, m_state, mode == QIcon::Disabled ? m_disabled : m_colour,
                           m_ground);
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }

    QIconEngine *clone() const override { return new StateIconEngine(*this); }
    QString key() const override { return QStringLiteral("exporter-proxy-state"); }

private:
    AppState m_state;
    QColor m_colour;
    QColor m_ground;
    QColor m_selected;
    QColor m_selection;
    QColor m_disabled;
};

} // namespace

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
    // Away from the ground in steps, keeping the hue. Where neither way gets far enough (grounds of middling
    // brightness), the better end of the two is the best there is.
    const auto mixed = [&wanted](int brightest, double part) {
        const auto mix = [brightest, part](float own) {
            return float(own + (double(brightest) - own) * part);
        };
        return QColor::fromRgbF(mix(wanted.redF()), mix(wanted.greenF()), mix(wanted.blueF()));
    };
    const int end = worstContrast(Qt::white, grounds) > worstContrast(Qt::black, grounds) ? 1 : 0;
    for (double part = 0.05; part < 1; part += 0.05) {
        const QColor colour = mixed(end, part);
        if (worstContrast(colour, grounds) >= ReadableContrast)
            return colour;
    }
    return mixed(end, 1);
}

QIcon stateIcon(AppState state, const QPalette &palette)
{
    return QIcon(new StateIconEngine(state, palette));
}

QColor stateColor(AppState state, const QPalette &palette)
{
    return readableColor(QColor::fromRgb(Hues[std::size_t(state)]),
                         {palette.color(QPalette::Base), palette.color(QPalette::AlternateBase)});
}

QPixmap conflictSign(int side, qreal pixelRatio, const QColor &colour)
{
    QPixmap sign((QSizeF(side, side) * pixelRatio).toSize());
    sign.setDevicePixelRatio(pixelRatio);
    sign.fill(Qt::transparent);
    QPainter painter(&sign);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(side / Side, side / Side);
    painter.setPen(strokePen(colour, 1.8));
    painter.drawLine(QPointF(2.5, 5.8), QPointF(13.5, 5.8));
    painter.drawLine(QPointF(2.5, 10.2), QPointF(13.5, 10.2));
    painter.drawLine(QPointF(10.8, 2), QPointF(5.2, 14));
    return sign;
}

void paintStateSign(QPainter &painter, const QRectF &square, AppState state, const QColor &colour,
                    const QColor &ground)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(square.topLeft());
    painter.scale(square.width() / Side, square.height() / Side);
    switch (state) {
    case AppState::Fresh:
        paintFresh(painter, colour, ground);
        break;
    case AppState::Late:
        paintLate(painter, colour);
        break;
    case AppState::Stale:
        paintStale(painter, colour);
        break;
    case AppState::Rejected:
        paintRejected(painter, colour, ground);
        break;
    case AppState::Failing:
        paintFailing(painter, colour, ground);
        break;
    case AppState::Expired:
        paintExpired(painter, colour);
        break;
    case AppState::Unknown:
        paintUnknown(painter, colour);
        break;
    }
    painter.restore();
}

} // namespace ExporterProxy
