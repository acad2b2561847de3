// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/icons/icons.h"

#include "gui/icons/colors.h"

#include <algorithm>
#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>
#include <QPalette>

namespace ExporterProxy::Monitor {

namespace {

/// Signs are drawn on a square of this side and scaled.
constexpr qreal Side = 16;

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

/// An icon that is painted into a square, sharp at every size and pixel ratio.
class SquareIconEngine : public QIconEngine
{
public:
    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override
    {
        const int side = std::min(rect.width(), rect.height());
        QRectF square(0, 0, side, side);
        square.moveCenter(QRectF(rect).center());
        paintSquare(*painter, square, mode);
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }

protected:
    virtual void paintSquare(QPainter &painter, const QRectF &square, QIcon::Mode mode) const = 0;
};

class StateIconEngine : public SquareIconEngine
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

    QIconEngine *clone() const override { return new StateIconEngine(*this); }
    QString key() const override { return QStringLiteral("exporter-proxy-state"); }

private:
    void paintSquare(QPainter &painter, const QRectF &square, QIcon::Mode mode) const override
    {
        if (mode == QIcon::Selected)
            paintStateSign(painter, square, m_state, m_selected, m_selection);
        else
            paintStateSign(painter, square, m_state, mode == QIcon::Disabled ? m_disabled : m_colour,
                           m_ground);
    }

    AppState m_state;
    QColor m_colour;
    QColor m_ground;
    QColor m_selected;
    QColor m_selection;
    QColor m_disabled;
};

/// The application's icon is drawn on a square of this side, as the SVG is.
constexpr qreal AppIconSide = 64;

/// The size of the badge relative to the icon. A smaller one is not recognisable at 16 pixels.
constexpr qreal BadgePart = 0.6;

class AppIconEngine : public SquareIconEngine
{
public:
    AppIconEngine(std::optional<AppState> worst, const QPalette &palette)
        : m_worst(worst)
        , m_colour(worst ? stateColor(*worst, palette) : QColor())
        , m_ground(palette.color(QPalette::Base))
    {
    }

    /// Some trays and window managers show no icon if this list is empty.
    QList<QSize> availableSizes(QIcon::Mode, QIcon::State) override
    {
        QList<QSize> sizes;
        for (const int side : {16, 22, 24, 32, 48, 64, 128, 256})
            sizes.append({side, side});
        return sizes;
    }

    QIconEngine *clone() const override { return new AppIconEngine(*this); }
    QString key() const override { return QStringLiteral("exporter-proxy-app"); }

private:
    void paintSquare(QPainter &painter, const QRectF &square, QIcon::Mode) const override
    {
        paintAppIcon(painter, square);
        if (!m_worst || severity(*m_worst) == 0)
            return;
        const qreal badge = square.width() * BadgePart;
        const QRectF corner(square.right() - badge, square.bottom() - badge, badge, badge);
        painter.save();
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_ground);
        painter.drawRoundedRect(corner, badge / 5, badge / 5);
        painter.restore();
        const qreal rim = badge / 16;
        paintStateSign(painter, corner.adjusted(rim, rim, -rim, -rim), *m_worst, m_colour, m_ground);
    }

    std::optional<AppState> m_worst;
    QColor m_colour;
    QColor m_ground;
};

} // namespace

QIcon stateIcon(AppState state, const QPalette &palette)
{
    return QIcon(new StateIconEngine(state, palette));
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

QIcon appIcon(std::optional<AppState> worst, const QPalette &palette)
{
    return QIcon(new AppIconEngine(worst, palette));
}

void paintAppIcon(QPainter &painter, const QRectF &square)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(square.topLeft());
    painter.scale(square.width() / AppIconSide, square.height() / AppIconSide);
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(0x0b, 0x4f, 0x6c));
    painter.drawRoundedRect(QRectF(2, 2, 60, 60), 13, 13);

    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(QColor(0x7f, 0xd1, 0xc4), 5, Qt::SolidLine, Qt::RoundCap));
    QPainterPath upper(QPointF(15, 15));
    upper.cubicTo(QPointF(29, 15), QPointF(29, 32), QPointF(42, 32));
    painter.drawPath(upper);
    QPainterPath lower(QPointF(15, 49));
    lower.cubicTo(QPointF(29, 49), QPointF(29, 32), QPointF(42, 32));
    painter.drawPath(lower);
    painter.drawLine(QPointF(15, 32), QPointF(42, 32));

    painter.setPen(Qt::NoPen);
    painter.setBrush(Qt::white);
    for (const qreal y : {15.0, 32.0, 49.0})
        painter.drawEllipse(QPointF(15, y), 6, 6);
    painter.setBrush(QColor(0xff, 0xb0, 0x3b));
    painter.drawEllipse(QPointF(46, 32), 11, 11);
    painter.restore();
}

} // namespace ExporterProxy::Monitor
