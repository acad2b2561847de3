// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/metricspages.h"

#include "common/exposition/appsjson.h"
#include "common/exposition/merge/mergemetrics.h"
#include "common/exposition/ownmetrics.h"

#include <utility>

namespace ExporterProxy {

/// What is kept at a view. The pages without the process's figures are kept beside the whole ones, because
/// those figures change when the applications do not.
struct MetricsPages::Derived
{
    QByteArray appMetrics;
    quint64 statesDigest = 0; ///< of the states in appMetrics
    quint64 checkedSerial = 0; ///< of the process part when the states were looked at last

    std::shared_ptr<const Page> plainBase;
    std::shared_ptr<const Page> plain;
    quint64 plainSerial = 0; ///< of the process part in `plain`

    std::shared_ptr<const Page> gzipBase; ///< from the header to the application metrics
    GzipMember member; ///< of gzipBase
    std::shared_ptr<const Page> gzip;
    quint64 gzipSerial = 0;
};

MetricsPages::MetricsPages(AppModel &model, const ProxyCounters &counters, const PageRules &rules,
                           PageClocks clocks, qint64 gzipBudget)
    : m_model(model)
    , m_counters(counters)
    , m_clocks(std::move(clocks))
    , m_rules(rules)
    , m_gzipBudget(gzipBudget)
    , m_body(makePageBody(rules, m_deflater))
    , m_appBlocks(std::in_place, m_deflater, *m_body)
    , m_blocks(model.pending(), [this] {
        QMetaObject::invokeMethod(
            &m_context, [this] { dropBlocks(); }, Qt::QueuedConnection);
    })
{
}

MetricsPages::~MetricsPages() = default;

std::shared_ptr<const Page> MetricsPages::plain()
{
    const Timestamp now = m_clocks.wall();
    const std::shared_ptr<const AppView> view = m_model.view(now);
    Derived &derived = derivedOf(*view);
    if (m_rules.selfMetrics)
        refreshOwnMetrics(*view, derived, now);
    if (derived.plain && (!m_rules.selfMetrics || derived.plainSerial == m_process.serial))
        return derived.plain;
    if (!derived.plainBase) {
        PageBuilder page;
        m_body->appendTo(*view, page);
        if (m_rules.selfMetrics)
            page.append(derived.appMetrics);
        derived.plainBase = page.take();
    }
    PageBuilder page(*derived.plainBase);
    if (m_rules.selfMetrics)
        page.append(m_process.text);
    derived.plain = page.take();
    derived.plainSerial = m_process.serial;
    return derived.plain;
}

std::shared_ptr<const Page> MetricsPages::gzip()
{
    const Timestamp now = m_clocks.wall();
    const std::shared_ptr<const AppView> view = m_model.view(now);
    Derived &derived = derivedOf(*view);
    if (m_rules.selfMetrics)
        refreshOwnMetrics(*view, derived, now);
    if (derived.gzip && (!m_rules.selfMetrics || derived.gzipSerial == m_process.serial))
        return derived.gzip;
    if (!derived.gzipBase) {
        const bool isComplete = m_body->deflateMissing(*view, gzipBudget(m_gzipBudget));
        m_isCompressing = noteBlocks();
        if (!isComplete)
            return nullptr;
        PageBuilder page;
        derived.member = GzipMember();
        page.append(GzipMember::header());
        m_body->appendBlocksTo(page, derived.member);
        if (m_rules.selfMetrics) {
            m_ownBlocks.follow(derived.appMetrics);
            m_ownBlocks.appendTo(page, derived.member);
        }
        derived.gzipBase = page.take();
    }
    GzipMember member = derived.member;
    PageBuilder page(*derived.gzipBase);
    QByteArray end;
    if (m_rules.selfMetrics) {
        member.add(processBlock());
        end = processBlock().bytes;
    }
    page.append(end + member.trailer());
    derived.gzip = page.take();
    derived.gzipSerial = m_process.serial;
    return derived.gzip;
}

std::shared_ptr<const Page> MetricsPages::plainOf(Apps apps)
{
    PageBuilder page;
    for (const auto &app : apps)
        page.append(app->text);
    return page.take();
}

std::shared_ptr<const Page> MetricsPages::gzipOf(Apps apps)
{
    if (m_appBlocks->isFull())
        m_appBlocks->keepOnly(*m_model.view());
    DeflateBudget budget = gzipBudget(m_gzipBudget);
    PageBuilder page;
    GzipMember member;
    page.append(GzipMember::header());
    for (const auto &app : apps) {
        if (app->text.isEmpty())
            continue;
        const DeflatedBlock *block = m_appBlocks->blockOf(*app, budget);
        if (!block) {
            m_isCompressing = noteBlocks();
            return nullptr;
        }
        page.append(block->bytes);
        member.add(*block);
    }
    noteBlocks();
    page.append(member.trailer());
    return page.take();
}

std::shared_ptr<const Page> MetricsPages::plainOwn()
{
    const Timestamp now = m_clocks.wall();
    const std::shared_ptr<const AppView> view = m_model.view(now);
    Derived &derived = derivedOf(*view);
    refreshOwnMetrics(*view, derived, now);
    PageBuilder page;
    page.append(derived.appMetrics);
    page.append(m_process.text);
    return page.take();
}

std::shared_ptr<const Page> MetricsPages::gzipOwn()
{
    const Timestamp now = m_clocks.wall();
    const std::shared_ptr<const AppView> view = m_model.view(now);
    Derived &derived = derivedOf(*view);
    refreshOwnMetrics(*view, derived, now);
    PageBuilder page;
    GzipMember member;
    page.append(GzipMember::header());
    m_ownBlocks.follow(derived.appMetrics);
    m_ownBlocks.appendTo(page, member);
    member.add(processBlock());
    page.append(processBlock().bytes + member.trailer());
    return page.take();
}

bool MetricsPages::prepareGzip(qint64 budget)
{
    const std::shared_ptr<const AppView> view = m_model.view();
    const DeflateBudget allowed = gzipBudget(budget);
    const bool isComplete = m_body->deflateMissing(*view, allowed);
    return !noteBlocks() || isComplete;
}

DeflateBudget MetricsPages::gzipBudget(qint64 text) const
{
    const bool rests = m_clocks.steady() < m_gzipRestsUntil;
    return {rests ? 0 : text, m_blocks.room()};
}

bool MetricsPages::noteBlocks()
{
    const qint64 before = m_blocks.bytes();
    m_blocks.set(m_body->deflatedBytes() + m_appBlocks->bytes());
    return m_blocks.bytes() != before;
}

/// When the memory is needed. Peers that have stalled are dropped for good; these are only made anew.
void MetricsPages::dropBlocks()
{
    if (!m_blocks.isExceeded() || m_blocks.bytes() == 0)
        return;
    m_body = makePageBody(m_rules, m_deflater);
    m_appBlocks.emplace(m_deflater, *m_body);
    m_model.view()->derived.reset();
    noteBlocks();
    m_gzipRestsUntil = m_clocks.steady() + GzipRest;
}

std::span<const MergeReport> MetricsPages::reports()
{
    return m_body->reports(*m_model.view(m_clocks.wall()));
}

void MetricsPages::setRules(const PageRules &rules)
{
    if (rules == m_rules)
        return;
    m_rules = rules;
    m_body = makePageBody(rules, m_deflater);
    m_appBlocks.emplace(m_deflater, *m_body);
    noteBlocks();
    m_process = {{}, {}, {}, m_process.serial + 1}; // pages that are kept go by the serial number
    m_model.view()->derived.reset();
}

void MetricsPages::setConfigOk(bool ok)
{
    m_configOk = ok;
    m_process.renderedAt.reset();
}

MetricsPages::Derived &MetricsPages::derivedOf(const AppView &view)
{
    if (!view.derived)
        view.derived = std::make_shared<Derived>();
    // The pages themselves are immutable; what is kept at the view belongs to this object alone.
    return *static_cast<Derived *>(const_cast<void *>(view.derived.get()));
}

void MetricsPages::refreshOwnMetrics(const AppView &view, Derived &derived, Timestamp now)
{
    const auto moment = m_clocks.steady();
    if (!m_process.renderedAt || moment - *m_process.renderedAt >= ProcessRefresh) {
        m_process = {renderProcessMetrics(m_counters, readProcessFigures(), m_configOk),
                     {},
                     moment,
                     m_process.serial + 1};
    }
    if (derived.checkedSerial != m_process.serial)
        refreshAppMetrics(view, derived, now);
}

void MetricsPages::refreshAppMetrics(const AppView &view, Derived &derived, Timestamp now)
{
    // A state can change by time alone, without a new view.
    const quint64 digest = appStatesDigest(view, now);
    if (derived.checkedSerial == 0 || digest != derived.statesDigest) {
        derived.appMetrics = renderAppMetrics(view, now) + renderMergeMetrics(m_body->reports(view));
        derived.statesDigest = digest;
        derived.plainBase = nullptr;
        derived.gzipBase = nullptr;
    }
    derived.checkedSerial = m_process.serial;
}

const DeflatedBlock &MetricsPages::processBlock()
{
    if (m_process.block.textSize == 0) {
        m_deflater.add(m_process.text);
        m_process.block = m_deflater.finish();
    }
    return m_process.block;
}

} // namespace ExporterProxy
