// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>
#include <QString>
#include <vector>

namespace ExporterProxy::Monitor {

/// How many bytes of a line are shown. A longer one is cut with a remark: without a bound, one line of a
/// megabyte would be taken apart anew at every repaint.
inline constexpr qsizetype MaxShownLine = 64 * 1024;

/// A line of any bytes on a grid of cells, as a terminal shows it: in the order of its bytes whatever it
/// holds. Each character stands for itself, so that neither bidirectional controls nor right-to-left letters
/// can turn an order around. Controls appear as Unicode's pictures of them (U+2400 …), what is not UTF-8 or
/// would break a line as U+FFFD, a tab as a blank.
class CellLine
{
public:
    /// `line` must outlive this.
    explicit CellLine(QByteArrayView line);

    int cells() const { return m_cells; }
    qsizetype shownBytes() const { return m_line.size(); }
    qsizetype hiddenBytes() const { return m_hidden; }

    /// The cell in which the character of this byte begins; the end for a byte behind what is shown.
    int cellOf(qsizetype byte) const;
    /// The first byte of the character in this cell; the end of what is shown for a cell behind it.
    qsizetype byteAt(int cell) const;
    /// The next, or the one before: a beginning of a character.
    qsizetype nextByte(qsizetype byte) const;
    qsizetype previousByte(qsizetype byte) const;

    /// A piece to paint in one go: plain ASCII, or a single character with what combines with it.
    struct Piece
    {
        QString text;
        int cell;
    };
    /// What the cells from `firstCell` to `lastCell` show of the bytes [from, to).
    void pieces(qsizetype from, qsizetype to, int firstCell, int lastCell, std::vector<Piece> &out) const;

private:
    struct Character
    {
        quint32 from; ///< byte
        qint32 cell;
        char32_t shown;
    };

    std::size_t indexOfByte(qsizetype byte) const;

    QByteArrayView m_line;
    std::vector<Character> m_characters; ///< empty where bytes and cells are the same
    qsizetype m_hidden = 0;
    int m_cells = 0;
};

} // namespace ExporterProxy::Monitor
