// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/merge/merger.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace ExporterProxy {

Merger::Merger(MergeReader::Options options, PageStore &store)
    : m_hasClaims(options.appLabel.isEmpty())
    , m_reader(std::move(options))
    , m_families([this](quint32 a, quint32 b) { return m_apps[a].name < m_apps[b].name; })
    , m_pieces([this](const PieceKey &a, const PieceKey &b) { return isBefore(a, b); }, store)
{
}

bool Merger::isBefore(const PieceKey &a, const PieceKey &b) const
{
    if (a.family == b.family) {
        if (a.app == b.app)
            return false;
        if (a.app == PieceKey::Heading || b.app == PieceKey::Heading)
            return a.app == PieceKey::Heading;
        return m_apps[a.app].name < m_apps[b.app].name;
    }
    if (const int order = m_families.rootOf(a.family).compare(m_families.rootOf(b.family)); order != 0)
        return order < 0;
    return m_families.nameOf(a.family) < m_families.nameOf(b.family);
}

void Merger::follow(const AppView &view)
{
    if (m_generation == view.generation)
        return;
    m_generation = view.generation;
    m_hasReports = false;
    std::vector<quint32> order;
    order.reserve(view.apps.size());
    auto known = m_order.cbegin();
    for (const auto &snapshot : view.apps) {
        for (; known != m_order.cend() && m_apps[*known].name < snapshot->name; ++known)
            removeApp(*known);
        const bool isKnown = known != m_order.cend() && m_apps[*known].name == snapshot->name;
        const quint32 index = isKnown ? *known++ : addApp(snapshot->name);
        order.push_back(index);
        if (m_apps[index].version != snapshot->textVersion)
            update(index, *snapshot);
    }
    for (; known != m_order.cend(); ++known)
        removeApp(*known);
    m_order = std::move(order);
    renderAffected(view);
    headFamilies();
    m_reader.trim();
}

quint32 Merger::addApp(const QByteArray &name)
{
    if (m_freeApps.empty()) {
        m_freeApps.push_back(quint32(m_apps.size()));
        m_apps.emplace_back();
    }
    const quint32 index = m_freeApps.back();
    m_freeApps.pop_back();
    m_apps[index].name = name;
    return index;
}

void Merger::removeApp(quint32 index)
{
    App &app = m_apps[index];
    for (const FamilyShare &share : app.families) {
        m_pieces.set({share.family, index}, {});
        m_families.retract(share.family, index);
    }
    for (const SeriesId &id : app.ids)
        m_claims.release(id, index);
    // The number is used again only once nothing remembers it.
    settleClaims();
    m_affected.erase(index);
    app = {};
    m_freeApps.push_back(index);
}

void Merger::update(quint32 index, const AppSnapshot &snapshot)
{
    App &app = m_apps[index];
    app.version = snapshot.textVersion;
    const std::optional<ExpositionFault> fault = m_reader.read(snapshot.text, app.name);
    app.fault = fault ? fault->message() : QByteArray();
    if (fault)
        m_reader.read({}, app.name); // leaves nothing to be shown
    app.repeated = m_reader.repeated();
    app.reserved = m_reader.reserved();
    takeShares(index);
    if (m_hasClaims)
        takeClaims(index);
    render(index);
    m_affected.erase(index);
}

void Merger::takeShares(quint32 index)
{
    App &app = m_apps[index];
    const std::span<const ReadFamily> read = m_reader.families();
    std::vector<FamilyShare> shares;
    shares.reserve(read.size());
    bool isSame = read.size() == app.families.size();
    for (std::size_t i = 0; i < read.size(); ++i) {
        // The next text mostly has the families of the last one in the same order.
        const bool isKnown =
            i < app.families.size() && m_families.nameOf(app.families[i].family) == read[i].name;
        const quint32 family = isKnown ? app.families[i].family : m_families.find(read[i].name);
        isSame = isSame && isKnown;
        shares.push_back({family, quint32(read[i].count)});
        m_families.state(family, index, {read[i].type, read[i].oddLe, read[i].oddQuantile, read[i].help});
    }
    if (!isSame) {
        std::vector<quint32> kept;
        for (const FamilyShare &share : shares)
            kept.push_back(share.family);
        std::ranges::sort(kept);
        for (const FamilyShare &share : app.families) {
            if (std::ranges::binary_search(kept, share.family))
                continue;
            m_pieces.set({share.family, index}, {});
            m_families.retract(share.family, index);
        }
    }
    app.families = std::move(shares);
}

void Merger::takeClaims(quint32 index)
{
    App &app = m_apps[index];
    const std::span<const SeriesId> ids = m_reader.ids();
    if (std::ranges::equal(app.ids, ids)) {
        if (m_claims.contested(index) > 0) {
            for (const SeriesId &id : app.ids)
                m_claims.reconsider(id);
        }
    } else {
        for (const SeriesId &id : app.ids)
            m_claims.release(id, index);
        for (const SeriesId &id : ids)
            m_claims.claim(id, index);
        app.ids.assign(ids.begin(), ids.end());
    }
    settleClaims();
}

void Merger::settleClaims()
{
    m_claims.settle(
        [this](quint32 a, quint32 b) {
            return m_apps[a].version != m_apps[b].version ? m_apps[a].version > m_apps[b].version
                                                          : m_apps[a].name > m_apps[b].name;
        },
        [this](quint32 app) { m_affected.insert(app); });
}

void Merger::render(quint32 index)
{
    App &app = m_apps[index];
    app.hidden = 0;
    const bool mayHide = m_claims.contested(index) > 0;
    const std::span<const ReadFamily> read = m_reader.families();
    for (std::size_t i = 0; i < read.size(); ++i) {
        const PieceKey key{app.families[i].family, index};
        if (!mayHide) {
            m_pieces.set(key, read[i].lines);
            continue;
        }
        m_shown.resize(0);
        const char *line = read[i].lines.begin();
        for (const SeriesId &id : m_reader.ids().subspan(read[i].firstId, read[i].count)) {
            // A line has no newline within: those of labels' values have been escaped.
            const auto *end =
                static_cast<const char *>(std::memchr(line, '\n', std::size_t(read[i].lines.end() - line)));
            if (m_claims.isHidden(id, index))
                ++app.hidden;
            else
                m_shown.append(line, end + 1 - line);
            line = end + 1;
        }
        m_pieces.set(key, m_shown);
    }
}

void Merger::renderAffected(const AppView &view)
{
    for (const quint32 index : std::exchange(m_affected, {})) {
        // Its text was good when it was claimed, and the view still has it.
        m_reader.read(view.find(m_apps[index].name)->text, m_apps[index].name);
        render(index);
    }
}

void Merger::headFamilies()
{
    for (const quint32 family : m_families.takeChanged()) {
        if (QByteArray root = m_families.wantedRoot(family); root != m_families.rootOf(family))
            move(family, root);
        MergeFamilies::Heading heading = m_families.heading(family);
        m_pieces.set({family, PieceKey::Heading}, heading.text);
        if (heading.conflicts.empty())
            m_conflicts.erase(family);
        else
            m_conflicts[family] = std::move(heading.conflicts);
    }
    m_families.dropUnused();
}

void Merger::move(quint32 family, const QByteArray &root)
{
    std::vector<std::pair<PieceKey, QByteArray>> pieces;
    const auto take = [&](quint32 app) {
        const PieceKey key{family, app};
        pieces.emplace_back(key, m_pieces.take(key));
    };
    take(PieceKey::Heading);
    m_families.eachApp(family, take);
    m_families.place(family, root);
    for (const auto &[key, bytes] : pieces)
        m_pieces.set(key, bytes);
}

QByteArray Merger::sentence(quint32 family, const MergeConflict &conflict) const
{
    const auto word = [](FamilyType type) {
        const std::string_view name = familyTypeName(type);
        return QByteArray(name.data(), qsizetype(name.size()));
    };
    const QByteArray &name = m_families.nameOf(family);
    switch (conflict.kind) {
    case MergeConflict::Kind::Type:
        return name + " is a " + word(conflict.type) + " here and shown as the " + word(conflict.shown)
            + " that it is in " + nameInQuotes(conflict.winner);
    case MergeConflict::Kind::Help:
        return "the HELP of " + name + " is another one in " + nameInQuotes(conflict.winner)
            + ", which is shown";
    case MergeConflict::Kind::PartOf:
        return name + " is shown without a TYPE and HELP of its own, as part of a " + word(conflict.shown)
            + " in " + nameInQuotes(conflict.winner);
    case MergeConflict::Kind::OddLabel:
        break;
    }
    return name + " is shown without a TYPE, because it is a " + word(conflict.shown) + " in "
        + nameInQuotes(conflict.winner) + " and has an le or quantile here that is not a number";
}

void Merger::addOwnNotes(quint32 index, MergeReport &report) const
{
    const App &app = m_apps[index];
    report.app = app.name;
    report.fault = app.fault;
    report.hidden = app.hidden + app.repeated;
    report.reserved = app.reserved;
    if (!app.fault.isEmpty())
        report.notes << "left out of the page: " + app.fault;
    if (app.hidden > 0) {
        const auto hidden = std::ranges::find_if(
            app.ids, [this, index](const SeriesId &id) { return m_claims.isHidden(id, index); });
        report.notes << "series are shown as " + nameInQuotes(m_claims.winnerOf(*hidden, index))
                + " has them, which was updated later";
    }
    if (app.repeated > 0)
        report.notes << QByteArrayLiteral("series are in the text twice: the first is shown");
    if (app.reserved > 0)
        report.notes << QByteArrayLiteral(
            "samples are left out whose names are those of the proxy's own metrics");
}

const std::vector<MergeReport> &Merger::reports()
{
    if (std::exchange(m_hasReports, true))
        return m_reports;
    std::vector<MergeReport> byApp(m_apps.size());
    for (const quint32 index : m_order)
        addOwnNotes(index, byApp[index]);
    std::vector<quint32> families;
    for (const auto &conflict : m_conflicts)
        families.push_back(conflict.first);
    std::ranges::sort(families, {}, [this](quint32 family) { return m_families.nameOf(family); });
    std::vector<std::size_t> more(m_apps.size());
    for (const quint32 family : families) {
        for (const MergeConflict &conflict : m_conflicts.at(family)) {
            MergeReport &report = byApp[conflict.app];
            ++(conflict.kind == MergeConflict::Kind::Help ? report.helps : report.types);
            if (report.notes.size() < MaxNotes - 1)
                report.notes << sentence(family, conflict);
            else
                ++more[conflict.app];
        }
    }
    m_reports.clear();
    for (const quint32 index : m_order) {
        MergeReport &report = byApp[index];
        if (more[index] > 0)
            report.notes << "and " + QByteArray::number(more[index]) + " more";
        if (!report.isClean())
            m_reports.push_back(std::move(report));
    }
    return m_reports;
}

} // namespace ExporterProxy
