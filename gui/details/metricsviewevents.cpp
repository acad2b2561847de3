// SPDX-License-Identifier: GPL-3.0-or-later
// What MetricsView does with keys and the mouse.
#include "gui/details/metricsview.h"

#include <algorithm>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QMenu>
#include <QScrollBar>

namespace ExporterProxy {

namespace {

/// How often a selection grows while the mouse is outside of the view.
constexpr int DragScrollMs = 40;

} // namespace

bool MetricsView::event(QEvent *event)
{
    // The window may have the same keys for its table; while this has the focus they are meant for the text.
    if (event->type() == QEvent::ShortcutOverride) {
        const auto *const key = static_cast<QKeyEvent *>(event);
        if (key->matches(QKeySequence::Copy) || key->matches(QKeySequence::SelectAll)
            || key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
            event->accept();
            return true;
        }
    }
    return QAbstractScrollArea::event(event);
}

void MetricsView::keyPressEvent(QKeyEvent *event)
{
    const bool select = event->modifiers().testFlag(Qt::ShiftModifier);
    const bool control = event->modifiers().testFlag(Qt::ControlModifier);
    const bool hasText = m_document.lines() > 0;
    const int line = cursorLine();
    const qsizetype start = hasText ? m_document.lineStart(line) : 0;
    const CellLine cells(hasText ? m_document.line(line) : QByteArrayView());
    const int family = hasText ? m_document.familyOf(line) : -1;

    if (event->matches(QKeySequence::Copy)) {
        copySelection();
        return;
    }
    if (event->matches(QKeySequence::SelectAll)) {
        selectAll();
        return;
    }
    switch (event->key()) {
    case Qt::Key_Up:
        moveCursorByRows(-1, select);
        return;
    case Qt::Key_Down:
        moveCursorByRows(1, select);
        return;
    case Qt::Key_PageUp:
        moveCursorByRows(-visibleRows(), select);
        return;
    case Qt::Key_PageDown:
        moveCursorByRows(visibleRows(), select);
        return;
    case Qt::Key_Home:
        moveCursor(control ? 0 : start, select);
        return;
    case Qt::Key_End:
        moveCursor(control ? m_document.text().size() : start + cells.shownBytes(), select);
        return;
    case Qt::Key_Left:
        if (m_cursor > start)
            moveCursor(start + cells.previousByte(m_cursor - start), select);
        else if (m_cursor > 0)
            moveCursor(m_cursor - 1, select);
        return;
    case Qt::Key_Right:
        if (m_cursor - start < cells.shownBytes())
            moveCursor(start + cells.nextByte(m_cursor - start), select);
        else if (line + 1 < m_document.lines())
            moveCursor(m_document.lineStart(line + 1), select);
        return;
    case Qt::Key_Plus:
    case Qt::Key_Minus:
        if (!control) {
            setFolded(family, event->key() == Qt::Key_Minus);
            return;
        }
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (family >= 0)
            setFolded(family, !m_document.family(family).folded);
        return;
    case Qt::Key_F3:
        stepMatch(select ? -1 : 1);
        return;
    default:
        break;
    }
    event->ignore(); // not to the base class, which would scroll by pixels
}

void MetricsView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || m_document.lines() == 0)
        return;
    const QPoint at = event->position().toPoint();
    if (at.x() < marginWidth()) {
        const int row = topRow() + at.y() / m_rowHeight;
        if (row >= m_document.rows())
            return;
        const int line = m_document.lineOfRow(row);
        const int family = m_document.familyOf(line);
        if (line == int(m_document.family(family).firstLine))
            setFolded(family, !m_document.family(family).folded);
        return;
    }
    moveCursor(byteAt(at), event->modifiers().testFlag(Qt::ShiftModifier));
}

void MetricsView::mouseMoveEvent(QMouseEvent *event)
{
    const QPoint at = event->position().toPoint();
    viewport()->setCursor(at.x() < marginWidth() ? Qt::ArrowCursor : Qt::IBeamCursor);
    if (!event->buttons().testFlag(Qt::LeftButton))
        return;
    m_dragAt = at;
    if (viewport()->rect().contains(at))
        m_dragScroll.stop();
    else if (!m_dragScroll.isActive())
        m_dragScroll.start(DragScrollMs, this);
    moveCursor(byteAt(at), true);
}

void MetricsView::mouseReleaseEvent(QMouseEvent *)
{
    m_dragScroll.stop();
    QClipboard *const clipboard = QApplication::clipboard();
    if (hasSelection() && clipboard->supportsSelection())
        clipboard->setText(QString::fromUtf8(selectedText()), QClipboard::Selection);
}

void MetricsView::mouseDoubleClickEvent(QMouseEvent *event)
{
    const QPoint at = event->position().toPoint();
    if (event->button() == Qt::LeftButton && at.x() >= marginWidth())
        selectWord(byteAt(at));
    else
        mousePressEvent(event); // two quick clicks on a fold mark are two
}

void MetricsView::timerEvent(QTimerEvent *event)
{
    if (event->timerId() != m_dragScroll.timerId()) {
        QAbstractScrollArea::timerEvent(event);
        return;
    }
    moveCursor(byteAt(m_dragAt), true); // which scrolls
}

void MetricsView::contextMenuEvent(QContextMenuEvent *event)
{
    QMenu menu(this);
    QAction *const copy = menu.addAction(tr("&Copy"), QKeySequence::Copy, this, &MetricsView::copySelection);
    copy->setEnabled(hasSelection());
    menu.addAction(tr("Copy a&ll"), this, &MetricsView::copyAll);
    menu.addAction(tr("&Select all"), QKeySequence::SelectAll, this, &MetricsView::selectAll);
    menu.addSeparator();
    menu.addAction(tr("&Fold all families"), this, &MetricsView::foldAll);
    menu.addAction(tr("&Unfold all families"), this, &MetricsView::unfoldAll);
    menu.exec(event->globalPos());
}

void MetricsView::scrollContentsBy(int, int)
{
    viewport()->update();
}

void MetricsView::resizeEvent(QResizeEvent *)
{
    updateScrollBars();
}

void MetricsView::changeEvent(QEvent *event)
{
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        m_colors = MetricsColors(palette());
        viewport()->update();
    } else if (event->type() == QEvent::FontChange) {
        measureFont();
        updateScrollBars();
        viewport()->update();
    }
}

void MetricsView::focusInEvent(QFocusEvent *)
{
    viewport()->update();
}

void MetricsView::focusOutEvent(QFocusEvent *)
{
    viewport()->update();
}

} // namespace ExporterProxy
