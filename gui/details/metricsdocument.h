// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QSet>
#include <QString>
#include <vector>

namespace ExporterProxy::Monitor {

/// How much of a text is held for showing. Nobody reads further, and every refresh pays for all of it.
inline constexpr qsizetype MaxShownText = 16 * 1024 * 1024;

/// A text of metrics by lines and families, with families folded or not. "Lines" are those of the text,
/// "rows" those that are shown: a folded family is one row. Any bytes are taken. Building is linear in the
/// text's size; a row is found in the logarithm of the number of families.
class MetricsDocument
{
public:
    /// Lines that belong together: HELP, TYPE and the samples behind them.
    struct Family
    {
        quint32 firstLine = 0;
        quint32 lines = 0;
        quint32 samples = 0;
        quint32 nameFrom = 0; ///< byte of the text
        quint32 nameSize = 0; ///< 0: lines before the first family
        bool folded = false;
    };

    /// Takes the text over, or its whole lines that fit into MaxShownText; foldings stay by the families'
    /// names.
    void setText(const QByteArray &text);

    const QByteArray &text() const { return m_text; }
    bool isCut() const { return m_cut; }

    int lines() const { return int(m_lineStarts.size()) - 1; }
    /// Without its newline.
    QByteArrayView line(int line) const;
    qsizetype lineStart(int line) const { return m_lineStarts[std::size_t(line)]; }
    /// The line that holds this byte; the last one for a byte behind the end.
    int lineOf(qsizetype byte) const;
    /// Bytes of the longest line.
    qsizetype longestLine() const { return m_longest; }

    int families() const { return int(m_families.size()); }
    const Family &family(int family) const { return m_families[std::size_t(family)]; }
    QByteArrayView familyName(int family) const;
    int familyOf(int line) const;
    /// The first family of that name; -1: none.
    int findFamily(QByteArrayView name) const;
    /// A family of one line has nothing to fold.
    bool isFoldable(int family) const { return m_families[std::size_t(family)].lines > 1; }

    int rows() const { return int(m_rowStarts.back()); }
    int lineOfRow(int row) const;
    int rowOfLine(int line) const;

    void setFolded(int family, bool folded);
    void setAllFolded(bool folded);

private:
    void splitLines();
    void findFamilies();
    void countRows();
    bool isFoldedByName(int family) const;

    QByteArray m_text;
    std::vector<quint32> m_lineStarts = {0}; ///< one more than there are lines
    std::vector<Family> m_families;
    std::vector<quint32> m_rowStarts = {0}; ///< by family, and the number of rows
    QSet<QByteArray> m_exceptions; ///< families folded otherwise than m_foldAll says
    qsizetype m_longest = 0;
    bool m_foldAll = false;
    bool m_cut = false;
};

/// A place where the wanted text was found, in bytes.
struct TextMatch
{
    quint32 from;
    quint32 size;
};

/// All places of `wanted` in a text of any bytes, in order, none overlapping, none across a newline. Nothing
/// for an empty text. A letter beyond ASCII is found in both cases too. A few hundredths of a second for
/// 16 MiB.
std::vector<TextMatch> findAll(QByteArrayView text, const QString &wanted, Qt::CaseSensitivity sensitivity);

} // namespace ExporterProxy::Monitor
