// SPDX-License-Identifier: GPL-3.0-or-later
// How MetricsView paints: row by row, only the cells that are visible.
#include "gui/details/metricsview.h"

#include <algorithm>
#include <QLocale>
#include <QPainter>
#include <QPaintEvent>
#include <QScrollBar>

namespace ExporterProxy {

namespace {

/// Between the margin and the text, in pixels.
constexpr int TextGap = 4;

constexpr int CursorWidth = 2;

} // namespace

struct MetricsView::RowPainting
{
    RowPainting(QByteArrayView text, int textLine, qsizetype lineStart)
        : bytes(text)
        , cells(text)
        , line(textLine)
        , start(lineStart)
    {
    }

    qreal x(int cell) const { return left + (cell - firstCell) * cellWidth; }

    QByteArrayView bytes;
    CellLine cells;
    int line;
    qsizetype start; ///< byte of the text
    int y = 0;
    qreal left = 0; ///< of the first visible cell
    qreal cellWidth = 1;
    int firstCell = 0;
    int lastCell = 0;
};

void MetricsView::paintEvent(QPaintEvent *event)
{
    QPainter painter(viewport());
    painter.setFont(font());
    painter.fillRect(event->rect(), m_colors.ground);
    painter.fillRect(QRect(0, 0, marginWidth(), viewport()->height()), m_colors.margin);
    const int first = event->rect().top() / m_rowHeight;
    const int last = event->rect().bottom() / m_rowHeight;
    for (int i = first; i <= last && topRow() + i < m_document.rows(); ++i)
        paintRow(painter, topRow() + i, i * m_rowHeight);
    if (hasFocus()) {
        painter.setPen(palette().color(QPalette::Highlight));
        painter.drawRect(viewport()->rect().adjusted(0, 0, -1, -1));
    }
}

void MetricsView::paintRow(QPainter &painter, int rowNumber, int y)
{
    const int line = m_document.lineOfRow(rowNumber);
    RowPainting row(m_document.line(line), line, m_document.lineStart(line));
    row.y = y;
    row.left = marginWidth() + TextGap;
    row.cellWidth = m_cellWidth;
    row.firstCell = horizontalScrollBar()->value();
    row.lastCell = row.firstCell + int((viewport()->width() - row.left) / m_cellWidth) + 1;

    const bool hasCursor = line == cursorLine();
    if (hasCursor && hasFocus())
        painter.fillRect(QRect(marginWidth(), y, viewport()->width(), m_rowHeight), m_colors.currentLine);
    paintMargin(painter, row);

    painter.save();
    painter.setClipRect(QRect(marginWidth(), y, viewport()->width(), m_rowHeight));
    const qsizetype from = row.start + row.cells.byteAt(row.firstCell);
    const qsizetype to = row.start + row.cells.byteAt(row.lastCell + 1);
    auto match = std::lower_bound(m_matches.begin(), m_matches.end(), from,
                                  [](const TextMatch &found, qsizetype wanted) {
                                      return qsizetype(found.from) + found.size <= wanted;
                                  });
    const auto firstMatch = match;
    for (; match != m_matches.end() && qsizetype(match->from) < to; ++match) {
        const qsizetype begin = qsizetype(match->from) - row.start;
        const qreal left = row.x(row.cells.cellOf(begin));
        const qreal right = row.x(row.cells.cellOf(begin + match->size));
        painter.fillRect(QRectF(left, y, right - left, m_rowHeight), m_colors.match);
    }
    paintTokens(painter, row);
    if (m_currentMatch >= int(firstMatch - m_matches.begin())
        && m_currentMatch < int(match - m_matches.begin())) {
        const TextMatch &current = m_matches[std::size_t(m_currentMatch)];
        paintStretch(painter, row, qsizetype(current.from) - row.start,
                     qsizetype(current.from) - row.start + current.size, m_colors.currentMatchText,
                     m_colors.currentMatch);
    }
    const qsizetype selectedFrom = std::min(m_anchor, m_cursor) - row.start;
    const qsizetype selectedTo = std::max(m_anchor, m_cursor) - row.start;
    if (selectedFrom < selectedTo && selectedTo > 0 && selectedFrom <= row.bytes.size())
        paintStretch(painter, row, std::max(selectedFrom, qsizetype(0)), selectedTo, m_colors.selectionText,
                     m_colors.selection);
    paintRemark(painter, row);
    if (hasCursor && hasFocus())
        painter.fillRect(QRectF(row.x(row.cells.cellOf(m_cursor - row.start)), y, CursorWidth, m_rowHeight),
                         palette().color(QPalette::Text));
    painter.restore();
}

void MetricsView::paintMargin(QPainter &painter, const RowPainting &row) const
{
    painter.setPen(m_colors.marginText);
    const QRect numbers(0, row.y, marginWidth() - m_rowHeight, m_rowHeight);
    painter.drawText(numbers, Qt::AlignRight | Qt::AlignVCenter, QString::number(row.line + 1));

    const int family = m_document.familyOf(row.line);
    const MetricsDocument::Family &own = m_document.family(family);
    if (row.line != int(own.firstLine) || !m_document.isFoldable(family))
        return;
    const QPointF centre(marginWidth() - m_rowHeight / 2.0, row.y + m_rowHeight / 2.0);
    const qreal half = m_rowHeight / 5.0;
    QPolygonF mark;
    if (own.folded)
        mark << QPointF(-half * 0.7, -half) << QPointF(half, 0) << QPointF(-half * 0.7, half);
    else
        mark << QPointF(-half, -half * 0.7) << QPointF(half, -half * 0.7) << QPointF(0, half);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_colors.marginText);
    painter.drawPolygon(mark.translated(centre));
    painter.restore();
}

void MetricsView::paintTokens(QPainter &painter, const RowPainting &row)
{
    lexMetricsLine(row.bytes.first(row.cells.shownBytes()), m_tokens);
    const qsizetype from = row.cells.byteAt(row.firstCell);
    const qsizetype to = row.cells.byteAt(row.lastCell + 1);
    for (const Token &token : m_tokens) {
        if (token.from >= to)
            break;
        if (token.to > from)
            paintStretch(painter, row, token.from, token.to, m_colors.of(token.kind), QColor());
    }
}

void MetricsView::paintStretch(QPainter &painter, const RowPainting &row, qsizetype from, qsizetype to,
                               const QColor &colour, const QColor &ground)
{
    if (ground.isValid()) {
        const qreal left = row.x(row.cells.cellOf(from));
        // A selected newline is one cell, so that one sees that it is.
        const qreal right = row.x(row.cells.cellOf(to) + (to > row.bytes.size() ? 1 : 0));
        painter.fillRect(QRectF(left, row.y, right - left, m_rowHeight), ground);
    }
    painter.setPen(colour);
    row.cells.pieces(from, to, row.firstCell, row.lastCell, m_pieces);
    for (const CellLine::Piece &piece : m_pieces)
        painter.drawText(QPointF(row.x(piece.cell), row.y + m_ascent), piece.text);
}

void MetricsView::paintRemark(QPainter &painter, const RowPainting &row) const
{
    const MetricsDocument::Family &family = m_document.family(m_document.familyOf(row.line));
    QString remark;
    if (row.cells.hiddenBytes() > 0)
        remark = tr("… %1 more in this line").arg(QLocale().formattedDataSize(row.cells.hiddenBytes()));
    if (family.folded)
        remark += u' ' + tr("⋯ %n sample(s)", nullptr, int(family.samples));
    if (remark.isEmpty())
        return;
    const qreal left = row.x(row.cells.cells()) + 2 * m_cellWidth;
    const QRectF room(left, row.y, painter.fontMetrics().horizontalAdvance(remark) + m_cellWidth,
                      m_rowHeight);
    painter.fillRect(room.adjusted(0, 1, 0, -1), m_colors.margin);
    painter.setPen(m_colors.marginText);
    painter.drawText(room, Qt::AlignCenter, remark);
}

} // namespace ExporterProxy
