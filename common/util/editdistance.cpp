// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/editdistance.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace ExporterProxy {

namespace {

QString folded(QStringView word)
{
    return word.toString().toLower().replace(u'-', u'_');
}

} // namespace

qsizetype editDistance(QStringView a, QStringView b)
{
    const auto width = std::size_t(b.size()) + 1;
    std::vector<qsizetype> beforeLast(width);
    std::vector<qsizetype> last(width);
    std::vector<qsizetype> row(width);
    for (std::size_t j = 0; j < width; ++j)
        last[j] = qsizetype(j);
    for (qsizetype i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (qsizetype j = 1; j <= b.size(); ++j) {
            const auto at = std::size_t(j);
            const bool same = a[i - 1] == b[j - 1];
            row[at] = std::min({last[at] + 1, row[at - 1] + 1, last[at - 1] + (same ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[at] = std::min(row[at], beforeLast[at - 2] + 1);
        }
        std::swap(beforeLast, last);
        std::swap(last, row);
    }
    return last.back();
}

QString nearestWord(QStringView word, const QStringList &candidates)
{
    QString nearest;
    qsizetype nearestDistance = 0;
    for (const QString &candidate : candidates) {
        const qsizetype allowed = std::max<qsizetype>(1, candidate.size() / 3);
        // Before anything is copied or compared: the word may be a megabyte of rubbish.
        if (std::abs(word.size() - candidate.size()) > allowed)
            continue;
        const qsizetype distance = editDistance(folded(word), folded(candidate));
        if (distance > allowed || distance >= std::min(word.size(), candidate.size()))
            continue;
        if (nearest.isEmpty() || distance < nearestDistance) {
            nearest = candidate;
            nearestDistance = distance;
        }
    }
    return nearest;
}

} // namespace ExporterProxy
