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
    , m_claims([this](quint32 a, quint32 b) { return m_apps[a].name < m_apps[b].name; },
               [this](quint32 app) { m_affected.insert(app); })
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

bool Merger::follow(const std::shared_ptr<const AppView> &view, const WorkBudget &budget)
{
    while (finish(budget)) {
        if (m_generation == view->generation)
            return true;
        begin(view);
    }
    return false;
}

void Merger::begin(const std::shared_ptr<const AppView> &view)
{
    m_work = std::make_unique<Work>();
    Work &work = *m_work;
    work.view = view;
    work.order.reserve(view->apps.size());
    auto known = m_order.cbegin();
    for (const auto &snapshot : view->apps) {
        for (; known != m_order.cend() && m_apps[*known].name < snapshot->name; ++known)
            work.apps.emplace_back(*known, nullptr);
        const bool isKnown = known != m_order.cend() && m_apps[*known].name == snapshot->name;
        const quint32 index = isKnown ? *known++ : addApp(snapshot->name);
        work.order.push_back(index);
        if (m_apps[index].version != snapshot->textVersion)
            work.apps.emplace_back(index, snapshot.get());
    }
    for (; known != m_order.cend(); ++known)
        work.apps.emplace_back(*known, nullptr);
}

bool Merger::finish(const WorkBudget &budget)
{
    if (!m_work)
        return true;
    Work &work = *m_work;
    while (!work.areAllIn) {
        for (; work.next < work.apps.size(); ++work.next) {
            const auto [index, snapshot] = work.apps[work.next];
            if (!takeIn(index, snapshot, budget))
                return false;
            if (!snapshot) {
                // Nothing remembers its number any more.
                m_apps[index] = {};
                m_freeApps.push_back(index);
            }
            if (budget.isSpent()) {
                ++work.next;
                return false;
            }
        }
        // The texts of those that own more or less because of others are read once more.
        for (const quint32 index : std::exchange(m_affected, {}))
            work.apps.emplace_back(index, work.view->find(m_apps[index].name));
        work.areAllIn = work.next == work.apps.size();
        if (work.areAllIn)
            work.families = m_families.takeChanged();
    }
    if (!m_loop.run(work.families.size(), budget, [&](std::size_t at) { headFamily(work.families[at]); }))
        return false;
    m_families.dropUnused();
    m_order = std::move(work.order);
    m_generation = work.view->generation;
    m_work.reset();
    makeReports();
    m_reader.trim();
    // A large text needed much.
    m_shares = {};
    m_kept = {};
    m_units = {};
    m_keptUnits = {};
    m_shown = {};
    return true;
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

/// Takes in the application's text, or lets go of the one that it had, and returns whether that is done.
bool Merger::takeIn(quint32 index, const AppSnapshot *snapshot, const WorkBudget &budget)
{
    App &app = m_apps[index];
    switch (m_step) {
    case Step::Begin:
        m_affected.erase(index);
        app.version = snapshot ? snapshot->textVersion : 0;
        m_reader.begin(snapshot ? snapshot->text : QByteArray(), app.name);
        m_step = Step::Read;
        [[fallthrough]];
    case Step::Read:
        if (!m_reader.proceed(budget))
            return false;
        setFigures(app);
        m_shares.clear();
        m_shares.reserve(m_reader.families().size());
        m_isSame = m_reader.families().size() == app.families.size();
        m_step = Step::State;
        [[fallthrough]];
    case Step::State:
        if (!m_loop.run(m_reader.families().size(), budget,
                        [&](std::size_t at) { stateFamily(app, index, at); }))
            return false;
        m_kept.clear();
        if (!m_isSame) {
            for (const FamilyShare &share : m_shares)
                m_kept.push_back(share.family);
            std::ranges::sort(m_kept);
        }
        m_step = Step::Retract;
        [[fallthrough]];
    case Step::Retract:
        if (!m_isSame
            && !m_loop.run(app.families.size(), budget, [&](std::size_t at) { dropFamily(app, index, at); }))
            return false;
        app.families = m_shares;
        affectRegrouped(index);
        m_units.clear();
        m_units.reserve(m_hasClaims ? m_reader.sampleCount() : 0);
        m_family = 0;
        m_step = Step::List;
        [[fallthrough]];
    case Step::List:
        if (m_hasClaims
            && !m_loop.run(m_reader.sampleCount(), budget, [this](std::size_t at) { listUnit(at); }))
            return false;
        m_keptUnits.clear();
        m_step = Step::Claim;
        [[fallthrough]];
    case Step::Claim:
        if (m_units != app.units) {
            if (!m_loop.run(m_units.size(), budget, [&](std::size_t at) {
                    if (!app.units.empty())
                        m_keptUnits.insert(m_units[at]);
                    m_claims.claim(m_units[at], index);
                }))
                return false;
        }
        m_step = Step::Release;
        [[fallthrough]];
    case Step::Release:
        if (m_units != app.units) {
            // The series that it keeps are not released in between, or their next owner would be shown for a
            // moment.
            if (!m_loop.run(app.units.size(), budget, [&](std::size_t at) {
                    if (!m_keptUnits.contains(app.units[at]))
                        m_claims.release(app.units[at], index);
                }))
                return false;
            app.units.assign(m_units.begin(), m_units.end());
        }
        app.hidden = 0;
        m_family = 0;
        m_shown.resize(0);
        m_line = nullptr;
        m_step = Step::Render;
        [[fallthrough]];
    case Step::Render:
        if (!renderAll(app, index, budget))
            return false;
        m_step = Step::Begin;
    }
    return true;
}

void Merger::setFigures(App &app)
{
    const std::optional<ExpositionFault> &fault = m_reader.fault();
    app.fault = fault ? fault->message() : QByteArray();
    app.repeated = m_reader.repeated();
    app.reserved = m_reader.reserved();
}

void Merger::stateFamily(App &app, quint32 index, std::size_t at)
{
    const ReadFamily &read = m_reader.families()[at];
    // The next text mostly has the families of the last one in the same order.
    const bool isKnown = at < app.families.size() && m_families.nameOf(app.families[at].family) == read.name;
    const quint32 family = isKnown ? app.families[at].family : m_families.find(read.name);
    m_isSame = m_isSame && isKnown;
    m_shares.push_back({family, quint32(read.count)});
    m_families.state(family, index,
                     {read.type, read.count > 0, read.oddLe, read.oddQuantile, read.isNegative, read.help});
}

/// Retracts the family of the text before if this one does not have it.
void Merger::dropFamily(const App &app, quint32 index, std::size_t at)
{
    const quint32 family = app.families[at].family;
    if (std::ranges::binary_search(m_kept, family))
        return;
    m_pieces.set({family, index}, {});
    m_families.retract(family, index);
}

/// Has the others look again at what they own of families that have become, or are no longer, a histogram's
/// or summary's.
void Merger::affectRegrouped(quint32 index)
{
    for (const quint32 family : m_families.takeRegrouped()) {
        m_families.eachApp(family, [&](quint32 app) {
            if (m_hasClaims && app != index)
                m_affected.insert(app);
        });
    }
}

void Merger::listUnit(std::size_t sample)
{
    const std::span<const ReadFamily> read = m_reader.families();
    while (sample >= read[m_family].first + read[m_family].count)
        ++m_family;
    const SeriesId unit = m_reader.unitOf(sample, m_families.groupsOf(m_shares[m_family].family));
    if (m_units.empty() || m_units.back() != unit) // the lines of a histogram have the same
        m_units.push_back(unit);
}

bool Merger::renderAll(App &app, quint32 index, const WorkBudget &budget)
{
    const std::span<const ReadFamily> read = m_reader.families();
    if (m_claims.contested(index) == 0)
        return m_loop.run(read.size(), budget, [&](std::size_t at) {
            m_pieces.set({app.families[at].family, index}, read[at].lines);
        });
    if (!m_loop.run(m_reader.sampleCount(), budget,
                    [&](std::size_t sample) { renderSample(app, index, sample); }))
        return false;
    for (; m_family < read.size(); ++m_family)
        m_pieces.set({app.families[m_family].family, index}, {});
    return true;
}

void Merger::renderSample(App &app, quint32 index, std::size_t sample)
{
    const std::span<const ReadFamily> read = m_reader.families();
    for (; read[m_family].count == 0; ++m_family)
        m_pieces.set({app.families[m_family].family, index}, {});
    const ReadFamily &family = read[m_family];
    const quint32 number = app.families[m_family].family;
    if (sample == family.first)
        m_line = family.lines.begin();
    // A line has no newline within: those of labels' values have been escaped.
    const auto *end =
        static_cast<const char *>(std::memchr(m_line, '\n', std::size_t(family.lines.end() - m_line)));
    const SeriesId unit = m_reader.unitOf(sample, m_families.groupsOf(number));
    if (m_claims.ownerOf(unit) == index) {
        m_shown.append(m_line, end + 1 - m_line);
    } else if (app.hidden++ == 0) {
        app.hiddenUnit = unit;
        app.hiddenFamily = number;
    }
    m_line = end + 1;
    if (sample + 1 == family.first + family.count) {
        m_pieces.set({number, index}, m_shown);
        m_shown.resize(0);
        ++m_family;
    }
}

void Merger::headFamily(quint32 family)
{
    if (QByteArray root = m_families.wantedRoot(family); root != m_families.rootOf(family))
        move(family, root);
    MergeFamilies::Heading heading = m_families.heading(family);
    m_pieces.set({family, PieceKey::Heading}, heading.text);
    if (heading.conflicts.empty())
        m_conflicts.erase(family);
    else
        m_conflicts[family] = std::move(heading.conflicts);
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
    case MergeConflict::Kind::Odd:
        break;
    }
    return name + " is shown as untyped, because it is a " + word(conflict.shown) + " in "
        + nameInQuotes(conflict.winner) + " and has "
        + (conflict.shown == FamilyType::Histogram
               ? "an le that is not a number, or a negative bucket or count, here"
               : "a quantile here that is not a number");
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
    if (app.hidden > 0)
        report.notes << QByteArray::number(qulonglong(app.hidden))
                + " series are not shown, because applications whose names come first have them: of "
                + m_families.nameOf(app.hiddenFamily) + ", " + nameInQuotes(m_claims.ownerOf(app.hiddenUnit));
    if (app.repeated > 0)
        report.notes << QByteArrayLiteral("series are in the text twice: the first is shown");
    if (app.reserved > 0)
        report.notes << QByteArrayLiteral(
            "samples are left out whose names are those of the proxy's own metrics");
}

void Merger::makeReports()
{
    m_reports.clear();
    std::vector<MergeReport> byApp(m_apps.size());
    for (const quint32 index : m_order)
        addOwnNotes(index, byApp[index]);
    /// The first conflicts of an application by the names of the families.
    struct First
    {
        quint32 family;
        const MergeConflict *conflict;
    };
    std::vector<std::vector<First>> firsts(m_conflicts.empty() ? 0 : m_apps.size());
    for (const auto &[family, conflicts] : m_conflicts) {
        for (const MergeConflict &conflict : conflicts) {
            MergeReport &report = byApp[conflict.app];
            ++(conflict.kind == MergeConflict::Kind::Help ? report.helps : report.types);
            std::vector<First> &first = firsts[conflict.app];
            const auto at = std::ranges::upper_bound(
                first, m_families.nameOf(family), {},
                [this](const First &known) -> const QByteArray & { return m_families.nameOf(known.family); });
            first.insert(at, {family, &conflict});
            if (first.size() > std::size_t(MaxNotes))
                first.pop_back();
        }
    }
    for (const quint32 index : m_order) {
        MergeReport &report = byApp[index];
        std::size_t more = report.types + report.helps;
        for (std::size_t i = 0; more > 0 && report.notes.size() < MaxNotes - 1 && i < firsts[index].size();
             ++i, --more)
            report.notes << sentence(firsts[index][i].family, *firsts[index][i].conflict);
        if (more > 0)
            report.notes << "and " + QByteArray::number(qulonglong(more)) + " more";
        if (!report.isClean())
            m_reports.push_back(std::move(report));
    }
}

} // namespace ExporterProxy
