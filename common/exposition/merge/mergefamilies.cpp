// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/merge/mergefamilies.h"

#include "common/util/bytebuilder.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace ExporterProxy {

namespace {

constexpr quint8 OddLe = 1;
constexpr quint8 OddQuantile = 2;

/// A family has one HELP, or a few while it is being changed. An application that says another thing each
/// time has its own place used again; where more than this many say different things, the rest says nothing.
constexpr std::size_t MaxHelps = std::numeric_limits<quint16>::max();

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
        m_families.emplace_back();
    } else {
        index = m_free.back();
        m_free.pop_back();
    }
    Family &family = m_families[index];
    family = {};
    family.name = name.toByteArray();
    family.root = family.name;
    family.helps.push_back({});
    m_index.emplace(bytesOf(family.name), index);
    changed(index);
    return index;
}

const MergeFamilies::Family *MergeFamilies::lookUp(QByteArrayView name) const
{
    const auto known = m_index.find(bytesOf(name));
    return known == m_index.end() ? nullptr : &m_families[known->second];
}

std::vector<MergeFamilies::Share>::iterator MergeFamilies::shareOf(Family &family, quint32 app)
{
    return std::lower_bound(
        family.shares.begin(), family.shares.end(), app,
        [this](const Share &share, quint32 wanted) { return m_isBefore(share.app, wanted); });
}

quint16 MergeFamilies::helpIndex(Family &family, QByteArrayView help)
{
    if (help.isEmpty())
        return 0;
    std::size_t unused = 0;
    for (std::size_t i = 1; i < family.helps.size(); ++i) {
        if (family.helps[i].uses == 0)
            unused = i;
        else if (family.helps[i].text == help)
            return quint16(i);
    }
    if (unused == 0) {
        if (family.helps.size() > MaxHelps)
            return 0;
        unused = family.helps.size();
        family.helps.push_back({});
    }
    family.helps[unused].text = help.toByteArray();
    return quint16(unused);
}

void MergeFamilies::count(Family &family, const Share &share, int change)
{
    const auto by = quint32(change);
    family.helps[share.help].uses += by;
    family.histograms += share.type == FamilyType::Histogram ? by : 0;
    family.summaries += share.type == FamilyType::Summary ? by : 0;
    family.oddLes += share.odd & OddLe ? by : 0;
    family.oddQuantiles += share.odd & OddQuantile ? by : 0;
}

void MergeFamilies::changed(quint32 index)
{
    if (!std::exchange(m_families[index].isChanged, true))
        m_changed.push_back(index);
}

void MergeFamilies::markRelatives(const Family &family)
{
    const QByteArray name = family.name;
    for (const std::string_view suffix : ChildSuffixes) {
        const QByteArrayView end(suffix);
        if (const auto child = m_index.find(bytesOf(QByteArray(name + end.toByteArray())));
            child != m_index.end())
            changed(child->second);
        if (!name.endsWith(end))
            continue;
        if (const auto parent = m_index.find(bytesOf(QByteArrayView(name).chopped(end.size())));
            parent != m_index.end())
            changed(parent->second);
    }
}

void MergeFamilies::state(quint32 index, quint32 app, const Statement &statement)
{
    Family &family = m_families[index];
    auto share = shareOf(family, app);
    const bool isNew = share == family.shares.end() || share->app != app;
    const quint8 odd = quint8((statement.oddLe ? OddLe : 0) | (statement.oddQuantile ? OddQuantile : 0));
    if (!isNew && share->type == statement.type && share->odd == odd
        && family.helps[share->help].text == statement.help)
        return;
    if (isNew)
        share = family.shares.insert(share, {app, 0, FamilyType::None, 0});
    else
        count(family, *share, -1);
    const bool concernsRelatives = isNew || share->type != statement.type || share->odd != odd;
    *share = {app, helpIndex(family, statement.help), statement.type, odd};
    count(family, *share, 1);
    changed(index);
    if (concernsRelatives)
        markRelatives(family);
}

void MergeFamilies::retract(quint32 index, quint32 app)
{
    Family &family = m_families[index];
    const auto share = shareOf(family, app);
    if (share == family.shares.end() || share->app != app)
        return;
    count(family, *share, -1);
    family.shares.erase(share);
    if (family.shares.empty())
        m_unused.push_back(index);
    changed(index);
    markRelatives(family);
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
        family = {};
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
    const auto odd = [type](const Family &of) {
        return type == FamilyType::Histogram ? of.oddLes : type == FamilyType::Summary ? of.oddQuantiles : 0;
    };
    if (odd(family) > 0)
        return true;
    if (type != FamilyType::Histogram && type != FamilyType::Summary)
        return false;
    return std::ranges::any_of(ChildSuffixes, [&](std::string_view suffix) {
        const Family *const child = lookUp(family.name + QByteArrayView(suffix).toByteArray());
        return child && odd(*child) > 0;
    });
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
    const Share *typeWinner = nullptr;
    const Share *helpWinner = nullptr;
    for (const Share &share : family.shares) {
        if (!helpWinner && share.help != 0)
            helpWinner = &share;
        if (!typeWinner ? share.type != FamilyType::None
                        : !isStatedType(typeWinner->type) && isStatedType(share.type))
            typeWinner = &share;
        if (helpWinner && typeWinner && isStatedType(typeWinner->type))
            break;
    }
    if (helpWinner)
        heading.text = "# HELP " + family.name + ' ' + strictHelp(family.helps[helpWinner->help].text) + '\n';
    if (typeWinner && hasOdd(family, typeWinner->type)) {
        addOddLabels(family, *typeWinner, heading);
    } else if (typeWinner) {
        const std::string_view word = familyTypeName(typeWinner->type);
        heading.text +=
            "# TYPE " + family.name + ' ' + QByteArray(word.data(), qsizetype(word.size())) + '\n';
    }
    addConflicts(family, typeWinner, helpWinner, heading);
    return heading;
}

void MergeFamilies::addPartConflicts(const Family &family, const Family &parent, Heading &heading) const
{
    const auto owner = std::ranges::find_if(parent.shares, [&parent](const Share &share) {
        return share.type == (parent.histograms > 0 ? FamilyType::Histogram : FamilyType::Summary);
    });
    for (const Share &share : family.shares) {
        if (isStatedType(share.type) || share.help != 0)
            heading.conflicts.push_back(
                {MergeConflict::Kind::PartOf, share.type, owner->type, share.app, owner->app});
    }
}

void MergeFamilies::addConflicts(const Family &family, const Share *typeWinner, const Share *helpWinner,
                                 Heading &heading) const
{
    for (const Share &share : family.shares) {
        if (typeWinner && isStatedType(share.type) && share.type != typeWinner->type)
            heading.conflicts.push_back(
                {MergeConflict::Kind::Type, share.type, typeWinner->type, share.app, typeWinner->app});
        if (helpWinner && share.help != 0 && share.help != helpWinner->help)
            heading.conflicts.push_back(
                {MergeConflict::Kind::Help, share.type, share.type, share.app, helpWinner->app});
    }
}

void MergeFamilies::addOddLabels(const Family &family, const Share &winner, Heading &heading) const
{
    const auto add = [&](const Family &of) {
        const quint8 bit = winner.type == FamilyType::Histogram ? OddLe : OddQuantile;
        for (const Share &share : of.shares) {
            if (share.odd & bit)
                heading.conflicts.push_back(
                    {MergeConflict::Kind::OddLabel, share.type, winner.type, share.app, winner.app});
        }
    };
    add(family);
    for (const std::string_view suffix : ChildSuffixes) {
        if (const Family *const child = lookUp(family.name + QByteArrayView(suffix).toByteArray()))
            add(*child);
    }
}

} // namespace ExporterProxy
