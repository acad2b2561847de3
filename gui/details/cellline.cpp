// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/details/cellline.h"

#include "common/util/showntext.h"
#include "common/util/utf8.h"

#include <algorithm>

namespace ExporterProxy::Monitor {

namespace {

bool isPlain(QByteArrayView line)
{
    bool all = true;
    for (const char c : line) // without an early end, so that it becomes vector instructions
        all &= static_cast<unsigned char>(c - ' ') <= '~' - ' ';
    return all;
}

/// The character to show, which always takes its own cell and keeps the order.
char32_t shownFor(const Utf8Char &character)
{
    const char32_t codePoint = character.codePoint;
    if (codePoint == '\t')
        return ' ';
    if (codePoint < 0x20)
        return 0x2400 + codePoint;
    if (codePoint == 0x7F)
        return 0x2421;
    if (!character.valid || isUnsafe(codePoint))
        return ReplacementCharacter;
    return codePoint;
}

/// The line without a tail that is too long, not cut within a character.
QByteArrayView shownPart(QByteArrayView line)
{
    if (line.size() <= MaxShownLine)
        return line;
    qsizetype size = MaxShownLine;
    while (size > MaxShownLine - 4 && (static_cast<unsigned char>(line[size]) & 0xC0) == 0x80)
        --size;
    return line.first(size);
}

} // namespace

CellLine::CellLine(QByteArrayView line)
    : m_line(shownPart(line))
    , m_hidden(line.size() - m_line.size())
{
    if (isPlain(m_line)) {
        m_cells = int(m_line.size());
        return;
    }
    m_characters.reserve(std::size_t(m_line.size()));
    const char *const begin = m_line.data();
    const char *const end = begin + m_line.size();
    for (const char *at = begin; at < end;) {
        const Utf8Char character = decodeUtf8(at, end);
        const char32_t shown = shownFor(character);
        const int width = displayWidth(shown);
        // A character without a cell belongs to the one before it.
        const bool combines = width == 0 && !m_characters.empty();
        m_characters.push_back({quint32(at - begin), combines ? m_characters.back().cell : m_cells, shown});
        m_cells += width;
        at += character.size;
    }
}

std::size_t CellLine::indexOfByte(qsizetype byte) const
{
    const auto after = std::ranges::upper_bound(m_characters, quint32(byte), {}, &Character::from);
    return std::size_t(after - m_characters.begin()) - 1; // the first one is at 0
}

int CellLine::cellOf(qsizetype byte) const
{
    if (byte >= m_line.size())
        return m_cells;
    if (m_characters.empty() || byte < 0)
        return int(std::max(byte, qsizetype(0)));
    return m_characters[indexOfByte(byte)].cell;
}

qsizetype CellLine::byteAt(int cell) const
{
    if (cell >= m_cells)
        return m_line.size();
    if (m_characters.empty() || cell < 0)
        return std::max(cell, 0);
    const auto after = std::ranges::upper_bound(m_characters, cell, {}, &Character::cell);
    auto found = after - 1;
    while (found != m_characters.begin() && (found - 1)->cell == found->cell)
        --found;
    return found->from;
}

qsizetype CellLine::nextByte(qsizetype byte) const
{
    if (byte >= m_line.size())
        return m_line.size();
    if (m_characters.empty())
        return byte + 1;
    std::size_t next = indexOfByte(byte);
    const int cell = m_characters[next].cell;
    while (next < m_characters.size() && m_characters[next].cell == cell)
        ++next;
    return next < m_characters.size() ? qsizetype(m_characters[next].from) : m_line.size();
}

qsizetype CellLine::previousByte(qsizetype byte) const
{
    return byte <= 0 ? 0 : byteAt(cellOf(byte) - 1);
}

void CellLine::pieces(qsizetype from, qsizetype to, int firstCell, int lastCell,
                      std::vector<Piece> &out) const
{
    out.clear();
    to = std::min(to, m_line.size());
    if (from >= to)
        return;
    if (m_characters.empty()) {
        const qsizetype first = std::max(from, qsizetype(firstCell));
        const qsizetype end = std::min(to, qsizetype(lastCell) + 1);
        if (first < end)
            out.push_back({QString::fromLatin1(m_line.sliced(first, end - first)), int(first)});
        return;
    }
    // Begins one character earlier, because a wide one may reach in.
    std::size_t i = std::max(indexOfByte(from), indexOfByte(byteAt(std::max(0, firstCell - 1))));
    bool joins = false;
    for (; i < m_characters.size() && qsizetype(m_characters[i].from) < to; ++i) {
        const Character &character = m_characters[i];
        const bool combines = !out.empty() && displayWidth(character.shown) == 0;
        if (character.cell > lastCell && !combines)
            break;
        const bool ascii = character.shown < 0x7F;
        if (combines || (joins && ascii)) {
            out.back().text += QChar::fromUcs4(character.shown);
        } else {
            out.push_back({QString::fromUcs4(&character.shown, 1), character.cell});
        }
        joins = ascii;
    }
}

} // namespace ExporterProxy::Monitor
