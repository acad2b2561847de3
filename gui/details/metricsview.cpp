// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/details/metricsview.h"

#include <algorithm>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFontDatabase>
#include <QMenu>
#include <QScrollBar>

namespace ExporterProxy {

namespace {

/// A wheel's notch; three rows as everywhere.
constexpr int WheelRows = 3;

/// Cells left free when the cursor has scrolled the view sideways, so that one sees what comes.
constexpr int SidewaysReserve = 4;

/// The same place in another version of the text: on the line of that number.
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
    if (text == m_document.text()) // what is cut is never equal, and is looked at anew
        return;
    if (m_document.lines() == 0) {
        setText(text);
        return;
    }
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
        // Families before it may have come and gone.
        if (const int family = m_document.findFamily(topName); family >= 0) {
            const MetricsDocument::Family &found = m_document.family(family);
            line = int(found.firstLine) + std::min(intoFamily, int(found.lines) - 1);
        }
        verticalScrollBar()->setValue(m_document.rowOfLine(line));
    }
    const bool hadMatch = m_currentMatch >= 0;
    runSearch();
    if (hadMatch && !m_matches.empty()) {
        const auto behind = std::lower_bound(
            m_matches.begin(), m_matches.end(), match.in(m_document),
            [](const TextMatch &found, qsizetype wanted) { return qsizetype(found.from) < wanted; });
        m_currentMatch = std::min(int(behind - m_matches.begin()), matchCount() - 1);
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
    // While a word is being typed, its beginning was the match: the longer word is looked for from there.
    const qsizetype from = m_currentMatch >= 0 ? qsizetype(m_matches[std::size_t(m_currentMatch)].from)
        : m_document.lines() > 0               ? m_document.lineStart(m_document.lineOfRow(topRow()))
                                               : 0;
    runSearch();
    if (m_matches.empty())
        return;
    const auto behind = std::lower_bound(
        m_matches.begin(), m_matches.end(), from,
        [](const TextMatch &found, qsizetype wantedFrom) { return qsizetype(found.from) < wantedFrom; });
    goToMatch(behind == m_matches.end() ? 0 : int(behind - m_matches.begin()));
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
    // Its end first, so that its beginning is visible in the end.
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
    if (m_document.lines() == 0) {
        m_document.setAllFolded(folded);
        return;
    }
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
    // Over many: what a single one is rounded to would add up along a line.
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
    // A character takes no more cells than bytes. Room for the remarks behind a line.
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

} // namespace ExporterProxy
