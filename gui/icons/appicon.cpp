// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/icons/appicon.h"

#include "gui/icons/stateicons.h"

#include <algorithm>
#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>
#include <QPalette>

namespace ExporterProxy {

namespace {

/// Drawn on a square of this side, as the SVG is.
constexpr qreal Side = 64;

/// The badge's part of the icon's side. At 16 pixels anything smaller is a spot.
constexpr qreal BadgePart = 0.6;

class AppIconEngine : public QIconEngine
{
public:
    AppIconEngine(std::optional<AppState> worst, const QPalette &palette)
        : m_worst(worst)
        , m_colour(worst ? stateColor(*worst, palette) : QColor())
        , m_ground(palette.color(QPalette::Base))
    {
    }

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode, QIcon::State) override
    {
        const int side = std::min(rect.width(), rect.height());
        QRectF square(0, 0, side, side);
        square.moveCenter(QRectF(rect).center());
        paintAppIcon(*painter, square);
        if (!m_worst || severity(*m_worst) == 0)
            return;
        const qreal badge = side * BadgePart;
        const QRectF corner(square.right() - badge, square.bottom() - badge, badge, badge);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        painter->setBrush(m_ground);
        painter->drawRoundedRect(corner, badge / 5, badge / 5);
        painter->restore();
        const qreal rim = badge / 16;
        paintStateSign(*painter, corner.adjusted(rim, rim, -rim, -rim), *m_worst, m_colour, m_ground);
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }

    /// Trays and window managers ask for these; an empty list makes some of them take none.
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
    std::optional<AppState> m_worst;
    QColor m_colour;
    QColor m_ground;
};

} // namespace

QIcon appIcon(std::optional<AppState> worst, const QPalette &palette)
{
    return QIcon(new AppIconEngine(worst, palette));
}

void paintAppIcon(QPainter &painter, const QRectF &square)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(square.topLeft());
    painter.scale(square.width() / Side, square.height() / Side);
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

} // namespace ExporterProxy
