// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/merge/mergefamilies.h"

#include "common/util/bytebuilder.h"

#include <algorithm>
#include <utility>

namespace ExporterProxy {

namespace {

constexpr quint8 OddHistogram = 1;
constexpr quint8 OddSummary = 2;

/// A type that counts against others.
bool isStatedType(FamilyType type)
{
    return type != FamilyType::None && type != FamilyType::Untyped;
}

} // namespace

QByteArray strictHelp(QByteArrayView help)
{
    QByteArray strict;
    strict.reserve(help.size());
    for (const char *at = help.begin(); at != help.end(); ++at) {
        strict += *at;
        if (*at != '\\')
            continue;
        const char next = at + 1 != help.end() ? at[1] : '\0';
        if (next == '\\' || next == 'n')
            strict += *++at;
        else
            strict += '\\';
    }
    return strict;
}

quint32 MergeFamilies::find(QByteArrayView name)
{
    if (const auto known = m_index.find(bytesOf(name)); known != m_index.end())
        return known->second;
    quint32 index = 0;
    if (m_free.empty()) {
        index = quint32(m_families.size());
        m_families.emplace_back(m_isBefore);
    } else {
        index = m_free.back();
        m_free.pop_back();
    }
    Family &family = m_families[index];
    family.name = name.toByteArray();
    family.root = family.name;
    m_index.emplace(bytesOf(family.name), index);
    family.groups = parentOf(family) ? ChildPart : NoPart;
    changed(index);
    return index;
}

const MergeFamilies::Family *MergeFamilies::lookUp(QByteArrayView name) const
{
    const auto known = m_index.find(bytesOf(name));
    return known == m_index.end() ? nullptr : &m_families[known->second];
}

/// The statement's HELP. Thousands of applications have the same one, which is held once.
QByteArray MergeFamilies::sharedHelp(const Shares &shares, Shares::const_iterator at, QByteArrayView help)
{
    if (at != shares.begin() && std::prev(at)->second.help == help)
        return std::prev(at)->second.help;
    if (const auto next = std::next(at); next != shares.end() && next->second.help == help)
        return next->second.help;
    return help.toByteArray();
}

void MergeFamilies::count(Family &family, const Share &share, int change)
{
    const auto by = quint32(change);
    family.oddHistograms += share.odd & OddHistogram ? by : 0;
    family.oddSummaries += share.odd & OddSummary ? by : 0;
    if (!share.hasSamples)
        return;
    family.withSamples += by;
    family.histograms += share.type == FamilyType::Histogram ? by : 0;
    family.summaries += share.type == FamilyType::Summary ? by : 0;
}

void MergeFamilies::changed(quint32 index)
{
    if (!std::exchange(m_families[index].isChanged, true))
        m_changed.push_back(index);
}

void MergeFamilies::regroup(quint32 index)
{
    Family &family = m_families[index];
    const quint8 groups = quint8((family.histograms > 0 ? BucketPart : NoPart)
                                 | (family.histograms + family.summaries > 0 ? SumPart : NoPart)
                                 | (parentOf(family) ? ChildPart : NoPart));
    if (std::exchange(family.groups, groups) != groups)
        m_regrouped.push_back(index);
}

void MergeFamilies::eachChild(const Family &family, auto &&visit) const
{
    for (const std::string_view suffix : ChildSuffixes) {
        const QByteArray name = family.name + QByteArrayView(suffix).toByteArray();
        if (const auto child = m_index.find(bytesOf(name)); child != m_index.end())
            visit(child->second);
    }
}

void MergeFamilies::markRelatives(quint32 index)
{
    regroup(index);
    const Family &family = m_families[index];
    eachChild(family, [this](quint32 child) {
        changed(child);
        regroup(child);
    });
    for (const std::string_view suffix : ChildSuffixes) {
        const QByteArrayView end(suffix);
        if (!family.name.endsWith(end))
            continue;
        const auto parent = m_index.find(bytesOf(QByteArrayView(family.name).chopped(end.size())));
        if (parent != m_index.end())
            changed(parent->second);
    }
}

void MergeFamilies::state(quint32 index, quint32 app, const Statement &statement)
{
    Family &family = m_families[index];
    Shares &shares = family.shares;
    // Mostly the applications come in the order of their names.
    const std::size_t before = shares.size();
    const auto at = shares.try_emplace(shares.end(), app);
    const bool isNew = shares.size() != before;
    Share &share = at->second;
    const quint8 odd = quint8((statement.oddLe || statement.isNegative ? OddHistogram : 0)
                              | (statement.oddQuantile ? OddSummary : 0));
    const bool concernsRelatives =
        isNew || share.type != statement.type || share.odd != odd || share.hasSamples != statement.hasSamples;
    if (!concernsRelatives && share.help == statement.help)
        return;
    if (!isNew)
        count(family, share, -1);
    share = {sharedHelp(shares, at, statement.help), statement.type, statement.hasSamples, odd};
    count(family, share, 1);
    changed(index);
    if (concernsRelatives)
        markRelatives(index);
}

void MergeFamilies::retract(quint32 index, quint32 app)
{
    Family &family = m_families[index];
    const auto share = family.shares.find(app);
    if (share == family.shares.end())
        return;
    count(family, share->second, -1);
    family.shares.erase(share);
    if (family.shares.empty())
        m_unused.push_back(index);
    changed(index);
    markRelatives(index);
}

std::vector<quint32> MergeFamilies::takeChanged()
{
    std::vector<quint32> indexes = std::exchange(m_changed, {});
    for (const quint32 index : indexes)
        m_families[index].isChanged = false;
    return indexes;
}

void MergeFamilies::dropUnused()
{
    for (const quint32 index : std::exchange(m_unused, {})) {
        Family &family = m_families[index];
        if (!family.shares.empty() || family.name.isEmpty())
            continue;
        m_index.erase(bytesOf(family.name));
        family = Family(m_isBefore);
        m_free.push_back(index);
    }
}

const MergeFamilies::Family *MergeFamilies::parentOf(const Family &family) const
{
    for (const std::string_view suffix : ChildSuffixes) {
        const QByteArrayView end(suffix);
        if (!family.name.endsWith(end))
            continue;
        const Family *const parent = lookUp(QByteArrayView(family.name).chopped(end.size()));
        if (parent
            && (parent->histograms > 0 || (parent->summaries > 0 && ownsSuffix(FamilyType::Summary, end))))
            return parent;
    }
    return nullptr;
}

QByteArray MergeFamilies::wantedRoot(quint32 index) const
{
    const Family *const parent = parentOf(m_families[index]);
    return parent ? parent->name : m_families[index].name;
}

bool MergeFamilies::hasOdd(const Family &family, FamilyType type) const
{
    if (type != FamilyType::Histogram && type != FamilyType::Summary)
        return false;
    const auto odd = [type](const Family &of) {
        return type == FamilyType::Histogram ? of.oddHistograms : of.oddSummaries;
    };
    bool isOdd = odd(family) > 0;
    eachChild(family, [&](quint32 child) { isOdd = isOdd || odd(m_families[child]) > 0; });
    return isOdd;
}

MergeFamilies::Heading MergeFamilies::heading(quint32 index) const
{
    const Family &family = m_families[index];
    Heading heading;
    if (family.shares.empty())
        return heading;
    if (const Family *const parent = parentOf(family)) {
        addPartConflicts(family, *parent, heading);
        return heading;
    }
    const bool hasSamples = family.withSamples > 0;
    const auto none = family.shares.cend();
    auto typeWinner = none;
    auto helpWinner = none;
    for (auto at = family.shares.cbegin(); at != none; ++at) {
        const Share &share = at->second;
        if (helpWinner == none && !share.help.isEmpty())
            helpWinner = at;
        // Who sends a TYPE and no samples does not decide what those of others are.
        if (share.hasSamples == hasSamples
            && (typeWinner == none ? share.type != FamilyType::None
                                   : !isStatedType(typeWinner->second.type) && isStatedType(share.type)))
            typeWinner = at;
        if (helpWinner != none && typeWinner != none && isStatedType(typeWinner->second.type))
            break;
    }
    if (helpWinner != none)
        heading.text = "# HELP " + family.name + ' ' + strictHelp(helpWinner->second.help) + '\n';
    // Samples without a TYPE would be taken for the neighbour's.
    FamilyType type = hasSamples ? FamilyType::Untyped : FamilyType::None;
    if (typeWinner != none && hasOdd(family, typeWinner->second.type)) {
        addOdd(family, *typeWinner, heading);
    } else if (typeWinner != none) {
        type = typeWinner->second.type;
        // The strict readers would take another's child for a line of this one.
        if (!hasSamples && (type == FamilyType::Histogram || type == FamilyType::Summary))
            eachChild(family, [&](quint32 child) {
                type = m_families[child].shares.empty() ? type : FamilyType::None;
            });
    }
    if (type != FamilyType::None) {
        const std::string_view word = familyTypeName(type);
        heading.text +=
            "# TYPE " + family.name + ' ' + QByteArray(word.data(), qsizetype(word.size())) + '\n';
    }
    addConflicts(family, typeWinner, helpWinner, heading);
    return heading;
}

void MergeFamilies::addPartConflicts(const Family &family, const Family &parent, Heading &heading) const
{
    const auto owner = std::ranges::find_if(parent.shares, [&parent](const auto &share) {
        return share.second.hasSamples
            && share.second.type == (parent.histograms > 0 ? FamilyType::Histogram : FamilyType::Summary);
    });
    for (const auto &[app, share] : family.shares) {
        if (isStatedType(share.type) || !share.help.isEmpty())
            heading.conflicts.push_back(
                {MergeConflict::Kind::PartOf, share.type, owner->second.type, app, owner->first});
    }
}

void MergeFamilies::addConflicts(const Family &family, Shares::const_iterator typeWinner,
                                 Shares::const_iterator helpWinner, Heading &heading) const
{
    const auto none = family.shares.cend();
    for (const auto &[app, share] : family.shares) {
        if (typeWinner != none && isStatedType(share.type) && share.type != typeWinner->second.type)
            heading.conflicts.push_back(
                {MergeConflict::Kind::Type, share.type, typeWinner->second.type, app, typeWinner->first});
        if (helpWinner != none && !share.help.isEmpty() && share.help != helpWinner->second.help)
            heading.conflicts.push_back(
                {MergeConflict::Kind::Help, share.type, share.type, app, helpWinner->first});
    }
}

void MergeFamilies::addOdd(const Family &family, const Shares::value_type &winner, Heading &heading) const
{
    const quint8 bit = winner.second.type == FamilyType::Histogram ? OddHistogram : OddSummary;
    const auto add = [&](const Family &of) {
        for (const auto &[app, share] : of.shares) {
            if (share.odd & bit)
                heading.conflicts.push_back(
                    {MergeConflict::Kind::Odd, share.type, winner.second.type, app, winner.first});
        }
    };
    add(family);
    eachChild(family, [&](quint32 child) { add(m_families[child]); });
}

} // namespace ExporterProxy
