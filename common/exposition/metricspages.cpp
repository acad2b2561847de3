// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/metricspages.h"

#include <utility>

namespace ExporterProxy {

MetricsPages::MetricsPages(AppModel &model, const ProxyCounters &counters, const PageRules &rules,
                           PageClocks clocks, qint64 gzipBudget)
    : m_model(model)
    , m_counters(counters)
    , m_clocks(std::move(clocks))
    , m_rules(rules)
    , m_gzipBudget(gzipBudget)
    , m_store(model.pending(),
              [this] {
                  QMetaObject::invokeMethod(
                      &m_context, [this] { dropRepresentations(); }, Qt::QueuedConnection);
              })
    , m_body(makePageBody(rules, m_store))
    , m_own(std::in_place, m_store)
{
}

std::shared_ptr<const Page> MetricsPages::metrics(Representation representation, bool isLast)
{
    const Timestamp now = m_clocks.now();
    const std::shared_ptr<const AppView> view = currentView(now);
    if (m_rules.selfMetrics)
        refreshOwnMetrics(*view, now);
    const auto ownSerial = [this] { return m_rules.selfMetrics ? m_own->serial() : 0; };
    Made &made = m_made[representation.index()];
    if (std::shared_ptr<const Page> page = made.page.lock(); page && made.ownSerial == ownSerial())
        return page;
    const std::optional<PagePart> body = bodyOf(view, isLast);
    m_isCompressing = !body;
    if (!body)
        return nullptr;
    if (m_rules.selfMetrics)
        m_own->setReports(m_body->reports(), m_body->generation());
    if (representation.encoding == Encoding::Gzip
        && !deflate(*body, *view, representation.format, gzipBudget(m_gzipBudget)))
        return nullptr;
    PageBuilder builder(representation.encoding);
    m_store.append(*body, representation, builder);
    if (m_rules.selfMetrics)
        m_store.append({m_own->sections(), *view}, representation, builder);
    std::shared_ptr<const Page> page = builder.take();
    if (m_body->generation() != view->generation)
        return page; // not the current one
    // A small page shares a text with the model only if that is all there is.
    const bool isOwn = representation.encoding != Encoding::Identity || page->size <= PageBuilder::JointPart;
    made = {page, isOwn ? page : nullptr, ownSerial()};
    return page;
}

/// The body's sections for the view; for those who have waited for long, those that were finished last.
std::optional<PagePart> MetricsPages::bodyOf(const std::shared_ptr<const AppView> &view, bool isLast)
{
    const WorkBudget budget = mergeBudget();
    const auto noteMerged = [this] {
        if (std::exchange(m_merged, m_body->generation()) != m_body->generation())
            m_mergedAt = m_clocks.steady();
    };
    if (isLast && m_body->finish(budget)) {
        noteMerged();
        const std::optional<PagePart> latest = m_body->latest(*view);
        if (latest && m_clocks.steady() - m_mergedAt < OutdatedAge)
            return latest;
    }
    const std::optional<PagePart> body = m_body->follow(view, budget);
    noteMerged();
    return body;
}

std::shared_ptr<const Page> MetricsPages::metricsOf(Apps apps, Representation representation)
{
    const bool isOriginal =
        representation.format != Format::Text && apps.size() == 1 && !apps.front()->original.isEmpty();
    const Format format = isOriginal ? apps.front()->format : Format::Text;
    PageBuilder builder(representation.encoding, format);
    DeflateBudget budget = gzipBudget(m_gzipBudget);
    for (const auto &app : apps) {
        const QByteArray &text = isOriginal ? app->original : app->text;
        if (representation.encoding == Encoding::Identity) {
            builder.append(text);
            continue;
        }
        if (text.isEmpty())
            continue;
        Section &section = singleOf(*app, isOriginal);
        if (!m_store.deflate(section, {&text, 1}, format, budget)) {
            m_isCompressing = budget.text < m_gzipBudget;
            return nullptr;
        }
        builder.append(section.made[std::size_t(format)].deflated);
    }
    return builder.take();
}

std::shared_ptr<const Page> MetricsPages::ownMetrics(Representation representation)
{
    const Timestamp now = m_clocks.now();
    const std::shared_ptr<const AppView> view = currentView(now);
    refreshOwnMetrics(*view, now);
    bodyOf(view, false);
    m_own->setReports(m_body->reports(), m_body->generation());
    const PagePart own{m_own->sections(), *view};
    PageBuilder builder(representation.encoding);
    if (representation.encoding == Encoding::Gzip) {
        DeflateBudget unlimited(std::numeric_limits<qint64>::max());
        m_store.deflate(own, representation.format, unlimited);
    }
    m_store.append(own, representation, builder);
    return builder.take();
}

bool MetricsPages::prepare(qint64 budget)
{
    // A newer view is for a request: with one after the other begun here, those that wait would get none.
    if (!m_body->finish(mergeBudget()))
        return false;
    const Timestamp now = m_clocks.now();
    const std::shared_ptr<const AppView> view = currentView(now);
    const std::optional<PagePart> body = bodyOf(view, true);
    if (!body)
        return false;
    if (m_rules.selfMetrics) {
        refreshOwnMetrics(*view, now);
        m_own->setReports(m_body->reports(), m_body->generation());
    }
    return deflate(*body, *view, Format::Text, gzipBudget(budget)) || !m_isCompressing;
}

quint64 MetricsPages::outdatedReports() const
{
    const bool hasReports = m_rules.mode == ExpositionMode::Merge || !m_rules.appLabel.isEmpty();
    return hasReports && m_body->generation() != m_model.generation() ? m_body->generation() + 1 : 0;
}

void MetricsPages::updateReports()
{
    bodyOf(m_model.view(m_clocks.now()), false);
}

/// Deflates what is missing of the page; returns whether nothing is missing any more.
bool MetricsPages::deflate(const PagePart &body, const AppView &view, Format format, DeflateBudget budget)
{
    const qint64 before = budget.text;
    const bool isComplete = m_store.deflate(body, format, budget)
        && (!m_rules.selfMetrics || m_store.deflate({m_own->sections(), view}, format, budget));
    m_isCompressing = budget.text < before;
    return isComplete;
}

DeflateBudget MetricsPages::gzipBudget(qint64 text) const
{
    const bool rests = m_clocks.steady() < m_gzipRestsUntil;
    return m_store.budget(rests ? 0 : text);
}

/// Frees memory that is needed for something else. Peers that have stalled are dropped for good; these are
/// only made anew.
void MetricsPages::dropRepresentations()
{
    if (!m_store.isExceeded() || m_store.bytes() == 0)
        return;
    m_made = {};
    m_store.clear();
    m_gzipRestsUntil = m_clocks.steady() + GzipRest;
}

namespace {

/// The version of an application's original in the page store; the model's versions do not get that far.
quint64 originalVersion(const AppSnapshot &app)
{
    return app.textVersion | quint64{1} << 62;
}

} // namespace

Section &MetricsPages::singleOf(const AppSnapshot &app, bool isOriginal)
{
    if (m_singles.size() >= m_maxSingles) {
        const std::shared_ptr<const AppView> view = m_model.view();
        std::erase_if(m_singles, [&view](const auto &single) {
            const AppSnapshot *const known = view->find(single.first);
            const auto isOf = [](const std::shared_ptr<Section> &section, quint64 version) {
                return section && section->version == version;
            };
            return !known
                || !(isOf(single.second.text, known->textVersion)
                     || isOf(single.second.original, originalVersion(*known)));
        });
        // So that the search is paid for by as many sections that have been made.
        m_maxSingles = std::max(LeastSingles, 2 * m_singles.size());
    }
    Single &both = m_singles[app.name];
    std::shared_ptr<Section> &single = isOriginal ? both.original : both.text;
    const quint64 version = isOriginal ? originalVersion(app) : app.textVersion;
    if (!single || single->version != version)
        single = m_store.section(version, isOriginal ? app.original.size() : app.text.size());
    return *single;
}

void MetricsPages::setRules(const PageRules &rules)
{
    if (rules == m_rules)
        return;
    m_rules = rules;
    m_made = {};
    m_merged = 0;
    m_body = makePageBody(rules, m_store);
    m_own.emplace(m_store); // for other reports
    m_processAt.reset();
}

void MetricsPages::forgetTimes()
{
    m_made = {};
    m_own.emplace(m_store);
}

void MetricsPages::setConfigOk(bool ok)
{
    m_configOk = ok;
    m_processAt.reset();
}

/// All applications at this moment. A page of what was before is let go of, so that what it shares can be
/// changed in place.
std::shared_ptr<const AppView> MetricsPages::currentView(Timestamp now)
{
    std::shared_ptr<const AppView> view = m_model.view(now);
    if (std::exchange(m_generation, view->generation) != view->generation)
        m_made = {};
    return view;
}

void MetricsPages::refreshOwnMetrics(const AppView &view, Timestamp now)
{
    const auto moment = m_clocks.steady();
    if (!m_processAt || moment - *m_processAt >= ProcessRefresh) {
        m_own->setProcess(renderProcessMetrics(m_counters, readProcessFigures(), m_configOk));
        m_processAt = moment;
    }
    m_own->follow(view, now);
}

} // namespace ExporterProxy
