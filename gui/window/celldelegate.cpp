// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/celldelegate.h"

#include "gui/icons/colors.h"
#include "gui/icons/icons.h"

#include <algorithm>
#include <cmath>
#include <QApplication>
#include <QPainter>

namespace ExporterProxy::Monitor {

namespace {

/// The share of the text's colour in rows of a daemon that does not answer.
constexpr double OutdatedShare = 0.55;

/// The space above and below a text together, in device-independent pixels.
constexpr int RowAir = 6;

QPalette::ColorGroup groupOf(const QStyleOptionViewItem &option)
{
    if (!option.state.testFlag(QStyle::State_Enabled))
        return QPalette::Disabled;
    return option.state.testFlag(QStyle::State_Active) ? QPalette::Active : QPalette::Inactive;
}

bool isOutdated(const QModelIndex &index)
{
    return index.data(OutdatedRole).toBool();
}

QColor outdatedColor(const QColor &color, const QColor &background)
{
    return readableColor(mixed(color, background, OutdatedShare), {background});
}

QStyle *styleOf(const QStyleOptionViewItem &option)
{
    return option.widget ? option.widget->style() : QApplication::style();
}

void setTextColor(QStyleOptionViewItem &option, const QColor &color)
{
    for (const auto role : {QPalette::Text, QPalette::HighlightedText})
        option.palette.setColor(groupOf(option), role, color);
}

} // namespace

QColor cellBackground(const QStyleOptionViewItem &option)
{
    if (option.state.testFlag(QStyle::State_Selected))
        return option.palette.color(groupOf(option), QPalette::Highlight);
    const bool striped = option.features.testFlag(QStyleOptionViewItem::Alternate);
    return option.palette.color(groupOf(option), striped ? QPalette::AlternateBase : QPalette::Base);
}

void CellDelegate::initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
#if QT_VERSION >= QT_VERSION_CHECK(6, 7, 0)
    option->font.setFeature("tnum", 1);
#endif
    // Both ends of a path or an address are characteristic.
    if (index.column() == int(AppColumn::Source))
        option->textElideMode = Qt::ElideMiddle;
    if (isOutdated(index) && !option->state.testFlag(QStyle::State_Selected)) {
        const QColor text = option->palette.color(groupOf(*option), QPalette::Text);
        setTextColor(*option, outdatedColor(text, cellBackground(*option)));
    }
}

void NameDelegate::initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const
{
    CellDelegate::initStyleOption(option, index);
    if (!index.data(ConflictsRole).toBool())
        return;
    const bool selected = option->state.testFlag(QStyle::State_Selected);
    const int side = option->fontMetrics.height();
    const QColor colour = selected || isOutdated(index)
        ? option->palette.color(groupOf(*option), selected ? QPalette::HighlightedText : QPalette::Text)
        : stateColor(AppState::Late, option->palette);
    option->features |= QStyleOptionViewItem::HasDecoration;
    // The sign is at the end of the cell, so that the names stay aligned and a long one does not push it out.
    option->decorationPosition = QStyleOptionViewItem::Right;
    option->decorationSize = QSize(side, side);
    option->icon = QIcon(conflictSign(side, option->widget ? option->widget->devicePixelRatio() : 1, colour));
}

void StateDelegate::initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const
{
    CellDelegate::initStyleOption(option, index);
    const auto state = AppState(index.data(StateRole).toInt());
    const bool selected = option->state.testFlag(QStyle::State_Selected);
    option->features |= QStyleOptionViewItem::HasDecoration;
    const int side = option->fontMetrics.height();
    option->decorationSize = QSize(side, side);
    const QWidget *widget = option->widget;
    option->icon = iconOf(state, widget ? widget->palette() : option->palette);
    if (isOutdated(index))
        option->icon = QIcon(option->icon.pixmap(option->decorationSize,
                                                 widget ? widget->devicePixelRatio() : 1, QIcon::Disabled));
    // An outdated state has no alarming colour, and a selection has its own colours.
    if (!selected && !isOutdated(index))
        setTextColor(*option, stateColor(state, option->palette));
}

const QIcon &StateDelegate::iconOf(AppState state, const QPalette &palette) const
{
    if (palette.cacheKey() != m_iconsFor) {
        m_iconsFor = palette.cacheKey();
        for (std::size_t i = 0; i < ListedStateCount; ++i)
            m_icons[i] = stateIcon(AppState(i), palette);
    }
    return m_icons[std::size_t(state)];
}

QSize CellDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    // Rows without space between them are hard to tell apart.
    const QSize size = QStyledItemDelegate::sizeHint(option, index);
    return {size.width() + RowAir, size.height() + RowAir};
}

HistoryDelegate::HistoryDelegate(const AppFilter &filter, QObject *parent)
    : CellDelegate(parent)
    , m_filter(filter)
{
}

void HistoryDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                            const QModelIndex &index) const
{
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    cell.text.clear();
    styleOf(cell)->drawControl(QStyle::CE_ItemViewItem, &cell, painter, cell.widget);

    const PaintedHistory history = m_filter.appModel().paintedHistory(m_filter.sourceRow(index.row()));
    const QColor background = cellBackground(cell);
    const bool outdated = isOutdated(index);
    const QColor text = cell.palette.color(
        groupOf(cell),
        cell.state.testFlag(QStyle::State_Selected) ? QPalette::HighlightedText : QPalette::Text);
    const QColor tick = outdated ? mixed(text, background, 0.5) : mixed(text, background, 0.75);
    const QColor alarm = mixed(stateColor(AppState::Failing, cell.palette), background, outdated ? 0.2 : 0.4);

    // Rounds to whole device pixels, so that a tick is a sharp line at any scale.
    const double ratio = painter->device()->devicePixelRatio();
    const auto snapped = [ratio](double position) { return std::round(position * ratio) / ratio; };
    const QRectF area = QRectF(cell.rect).adjusted(6, 3, -6, -3);
    const double tickWidth = std::max(1.0, std::round(ratio)) / ratio;
    const auto at = [&](float share) {
        return snapped(area.left() + double(share) * (area.width() - tickWidth));
    };

    painter->save();
    painter->setRenderHint(QPainter::Antialiasing, false);
    painter->setClipRect(cell.rect);
    const double top = snapped(area.top());
    const double bottom = snapped(area.bottom());
    for (const auto &[from, to] : history.gaps)
        painter->fillRect(QRectF(at(from), top, std::max(tickWidth, at(to) - at(from)), bottom - top), alarm);
    // Paints the axis, so that an application without updates is a line and not an empty cell, which would
    // look like an error.
    painter->fillRect(QRectF(snapped(area.left()), bottom - tickWidth, area.width(), tickWidth),
                      mixed(text, background, 0.25));
    for (const float arrival : history.arrivals)
        painter->fillRect(QRectF(at(arrival), top, tickWidth, bottom - top), tick);
    painter->restore();
}

QSize HistoryDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    // Leaves two and a half pixels for each arrival.
    return {ArrivalHistory::Capacity * 5 / 2, CellDelegate::sizeHint(option, index).height()};
}

} // namespace ExporterProxy::Monitor
