// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/statelook.h"

#include "gui/window/contrast.h"

#include <cmath>
#include <numbers>
#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>

namespace ExporterProxy {

namespace {

struct StateLook
{
    QRgb onLight;
    QRgb onDark;
};

// In the order of AppState.
constexpr std::array<StateLook, AppStateCount> Looks{{
    {0xff177a3c, 0xff4fc98a}, // fresh: green
    {0xff8f6400, 0xffe8c04a}, // late: amber
    {0xffb04a00, 0xffff9f5c}, // stale: orange
    {0xff8e2fa8, 0xffd9a0ee}, // rejected: purple
    {0xffc0182b, 0xffff7f86}, // failing: red
    {0xff5c6470, 0xffa7b0bd}, // expired: grey
}};

const StateLook &lookOf(AppState state)
{
    return Looks[std::size_t(state)];
}

/// A regular polygon in the unit square's middle, first corner at `startDegrees`.
QPolygonF polygon(int corners, double radius, double startDegrees)
{
    QPolygonF result;
    for (int corner = 0; corner < corners; ++corner) {
        const double angle = (startDegrees + 360.0 * corner / corners) * std::numbers::pi / 180;
        result << QPointF(0.5 + radius * std::cos(angle), 0.5 + radius * std::sin(angle));
    }
    return result;
}

void paintExclamation(QPainter &painter, const QColor &color, double top, double bottom)
{
    painter.setPen(QPen(color, 0.11, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(QPointF(0.5, top), QPointF(0.5, bottom - 0.22));
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawEllipse(QPointF(0.5, bottom), 0.065, 0.065);
}

/// Paints into the unit square.
void paintUnitMark(QPainter &painter, AppState state, const QColor &color, const QColor &inside)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    switch (state) {
    case AppState::Fresh: // a disc with a tick
        painter.drawEllipse(QPointF(0.5, 0.5), 0.44, 0.44);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(inside, 0.12, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawPolyline(QPolygonF({{0.29, 0.52}, {0.44, 0.67}, {0.71, 0.35}}));
        break;
    case AppState::Late: { // a triangle that warns
        painter.setPen(QPen(color, 0.1, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawPolygon(QPolygonF({{0.5, 0.1}, {0.94, 0.88}, {0.06, 0.88}}));
        paintExclamation(painter, inside, 0.36, 0.78);
        break;
    }
    case AppState::Stale: // a clock
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(color, 0.12));
        painter.drawEllipse(QPointF(0.5, 0.5), 0.39, 0.39);
        painter.setPen(QPen(color, 0.11, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawPolyline(QPolygonF({{0.5, 0.27}, {0.5, 0.52}, {0.66, 0.62}}));
        break;
    case AppState::Rejected: // a diamond
        painter.setPen(QPen(color, 0.06, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawPolygon(polygon(4, 0.46, 90));
        paintExclamation(painter, inside, 0.27, 0.73);
        break;
    case AppState::Failing: // a stop sign with a cross
        painter.drawPolygon(polygon(8, 0.48, 22.5));
        painter.setPen(QPen(inside, 0.12, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(QPointF(0.34, 0.34), QPointF(0.66, 0.66));
        painter.drawLine(QPointF(0.66, 0.34), QPointF(0.34, 0.66));
        break;
    case AppState::Expired: // an empty ring, struck out
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(color, 0.11));
        painter.drawEllipse(QPointF(0.5, 0.5), 0.38, 0.38);
        painter.drawLine(QPointF(0.24, 0.76), QPointF(0.76, 0.24));
        break;
    }
}

/// Paints the mark at whatever size and scale it is asked for, so that it is never a stretched bitmap.
class StateIconEngine : public QIconEngine
{
public:
    StateIconEngine(AppState state, const QColor &background, MarkTone tone)
        : m_state(state)
        , m_background(background)
        , m_tone(tone)
    {
    }

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override
    {
        const double side = std::min(rect.width(), rect.height());
        const QRectF box(rect.center().x() + 0.5 - side / 2, rect.center().y() + 0.5 - side / 2, side, side);
        QColor color = stateColor(m_state, m_background);
        if (mode == QIcon::Disabled || m_tone == MarkTone::Muted)
            color = mixed(color, m_background, 0.5);
        paintStateMark(*painter, box, m_state, color, m_background);
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap result(size);
        result.fill(Qt::transparent);
        QPainter painter(&result);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return result;
    }

    QIconEngine *clone() const override { return new StateIconEngine(m_state, m_background, m_tone); }

private:
    const AppState m_state;
    const QColor m_background;
    const MarkTone m_tone;
};

} // namespace

QColor stateColor(AppState state, const QColor &background)
{
    const StateLook &look = lookOf(state);
    return readableOn(QColor::fromRgb(isDark(background) ? look.onDark : look.onLight), background);
}

void paintStateMark(QPainter &painter, const QRectF &box, AppState state, const QColor &color,
                    const QColor &background)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(box.topLeft());
    painter.scale(box.width(), box.height());
    paintUnitMark(painter, state, color, background);
    painter.restore();
}

QIcon stateIcon(AppState state, const QColor &background, MarkTone tone)
{
    return QIcon(new StateIconEngine(state, background, tone));
}

} // namespace ExporterProxy
