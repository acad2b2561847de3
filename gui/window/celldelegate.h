// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/model/appfilter.h"

#include <QIcon>
#include <QStyledItemDelegate>

namespace ExporterProxy::Monitor {

/// Returns the background of an item, by its selection, activity and stripe.
QColor cellBackground(const QStyleOptionViewItem &option);

/// Paints cells of text: greyed if their daemon does not answer, and with digits of equal width.
class CellDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override;
};

/// Paints the name, with a mark at the end of the cell if the metrics conflict with those of others.
class NameDelegate : public CellDelegate
{
    Q_OBJECT

public:
    using CellDelegate::CellDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override;
};

/// Paints the state by mark, word and colour.
class StateDelegate : public CellDelegate
{
    Q_OBJECT

public:
    using CellDelegate::CellDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override;

private:
    const QIcon &iconOf(AppState state, const QPalette &palette) const;

    mutable std::array<QIcon, ListedStateCount> m_icons;
    mutable qint64 m_iconsFor = -1; ///< the palette's cacheKey()
};

/// Paints the last arrivals as ticks on an axis of time, and a band where some are missing.
class HistoryDelegate : public CellDelegate
{
    Q_OBJECT

public:
    /// `filter` must outlive this object.
    explicit HistoryDelegate(const AppFilter &filter, QObject *parent = nullptr);

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    const AppFilter &m_filter;
};

} // namespace ExporterProxy::Monitor
