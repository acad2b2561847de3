// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/details/metricsdocument.h"

#include "gui/details/metricslexer.h"

#include <algorithm>
#include <cstring>
#include <QByteArrayMatcher>

namespace ExporterProxy::Monitor {

void MetricsDocument::setText(const QByteArray &text)
{
    m_cut = text.size() > MaxShownText;
    if (m_cut) {
        // Half a line would look like a sample with another value. Only a line that is longer than the limit
        // is cut.
        const qsizetype end = text.lastIndexOf('\n', MaxShownText - 1);
        m_text = text.left(end < 0 ? MaxShownText : end + 1);
    } else {
        m_text = text;
    }
    splitLines();
    findFamilies();
    countRows();
}

QByteArrayView MetricsDocument::line(int line) const
{
    const qsizetype from = m_lineStarts[std::size_t(line)];
    qsizetype to = m_lineStarts[std::size_t(line) + 1];
    if (to > from && m_text[to - 1] == '\n')
        --to;
    return QByteArrayView(m_text).sliced(from, to - from);
}

int MetricsDocument::lineOf(qsizetype byte) const
{
    const auto after =
        std::ranges::upper_bound(m_lineStarts, byte, {}, [](quint32 start) { return qsizetype(start); });
    return std::clamp(int(after - m_lineStarts.begin()) - 1, 0, std::max(0, lines() - 1));
}

QByteArrayView MetricsDocument::familyName(int family) const
{
    const Family &wanted = m_families[std::size_t(family)];
    return QByteArrayView(m_text).sliced(wanted.nameFrom, wanted.nameSize);
}

int MetricsDocument::familyOf(int line) const
{
    const auto after = std::ranges::upper_bound(m_families, quint32(line), {}, &Family::firstLine);
    return int(after - m_families.begin()) - 1;
}

int MetricsDocument::findFamily(QByteArrayView name) const
{
    for (int i = 0; i < families(); ++i) {
        if (familyName(i) == name)
            return i;
    }
    return -1;
}

int MetricsDocument::lineOfRow(int row) const
{
    const auto after = std::upper_bound(m_rowStarts.begin(), m_rowStarts.end(), quint32(row));
    const auto index = std::size_t(after - m_rowStarts.begin()) - 1;
    return int(m_families[index].firstLine) + row - int(m_rowStarts[index]);
}

int MetricsDocument::rowOfLine(int line) const
{
    const int index = familyOf(line);
    const Family &family = m_families[std::size_t(index)];
    const int start = int(m_rowStarts[std::size_t(index)]);
    return family.folded ? start : start + line - int(family.firstLine);
}

void MetricsDocument::setFolded(int family, bool folded)
{
    Family &wanted = m_families[std::size_t(family)];
    folded = folded && isFoldable(family);
    if (wanted.folded == folded)
        return;
    wanted.folded = folded;
    const QByteArray name = familyName(family).toByteArray();
    if (folded == m_foldAll)
        m_exceptions.remove(name);
    else
        m_exceptions.insert(name);
    countRows();
}

void MetricsDocument::setAllFolded(bool folded)
{
    m_foldAll = folded;
    m_exceptions.clear();
    for (Family &family : m_families)
        family.folded = folded && family.lines > 1;
    countRows();
}

void MetricsDocument::splitLines()
{
    m_lineStarts.assign(1, 0);
    m_longest = 0;
    const char *const begin = m_text.constData();
    const char *const end = begin + m_text.size();
    for (const char *at = begin; at < end;) {
        const void *newline = std::memchr(at, '\n', std::size_t(end - at));
        const char *const next = newline ? static_cast<const char *>(newline) + 1 : end;
        m_longest = std::max(m_longest, qsizetype(next - at));
        m_lineStarts.push_back(quint32(next - begin));
        at = next;
    }
}

void MetricsDocument::findFamilies()
{
    m_families.clear();
    QByteArrayView name;
    bool hasSamples = false;
    for (int i = 0; i < lines(); ++i) {
        const LineSummary summary = summarizeMetricsLine(line(i));
        bool begins = m_families.empty();
        if (summary.kind == LineSummary::Kind::Header)
            begins = begins || summary.name != name || (summary.isHelp && hasSamples);
        else if (summary.kind == LineSummary::Kind::Sample)
            begins = begins || !belongsToFamily(summary.name, name);
        if (begins) {
            name = summary.name;
            hasSamples = false;
            const auto from = name.isEmpty() ? 0 : quint32(name.data() - m_text.constData());
            m_families.push_back({quint32(i), 0, 0, from, quint32(name.size()), false});
        }
        Family &family = m_families.back();
        ++family.lines;
        if (summary.kind == LineSummary::Kind::Sample) {
            ++family.samples;
            hasSamples = true;
        }
    }
    if (!m_foldAll && m_exceptions.isEmpty())
        return;
    for (int i = 0; i < families(); ++i)
        m_families[std::size_t(i)].folded = isFoldable(i) && isFoldedByName(i);
}

void MetricsDocument::countRows()
{
    m_rowStarts.assign(1, 0);
    m_rowStarts.reserve(m_families.size() + 1);
    for (const Family &family : m_families)
        m_rowStarts.push_back(m_rowStarts.back() + (family.folded ? 1 : family.lines));
}

bool MetricsDocument::isFoldedByName(int family) const
{
    if (m_exceptions.isEmpty())
        return m_foldAll;
    const QByteArrayView name = familyName(family);
    const auto raw = QByteArray::fromRawData(name.data(), name.size());
    return m_exceptions.contains(raw) != m_foldAll;
}

namespace {

std::vector<TextMatch> findBytes(QByteArrayView text, const QByteArray &wanted,
                                 Qt::CaseSensitivity sensitivity)
{
    const bool folds = sensitivity == Qt::CaseInsensitive; // of ASCII letters only, which keeps all positions
    const QByteArray folded = folds ? text.toByteArray().toLower() : QByteArray();
    const QByteArrayView searched = folds ? QByteArrayView(folded) : text;
    const QByteArrayMatcher matcher(folds ? wanted.toLower() : wanted);
    std::vector<TextMatch> matches;
    for (qsizetype at = 0; (at = matcher.indexIn(searched, at)) >= 0; at += wanted.size())
        matches.push_back({quint32(at), quint32(wanted.size())});
    return matches;
}

bool isAscii(QByteArrayView text)
{
    return std::none_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

/// Finds texts with letters beyond ASCII, whose two cases may differ in size: Qt compares decoded text, and
/// the positions are converted back to bytes.
void findInLine(QByteArrayView line, qsizetype start, const QString &wanted, std::vector<TextMatch> &matches)
{
    const QString decoded = QString::fromUtf8(line);
    if (decoded.toUtf8().size() != line.size())
        return; // invalid UTF-8, so positions cannot be converted
    qsizetype units = 0;
    qsizetype bytes = 0;
    for (qsizetype at = 0; (at = decoded.indexOf(wanted, at, Qt::CaseInsensitive)) >= 0;
         at += wanted.size()) {
        bytes += QStringView(decoded).sliced(units, at - units).toUtf8().size();
        units = at;
        const qsizetype size = QStringView(decoded).sliced(at, wanted.size()).toUtf8().size();
        matches.push_back({quint32(start + bytes), quint32(size)});
    }
}

} // namespace

std::vector<TextMatch> findAll(QByteArrayView text, const QString &wanted, Qt::CaseSensitivity sensitivity)
{
    if (wanted.isEmpty() || wanted.contains(u'\n'))
        return {};
    const QByteArray bytes = wanted.toUtf8();
    if (sensitivity == Qt::CaseSensitive || isAscii(bytes))
        return findBytes(text, bytes, sensitivity);

    std::vector<TextMatch> matches;
    for (qsizetype start = 0; start < text.size();) {
        qsizetype end = text.indexOf('\n', start);
        if (end < 0)
            end = text.size();
        const QByteArrayView line = text.sliced(start, end - start);
        if (!isAscii(line))
            findInLine(line, start, wanted, matches);
        start = end + 1;
    }
    return matches;
}

} // namespace ExporterProxy::Monitor
