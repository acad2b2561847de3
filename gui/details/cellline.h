// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>
#include <QString>
#include <vector>

namespace ExporterProxy::Monitor {

/// The bytes of a line that are shown. A longer line is cut with a remark: without a bound, a line of a
/// megabyte would be decoded at every repaint.
inline constexpr qsizetype MaxShownLine = 64 * 1024;

/// A line of any bytes on a grid of cells, as a terminal shows it: in the order of its bytes,
/// whatever they are. Each character stands for itself, so that neither bidirectional controls nor
/// right-to-left letters can turn an order around. Controls appear as Unicode's pictures of them (U+2400 …),
/// invalid UTF-8 and line breaks as U+FFFD, a tab as a blank.
class CellLine
{
public:
    /// `line` must outlive this object.
    explicit CellLine(QByteArrayView line);

    int cells() const { return m_cells; }
    qsizetype shownBytes() const { return m_line.size(); }
    qsizetype hiddenBytes() const { return m_hidden; }

    /// The cell in which the character of this byte begins; the end for a byte behind the shown ones.
    int cellOf(qsizetype byte) const;
    /// The first byte of the character in this cell; the end of the shown bytes for a cell behind them.
    qsizetype byteAt(int cell) const;
    /// The first byte of the next or previous character.
    qsizetype nextByte(qsizetype byte) const;
    qsizetype previousByte(qsizetype byte) const;

    /// A piece to paint in one go: plain ASCII, or a single character with its combining ones.
    struct Piece
    {
        QString text;
        int cell;
    };
    /// Writes to `out` the part of the bytes [from, to) in the cells from `firstCell` to `lastCell`.
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
