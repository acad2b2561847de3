// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QSet>
#include <QString>
#include <vector>

namespace ExporterProxy::Monitor {

/// The bytes of a text that are shown. A person does not read further, and every refresh costs the whole
/// text.
inline constexpr qsizetype MaxShownText = 16 * 1024 * 1024;

/// A text of metrics by lines and families, with families folded or not. "Lines" are those of the text,
/// "rows" those that are shown: a folded family is one row. Any bytes are accepted. Building is linear in the
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

    /// Replaces the text, cut to the whole lines that fit into MaxShownText. Families of the same name stay
    /// folded.
    void setText(const QByteArray &text);

    const QByteArray &text() const { return m_text; }
    bool isCut() const { return m_cut; }

    int lines() const { return int(m_lineStarts.size()) - 1; }
    /// The bytes of a line without its newline.
    QByteArrayView line(int line) const;
    qsizetype lineStart(int line) const { return m_lineStarts[std::size_t(line)]; }
    /// The line that holds this byte; the last one for a byte behind the end.
    int lineOf(qsizetype byte) const;
    /// The size of the longest line in bytes.
    qsizetype longestLine() const { return m_longest; }

    int families() const { return int(m_families.size()); }
    const Family &family(int family) const { return m_families[std::size_t(family)]; }
    QByteArrayView familyName(int family) const;
    int familyOf(int line) const;
    /// Returns the first family of that name, or -1.
    int findFamily(QByteArrayView name) const;
    /// Returns false for a family of one line.
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
    QSet<QByteArray> m_exceptions; ///< names of the families whose folding differs from m_foldAll
    qsizetype m_longest = 0;
    bool m_foldAll = false;
    bool m_cut = false;
};

/// A match of a search, in bytes.
struct TextMatch
{
    quint32 from;
    quint32 size;
};

/// Finds all matches of `wanted` in a text of any bytes, in order, without overlaps, none across a newline.
/// An empty text matches nothing. Letters beyond ASCII match in both cases too. Takes a few hundredths of a
/// second for 16 MiB.
std::vector<TextMatch> findAll(QByteArrayView text, const QString &wanted, Qt::CaseSensitivity sensitivity);

} // namespace ExporterProxy::Monitor
