// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/settingsnames.h"

#include "common/settings/settingsfields.h"
#include "common/util/showntext.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace ExporterProxy {

namespace {

QStringList sections()
{
    QStringList names;
    for (const auto &field : settingsFields())
        names << field.section;
    names.removeDuplicates();
    return names;
}

QStringList keysOf(const QString &section)
{
    QStringList keys;
    if (section == EndpointSection) {
        for (const auto &field : pollEndpointFields())
            keys << field.key;
        return keys;
    }
    if (section.startsWith(FreshnessSection + u'.')) {
        for (const auto &field : freshnessOverrideFields())
            keys << field.key;
        return keys;
    }
    for (const auto &field : settingsFields()) {
        if (field.section == section)
            keys << field.key;
    }
    if (section == FreshnessSection)
        keys << FreshnessPushKey << FreshnessPollKey << FreshnessAppKey;
    if (section == PollSection)
        keys << EndpointKey;
    return keys;
}

/// Whether one name is the other with words before or after it: "timeout" and "message_timeout".
bool isPartOf(const QString &a, const QString &b)
{
    const auto &[shorter, longer] = std::minmax(
        a, b, [](const QString &left, const QString &right) { return left.size() < right.size(); });
    return !shorter.isEmpty() && (longer.endsWith(u'_' + shorter) || longer.startsWith(shorter + u'_'));
}

/// The key that was probably meant, preceded by its section if that is not `section`.
QString meantKey(const QString &section, const QString &key)
{
    const QStringList own = keysOf(section);
    QStringList others;
    for (const QString &other : sections()) {
        if (other != section) {
            for (const QString &candidate : keysOf(other)) {
                if (candidate == key)
                    return other + u'.' + candidate;
                others << candidate;
            }
        }
    }
    if (QString nearest = nearestWord(key, own); !nearest.isEmpty())
        return nearest;
    QStringList parts;
    std::copy_if(own.begin(), own.end(), std::back_inserter(parts),
                 [&key](const QString &candidate) { return isPartOf(key, candidate); });
    if (parts.size() == 1)
        return parts.front();
    if (const QString nearest = nearestWord(key, others); !nearest.isEmpty())
        return meantKey(section, nearest); // which finds its section
    return {};
}

QString withProposal(const QString &text, const QString &proposal)
{
    return proposal.isEmpty()
        ? text
        : QString(text + QStringLiteral("; did you mean \"") + proposal + QStringLiteral("\"?"));
}

QString folded(QStringView word)
{
    return word.toString().toLower().replace(u'-', u'_');
}

} // namespace

QString unknownKeyText(const QString &section, const QString &key)
{
    const QString name = section.isEmpty() ? key : QString(section + u'.' + key);
    return withProposal(QStringLiteral("unknown key ") + quotedText(name), meantKey(section, key));
}

QString unknownSectionText(const QString &section)
{
    QString meant = nearestWord(section, sections());
    if (meant.isEmpty() && section == EndpointKey)
        meant = EndpointSection;
    return withProposal(QStringLiteral("unknown section ") + quotedText(section), meant);
}

bool isKnownSection(QStringView section)
{
    return sections().contains(section);
}

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
        // Checked first, because the word may be a megabyte long.
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
