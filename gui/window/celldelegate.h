// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/model/appfilter.h"

#include <QIcon>
#include <QStyledItemDelegate>

namespace ExporterProxy::Monitor {

/// What a row is painted on: of an item's palette, the colour for its selection, activity and stripe.
QColor cellBackground(const QStyleOptionViewItem &option);

/// Cells of text: those of a daemon that does not answer are greyed, and digits are of one width.
class CellDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    explicit CellDelegate(QObject *parent = nullptr);

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override;
};

/// The name, with a mark at the end of the cell if the application's metrics are in conflict with others'.
class NameDelegate : public CellDelegate
{
    Q_OBJECT

public:
    using CellDelegate::CellDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override;
};

/// The state: mark, word and colour.
class StateDelegate : public CellDelegate
{
    Q_OBJECT

public:
    using CellDelegate::CellDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override;

private:
    const QIcon &iconOf(AppState state, const QPalette &palette) const;

    mutable std::array<QIcon, AppStateCount> m_icons;
    mutable qint64 m_iconsFor = -1; ///< the palette's cacheKey()
};

/// The last arrivals, a tick each on an axis of time, and a band where some should have been.
class HistoryDelegate : public CellDelegate
{
    Q_OBJECT

public:
    /// `filter` must outlive it.
    explicit HistoryDelegate(const AppFilter &filter, QObject *parent = nullptr);

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    const AppFilter &m_filter;
};

} // namespace ExporterProxy::Monitor
