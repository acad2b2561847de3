// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/details/metricsview.h"

#include "gui/icons/colors.h"
#include "gui/model/apptexts.h"

#include <algorithm>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFontDatabase>
#include <QMenu>
#include <QPainter>
#include <QPaintEvent>
#include <QPalette>
#include <QScrollBar>

namespace ExporterProxy::Monitor {

namespace {

/// The rows of a wheel's notch, three as usual.
constexpr int WheelRows = 3;

/// The cells left free when the cursor scrolls the view sideways, so that the next ones are visible.
constexpr int SidewaysReserve = 4;

/// Finds the same place in another version of the text, by line number.
struct LinePlace
{
    int line;
    qsizetype byte;

    LinePlace(const MetricsDocument &document, qsizetype at)
        : line(document.lineOf(at))
        , byte(document.lines() > 0 ? at - document.lineStart(line) : 0)
    {
    }

    qsizetype in(const MetricsDocument &document) const
    {
        if (line >= document.lines())
            return document.text().size();
        return document.lineStart(line) + std::min(byte, document.line(line).size());
    }
};

/// Between the margin and the text, in pixels.
constexpr int TextGap = 4;

constexpr int CursorWidth = 2;

/// The interval in which a selection grows while the mouse is outside of the view.
constexpr int DragScrollMs = 40;

struct Hue
{
    QRgb onLight;
    QRgb onDark;
};

/// By TokenKind. Names are bright, punctuation and comments are dim.
constexpr std::array<Hue, TokenKindCount> Hues = {{
    {0xff5c6166, 0xff9aa0a6}, // Punctuation
    {0xff5f6368, 0xff9aa5a0}, // Comment
    {0xff8a2be2, 0xffc9a0ff}, // Keyword
    {0xff7a4b00, 0xffe5b567}, // TypeWord
    {0xff0b4f9e, 0xff7fb8ff}, // MetricName
    {0xff006b5e, 0xff63d1c0}, // LabelName
    {0xff8f3a00, 0xfff0a878}, // LabelValue
    {0xff101418, 0xfff2f4f6}, // Value
    {0xff6a5acd, 0xffb3a8f0}, // SampleTime
}};

} // namespace

MetricsView::MetricsView(QWidget *parent)
    : QAbstractScrollArea(parent)
    , m_colors(palette())
{
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Metrics text"));
    viewport()->setCursor(Qt::IBeamCursor);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
    verticalScrollBar()->setSingleStep(1);
    horizontalScrollBar()->setSingleStep(WheelRows);
    measureFont();
    updateScrollBars();
}

void MetricsView::setText(const QByteArray &text)
{
    m_document.setText(text);
    const bool hadSelection = hasSelection();
    m_anchor = m_cursor = 0;
    m_wantedCell = -1;
    updateScrollBars();
    verticalScrollBar()->setValue(0);
    horizontalScrollBar()->setValue(0);
    m_currentMatch = -1;
    runSearch();
    viewport()->update();
    if (hadSelection)
        Q_EMIT selectionChanged();
}

void MetricsView::updateText(const QByteArray &text)
{
    if (text == m_document.text()) // a cut text is never equal and is set again
        return;
    if (m_document.lines() == 0)
        return setText(text);
    const LinePlace anchor(m_document, m_anchor);
    const LinePlace cursor(m_document, m_cursor);
    const int topLine = m_document.lineOfRow(topRow());
    const int topFamily = m_document.familyOf(topLine);
    const int intoFamily = topLine - int(m_document.family(topFamily).firstLine);
    const QByteArray topName = m_document.familyName(topFamily).toByteArray();
    const LinePlace match(m_document, m_currentMatch < 0 ? 0 : m_matches[std::size_t(m_currentMatch)].from);

    m_document.setText(text);
    m_anchor = anchor.in(m_document);
    m_cursor = cursor.in(m_document);
    updateScrollBars();
    if (m_document.lines() > 0) {
        int line = std::min(topLine, m_document.lines() - 1);
        // Families may have been added or removed before it.
        if (const int family = m_document.findFamily(topName); family >= 0) {
            const MetricsDocument::Family &found = m_document.family(family);
            line = int(found.firstLine) + std::min(intoFamily, int(found.lines) - 1);
        }
        verticalScrollBar()->setValue(m_document.rowOfLine(line));
    }
    const bool hadMatch = m_currentMatch >= 0;
    runSearch();
    if (hadMatch && !m_matches.empty()) {
        m_currentMatch = std::min(firstMatchFrom(match.in(m_document)), matchCount() - 1);
        Q_EMIT matchesChanged();
    }
    viewport()->update();
}

// Searching

void MetricsView::setSearch(const QString &wanted, Qt::CaseSensitivity sensitivity)
{
    if (wanted == m_wanted && sensitivity == m_sensitivity)
        return;
    m_wanted = wanted;
    m_sensitivity = sensitivity;
    // While a word is typed, its beginning was the current match, so the search continues from there.
    const qsizetype from = m_currentMatch >= 0 ? qsizetype(m_matches[std::size_t(m_currentMatch)].from)
        : m_document.lines() > 0               ? m_document.lineStart(m_document.lineOfRow(topRow()))
                                               : 0;
    runSearch();
    if (m_matches.empty())
        return;
    goToMatch(firstMatchFrom(from) % matchCount());
}

int MetricsView::firstMatchFrom(qsizetype byte) const
{
    const auto found = std::ranges::lower_bound(m_matches, byte, {},
                                                [](const TextMatch &match) { return qsizetype(match.from); });
    return int(found - m_matches.begin());
}

void MetricsView::runSearch()
{
    m_matches = findAll(m_document.text(), m_wanted, m_sensitivity);
    m_currentMatch = -1;
    viewport()->update();
    Q_EMIT matchesChanged();
}

void MetricsView::stepMatch(int step)
{
    if (m_matches.empty())
        return;
    const int count = matchCount();
    if (m_currentMatch < 0)
        goToMatch(step > 0 ? 0 : count - 1);
    else
        goToMatch((m_currentMatch + step + count) % count);
}

void MetricsView::goToMatch(int match)
{
    m_currentMatch = match;
    const TextMatch &found = m_matches[std::size_t(match)];
    const int line = m_document.lineOf(found.from);
    setFolded(m_document.familyOf(line), false);
    // Shows the end first, so that the beginning is visible if both do not fit.
    moveCursor(qsizetype(found.from) + found.size, false);
    moveCursor(found.from, false);
    viewport()->update();
    Q_EMIT matchesChanged();
}

// Folding

void MetricsView::setFolded(int family, bool folded)
{
    if (family < 0 || family >= m_document.families() || m_document.family(family).folded == folded)
        return;
    m_document.setFolded(family, folded);
    afterFolding();
}

void MetricsView::setAllFolded(bool folded)
{
    if (m_document.lines() == 0)
        return m_document.setAllFolded(folded);
    const int topLine = m_document.lineOfRow(topRow());
    m_document.setAllFolded(folded);
    afterFolding();
    verticalScrollBar()->setValue(m_document.rowOfLine(topLine));
}

void MetricsView::afterFolding()
{
    updateScrollBars();
    viewport()->update();
}

// Cursor and selection

QByteArray MetricsView::selectedText() const
{
    const qsizetype from = std::min(m_anchor, m_cursor);
    return m_document.text().mid(from, std::max(m_anchor, m_cursor) - from);
}

void MetricsView::selectAll()
{
    m_anchor = 0;
    m_cursor = m_document.text().size();
    viewport()->update();
    Q_EMIT selectionChanged();
}

void MetricsView::copySelection() const
{
    if (hasSelection())
        QApplication::clipboard()->setText(QString::fromUtf8(selectedText()));
}

void MetricsView::copyAll() const
{
    QApplication::clipboard()->setText(QString::fromUtf8(m_document.text()));
}

void MetricsView::goToLine(int line)
{
    if (line < 0 || line >= m_document.lines())
        return;
    setFolded(m_document.familyOf(line), false);
    moveCursor(m_document.lineStart(line), false);
}

void MetricsView::moveCursor(qsizetype byte, bool select)
{
    const bool had = hasSelection();
    m_cursor = std::clamp(byte, qsizetype(0), m_document.text().size());
    if (!select)
        m_anchor = m_cursor;
    m_wantedCell = -1;
    showCursor();
    viewport()->update();
    if (had || hasSelection())
        Q_EMIT selectionChanged();
}

void MetricsView::moveCursorByRows(int rows, bool select)
{
    if (m_document.lines() == 0)
        return;
    const int line = cursorLine();
    const CellLine from(m_document.line(line));
    const int cell = m_wantedCell >= 0 ? m_wantedCell : from.cellOf(m_cursor - m_document.lineStart(line));
    const int row = std::clamp(m_document.rowOfLine(line) + rows, 0, m_document.rows() - 1);
    const int wantedLine = m_document.lineOfRow(row);
    const CellLine to(m_document.line(wantedLine));
    moveCursor(m_document.lineStart(wantedLine) + to.byteAt(cell), select);
    m_wantedCell = cell;
}

void MetricsView::showCursor()
{
    if (m_document.lines() == 0)
        return;
    const int line = cursorLine();
    const int row = m_document.rowOfLine(line);
    QScrollBar &rows = *verticalScrollBar();
    if (row < rows.value())
        rows.setValue(row);
    else if (row >= rows.value() + visibleRows())
        rows.setValue(row - visibleRows() + 1);

    const int cell = CellLine(m_document.line(line)).cellOf(m_cursor - m_document.lineStart(line));
    QScrollBar &cells = *horizontalScrollBar();
    if (cell < cells.value())
        cells.setValue(std::max(0, cell - SidewaysReserve));
    else if (cell >= cells.value() + cells.pageStep())
        cells.setValue(cell - cells.pageStep() + SidewaysReserve);
}

void MetricsView::selectWord(qsizetype byte)
{
    if (m_document.lines() == 0)
        return;
    const int line = m_document.lineOf(byte);
    const qsizetype start = m_document.lineStart(line);
    lexMetricsLine(m_document.line(line), m_tokens);
    for (const Token &token : m_tokens) {
        if (byte - start >= token.from && byte - start < token.to) {
            m_anchor = start + token.from;
            moveCursor(start + token.to, true);
            return;
        }
    }
}

// Geometry

void MetricsView::measureFont()
{
    const QFontMetricsF metrics(font());
    // Measured over many, because the rounding of a single one would add up along a line.
    constexpr int Many = 100;
    m_cellWidth = std::max(1.0, metrics.horizontalAdvance(QString(Many, u'0')) / Many);
    m_rowHeight = std::max(1, int(std::ceil(metrics.height())) + 1);
    m_ascent = int(std::ceil(metrics.ascent()));
}

int MetricsView::marginWidth() const
{
    const auto digits = QString::number(std::max(999, m_document.lines())).size();
    return int(m_cellWidth * double(digits + 1)) + m_rowHeight;
}

int MetricsView::visibleRows() const
{
    return std::max(1, viewport()->height() / m_rowHeight);
}

int MetricsView::topRow() const
{
    return verticalScrollBar()->value();
}

void MetricsView::updateScrollBars()
{
    verticalScrollBar()->setPageStep(visibleRows());
    verticalScrollBar()->setRange(0, std::max(0, m_document.rows() - visibleRows()));
    const int cells = std::max(1, int((viewport()->width() - marginWidth()) / m_cellWidth) - 1);
    // A character takes no more cells than bytes. The rest is room for the remarks behind a line.
    constexpr int RemarkCells = 40;
    const int longest = int(std::min(m_document.longestLine(), MaxShownLine)) + RemarkCells;
    horizontalScrollBar()->setPageStep(cells);
    horizontalScrollBar()->setRange(0, longest - RemarkCells > cells ? longest - cells : 0);
}

qsizetype MetricsView::byteAt(QPoint position) const
{
    if (m_document.lines() == 0)
        return 0;
    const int row = topRow() + int(std::floor(double(position.y()) / m_rowHeight));
    if (row >= m_document.rows())
        return m_document.text().size();
    const int line = m_document.lineOfRow(std::max(0, row));
    const double cell = (position.x() - marginWidth()) / m_cellWidth + horizontalScrollBar()->value();
    return m_document.lineStart(line) + CellLine(m_document.line(line)).byteAt(int(std::floor(cell + 0.3)));
}

struct MetricsView::RowPainting
{
    qreal x(int cell) const { return left + (cell - firstCell) * cellWidth; }

    QByteArrayView bytes;
    CellLine cells;
    int line;
    qsizetype start; ///< byte of the text
    int y;
    qreal cellWidth;
    qreal left = 0; ///< x of the first visible cell
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
    const QByteArrayView bytes = m_document.line(line);
    RowPainting row{bytes, CellLine(bytes), line, m_document.lineStart(line), y, m_cellWidth};
    row.left = marginWidth() + TextGap;
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
    const auto end = [](const TextMatch &match) { return qsizetype(match.from) + match.size; };
    auto match = std::ranges::upper_bound(m_matches, from, {}, end);
    const TextMatch *current = nullptr;
    for (; match != m_matches.end() && qsizetype(match->from) < to; ++match) {
        const qsizetype begin = qsizetype(match->from) - row.start;
        const qreal left = row.x(row.cells.cellOf(begin));
        const qreal right = row.x(row.cells.cellOf(begin + match->size));
        painter.fillRect(QRectF(left, y, right - left, m_rowHeight), m_colors.match);
        if (match - m_matches.begin() == m_currentMatch)
            current = &*match;
    }
    paintTokens(painter, row);
    if (current)
        paintStretch(painter, row, qsizetype(current->from) - row.start, end(*current) - row.start,
                     m_colors.currentMatchText, m_colors.currentMatch);
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
        // A selected newline is painted as one cell, so that it is visible.
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
        remark = tr("… %1 more in this line").arg(AppTexts::size(row.cells.hiddenBytes()));
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

bool MetricsView::event(QEvent *event)
{
    // The window uses the same keys for its table. While this has the focus they act on the text.
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

    if (event->matches(QKeySequence::Copy))
        return copySelection();
    if (event->matches(QKeySequence::SelectAll))
        return selectAll();
    switch (event->key()) {
    case Qt::Key_Up:
        return moveCursorByRows(-1, select);
    case Qt::Key_Down:
        return moveCursorByRows(1, select);
    case Qt::Key_PageUp:
        return moveCursorByRows(-visibleRows(), select);
    case Qt::Key_PageDown:
        return moveCursorByRows(visibleRows(), select);
    case Qt::Key_Home:
        return moveCursor(control ? 0 : start, select);
    case Qt::Key_End:
        return moveCursor(control ? m_document.text().size() : start + cells.shownBytes(), select);
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
        if (!control)
            return setFolded(family, event->key() == Qt::Key_Minus);
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (family >= 0)
            setFolded(family, !m_document.family(family).folded);
        return;
    case Qt::Key_F3:
        return stepMatch(select ? -1 : 1);
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
        mousePressEvent(event); // two quick clicks on a fold mark fold and unfold
}

void MetricsView::timerEvent(QTimerEvent *event)
{
    if (event->timerId() != m_dragScroll.timerId())
        return QAbstractScrollArea::timerEvent(event);
    moveCursor(byteAt(m_dragAt), true); // also scrolls
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

MetricsColors::MetricsColors(const QPalette &palette)
    : ground(palette.color(QPalette::Base))
{
    const QColor text = palette.color(QPalette::Text);
    const bool dark = contrastRatio(ground, Qt::white) > contrastRatio(ground, Qt::black);
    margin = mixed(text, ground, 0.05);
    currentLine = mixed(text, ground, 0.07);
    match = dark ? QColor(0x4a, 0x40, 0x10) : QColor(0xff, 0xf1, 0xa8);
    currentMatch = dark ? QColor(0xff, 0xc1, 0x4d) : QColor(0xb3, 0x4a, 0x00);
    currentMatchText = readableColor(dark ? Qt::black : Qt::white, {currentMatch});
    marginText = readableColor(mixed(text, ground, 0.55), {margin, currentLine});
    selection = palette.color(QPalette::Highlight);
    selectionText = palette.color(QPalette::HighlightedText);
    for (std::size_t i = 0; i < TokenKindCount; ++i)
        tokens[i] = readableColor(QColor::fromRgb(dark ? Hues[i].onDark : Hues[i].onLight),
                                  {ground, currentLine, match});
}

} // namespace ExporterProxy::Monitor
