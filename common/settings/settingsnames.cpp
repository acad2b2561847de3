// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/settingsnames.h"

#include "common/settings/settingsfields.h"
#include "common/util/editdistance.h"
#include "common/util/showntext.h"

#include <algorithm>

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

/// The key that was probably meant, with its section unless that is `section`.
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

} // namespace ExporterProxy
