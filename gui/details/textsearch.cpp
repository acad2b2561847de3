// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/details/textsearch.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace ExporterProxy {

namespace {

using Folding = std::array<unsigned char, 256>;

Folding foldingFor(Qt::CaseSensitivity sensitivity)
{
    Folding folding;
    for (std::size_t i = 0; i < folding.size(); ++i) {
        const bool upper = i >= 'A' && i <= 'Z';
        folding[i] = static_cast<unsigned char>(upper && sensitivity == Qt::CaseInsensitive ? i + 32 : i);
    }
    return folding;
}

/// Horspool's search, over bytes whose case may not matter: skips most of the text.
std::vector<TextMatch> findBytes(QByteArrayView text, const QByteArray &wanted,
                                 Qt::CaseSensitivity sensitivity)
{
    const Folding folding = foldingFor(sensitivity);
    const auto fold = [&folding](char c) { return folding[static_cast<unsigned char>(c)]; };
    const qsizetype size = wanted.size();
    QByteArray needle(size, Qt::Uninitialized);
    for (qsizetype i = 0; i < size; ++i)
        needle[i] = char(fold(wanted[i]));
    std::array<qsizetype, 256> skips;
    skips.fill(size);
    for (qsizetype i = 0; i + 1 < size; ++i)
        skips[static_cast<unsigned char>(needle[i])] = size - 1 - i;

    std::vector<TextMatch> matches;
    const char *const data = text.data();
    const char last = needle.back();
    for (qsizetype at = 0; at + size <= text.size();) {
        const unsigned char end = fold(data[at + size - 1]);
        if (end == static_cast<unsigned char>(last)) {
            qsizetype same = 0;
            while (same + 1 < size && fold(data[at + same]) == static_cast<unsigned char>(needle[same]))
                ++same;
            if (same + 1 == size) {
                matches.push_back({quint32(at), quint32(size)});
                at += size;
                continue;
            }
        }
        at += skips[end];
    }
    return matches;
}

bool isAscii(QByteArrayView text)
{
    return std::none_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

/// Letters beyond ASCII may differ in size between their cases: Qt compares, and places are counted back.
void findInLine(QByteArrayView line, qsizetype start, const QString &wanted, std::vector<TextMatch> &matches)
{
    const QString decoded = QString::fromUtf8(line);
    if (decoded.toUtf8().size() != line.size())
        return; // not UTF-8: places in one would not be places in the other
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

} // namespace ExporterProxy
