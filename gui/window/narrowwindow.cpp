// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/narrowwindow.h"

#include <algorithm>
#include <QEvent>
#include <QStyle>
#include <QWidget>

namespace ExporterProxy::Monitor {

FlowLayout::~FlowLayout()
{
    qDeleteAll(m_items);
}

void FlowLayout::addItem(QLayoutItem *item)
{
    m_items.push_back(item);
}

QLayoutItem *FlowLayout::itemAt(int index) const
{
    return index >= 0 && index < count() ? m_items[std::size_t(index)] : nullptr;
}

QLayoutItem *FlowLayout::takeAt(int index)
{
    QLayoutItem *item = itemAt(index);
    if (item)
        m_items.erase(m_items.begin() + index);
    return item;
}

QSize FlowLayout::sizeHint() const
{
    int width = 0;
    int height = 0;
    for (const QLayoutItem *item : m_items) {
        if (item->isEmpty())
            continue;
        width += item->sizeHint().width() + std::max(0, spacing());
        height = std::max(height, item->sizeHint().height());
    }
    return QSize(width, height).grownBy(contentsMargins());
}

QSize FlowLayout::minimumSize() const
{
    QSize size;
    for (const QLayoutItem *item : m_items)
        size = size.expandedTo(item->minimumSize());
    return size.grownBy(contentsMargins());
}

void FlowLayout::setGeometry(const QRect &rect)
{
    QLayout::setGeometry(rect);
    arrange(rect, true);
}

int FlowLayout::arrange(const QRect &rect, bool apply) const
{
    const QRect area = rect.marginsRemoved(contentsMargins());
    const int gap = std::max(0, spacing());
    int top = area.top();
    for (std::size_t first = 0; first < m_items.size();) {
        // Finds the items that fit into this row.
        int used = 0;
        int height = 0;
        std::size_t end = first;
        bool stretches = false;
        for (; end < m_items.size(); ++end) {
            const QLayoutItem *item = m_items[end];
            if (item->isEmpty())
                continue;
            const int width = std::min(item->sizeHint().width(), area.width());
            if (used > 0 && used + gap + width > area.width())
                break;
            used += width + (used > 0 ? gap : 0);
            height = std::max(height, item->sizeHint().height());
            stretches |= int(end) == m_stretching;
        }
        const int spare = stretches ? std::max(0, area.width() - used) : 0;
        int left = area.left();
        for (std::size_t i = first; apply && i < end; ++i) {
            QLayoutItem *item = m_items[i];
            if (item->isEmpty())
                continue;
            const int width =
                std::min(item->sizeHint().width(), area.width()) + (int(i) == m_stretching ? spare : 0);
            const int own = std::min(item->sizeHint().height(), height);
            const QRect place(left, top + (height - own) / 2, width, own);
            item->setGeometry(QStyle::visualRect(
                parentWidget() ? parentWidget()->layoutDirection() : Qt::LeftToRight, area, place));
            left += width + gap;
        }
        top += height + (height > 0 ? gap : 0);
        first = end;
    }
    return top - (top > area.top() ? gap : 0) - rect.top() + contentsMargins().bottom();
}

ElidedLabel::ElidedLabel(QWidget *parent)
    : QLabel(parent)
{
    // The text may be foreign, so it must not be interpreted as markup.
    setTextFormat(Qt::PlainText);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
}

void ElidedLabel::setFullText(const QString &text)
{
    if (text == m_fullText)
        return;
    m_fullText = text;
    setAccessibleName(text);
    updateGeometry();
    elide();
}

void ElidedLabel::elide()
{
    const QString shown = fontMetrics().elidedText(m_fullText, Qt::ElideRight, contentsRect().width());
    setText(shown);
    setToolTip(shown == m_fullText ? QString() : m_fullText);
}

QSize ElidedLabel::minimumSizeHint() const
{
    return {fontMetrics().averageCharWidth() * 8, fontMetrics().height()};
}

QSize ElidedLabel::sizeHint() const
{
    return {fontMetrics().horizontalAdvance(m_fullText) + fontMetrics().averageCharWidth(),
            fontMetrics().height()};
}

void ElidedLabel::resizeEvent(QResizeEvent *event)
{
    QLabel::resizeEvent(event);
    elide();
}

void ElidedLabel::changeEvent(QEvent *event)
{
    QLabel::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        elide();
}

} // namespace ExporterProxy::Monitor
