// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui/details/cellline.h"
#include "gui/details/metricsdocument.h"
#include "gui/details/metricslexer.h"

#include <array>
#include <QAbstractScrollArea>
#include <QBasicTimer>
#include <QColor>

class QPalette;

namespace ExporterProxy::Monitor {

/// The colours of the metrics text, made from a light or dark palette. Every colour of text is readable
/// (contrast at least 4.5:1) on its ground and on that of a match.
struct MetricsColors
{
    explicit MetricsColors(const QPalette &palette);

    const QColor &of(TokenKind kind) const { return tokens[std::size_t(kind)]; }

    std::array<QColor, TokenKindCount> tokens;
    QColor ground;
    QColor margin; ///< ground of the line numbers
    QColor marginText;
    QColor currentLine; ///< ground of the line with the cursor
    QColor match; ///< ground of a found text
    QColor currentMatch; ///< ground of the current match
    QColor currentMatchText;
    QColor selection;
    QColor selectionText;
};

/// Shows a text of metrics: numbered, highlighted, families foldable, searchable. Read only.
///
/// Only the visible rows are split into tokens, so a text of MaxShownText costs only its splitting into
/// lines. Any bytes are shown in their order (see CellLine). Keyboard: arrows, Page, Home and End move a
/// cursor, with Shift they select; Ctrl+A, Ctrl+C; plus, minus and Return unfold and fold the family under
/// the cursor; F3 and Shift+F3 go to the next match and the previous one. Main thread.
class MetricsView : public QAbstractScrollArea
{
    Q_OBJECT

public:
    explicit MetricsView(QWidget *parent = nullptr);

    /// Shows another text from its beginning.
    void setText(const QByteArray &text);
    /// Shows a newer version of the same text. The top row, cursor, selection and foldings stay on their
    /// lines. The same text again costs nothing.
    void updateText(const QByteArray &text);
    const MetricsDocument &document() const { return m_document; }

    /// Searches for a text and goes to its first match behind the top of the view. An empty text matches
    /// nothing.
    void setSearch(const QString &wanted, Qt::CaseSensitivity sensitivity);
    void findNext() { stepMatch(1); }
    void findPrevious() { stepMatch(-1); }
    int matchCount() const { return int(m_matches.size()); }
    /// The number of the current match, from 1; 0 if there is none.
    int currentMatch() const { return m_currentMatch + 1; }

    void foldAll() { setAllFolded(true); }
    void unfoldAll() { setAllFolded(false); }
    void setFolded(int family, bool folded);

    bool hasSelection() const { return m_anchor != m_cursor; }
    /// The selected bytes.
    QByteArray selectedText() const;
    void selectAll();
    /// Copies the selection, or the whole shown text, to the clipboard.
    void copySelection() const;
    void copyAll() const;

    /// The line of the cursor, from 0.
    int cursorLine() const { return m_document.lineOf(m_cursor); }
    int topRow() const;
    /// Moves the cursor to a line and makes it visible; unfolds its family.
    void goToLine(int line);

    QSize sizeHint() const override { return {640, 320}; }

Q_SIGNALS:
    /// Emitted if the matches or the current one have changed.
    void matchesChanged();
    void selectionChanged();

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void timerEvent(QTimerEvent *event) override;
    void changeEvent(QEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    struct RowPainting; // the values for painting one row

    void measureFont();
    void updateScrollBars();
    int marginWidth() const;
    int visibleRows() const;
    void paintRow(QPainter &painter, int row, int y);
    void paintMargin(QPainter &painter, const RowPainting &row) const;
    void paintTokens(QPainter &painter, const RowPainting &row);
    void paintStretch(QPainter &painter, const RowPainting &row, qsizetype from, qsizetype to,
                      const QColor &colour, const QColor &ground);
    void paintRemark(QPainter &painter, const RowPainting &row) const;

    qsizetype byteAt(QPoint position) const;
    void moveCursor(qsizetype byte, bool select);
    void moveCursorByRows(int rows, bool select);
    void showCursor();
    void selectWord(qsizetype byte);
    void setAllFolded(bool folded);
    void afterFolding();
    int firstMatchFrom(qsizetype byte) const; ///< matchCount() if there is none behind it
    void runSearch();
    void stepMatch(int step);
    void goToMatch(int match);

    MetricsDocument m_document;
    MetricsColors m_colors;
    std::vector<Token> m_tokens; ///< a member only to reuse its memory
    std::vector<CellLine::Piece> m_pieces; ///< likewise
    qreal m_cellWidth = 8;
    int m_rowHeight = 16;
    int m_ascent = 12;
    qsizetype m_anchor = 0; ///< byte where the selection begins
    qsizetype m_cursor = 0; ///< byte where it ends
    int m_wantedCell = -1; ///< the cell to return to on a longer line; -1 for that of the cursor
    QString m_wanted;
    Qt::CaseSensitivity m_sensitivity = Qt::CaseInsensitive;
    std::vector<TextMatch> m_matches;
    int m_currentMatch = -1;
    QBasicTimer m_dragScroll; ///< runs while the mouse selects outside of the view
    QPoint m_dragAt;
};

} // namespace ExporterProxy::Monitor
