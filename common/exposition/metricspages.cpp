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
    , m_selfMetrics(rules.selfMetrics)
    , m_gzipBudget(gzipBudget)
    , m_body(makePageBody(rules, m_deflater))
{
}

MetricsPages::~MetricsPages() = default;

std::shared_ptr<const Page> MetricsPages::plain()
{
    const std::shared_ptr<const AppView> view = m_model.view();
    refreshProcessPart();
    Derived &derived = derivedOf(*view);
    if (derived.plain && derived.plainSerial == m_process.serial)
        return derived.plain;
    if (!derived.plainBase) {
        PageBuilder page;
        m_body->appendTo(*view, page);
        page.append(derived.appMetrics);
        derived.plainBase = page.take();
    }
    PageBuilder page(*derived.plainBase);
    page.append(m_process.text);
    derived.plain = page.take();
    derived.plainSerial = m_process.serial;
    return derived.plain;
}

std::shared_ptr<const Page> MetricsPages::gzip()
{
    const std::shared_ptr<const AppView> view = m_model.view();
    refreshProcessPart();
    Derived &derived = derivedOf(*view);
    if (derived.gzip && derived.gzipSerial == m_process.serial)
        return derived.gzip;
    if (!derived.gzipBase) {
        if (!m_body->deflateMissing(*view, m_gzipBudget))
            return nullptr;
        PageBuilder page;
        derived.member = GzipMember();
        page.append(GzipMember::header());
        m_body->appendBlocksTo(page, derived.member);
        m_deflater.add(derived.appMetrics);
        const DeflatedBlock block = m_deflater.finish();
        page.append(block.bytes);
        derived.member.add(block);
        derived.gzipBase = page.take();
    }
    if (m_process.block.textSize == 0) {
        m_deflater.add(m_process.text);
        m_process.block = m_deflater.finish();
    }
    GzipMember member = derived.member;
    member.add(m_process.block);
    PageBuilder page(*derived.gzipBase);
    page.append(m_process.block.bytes + member.trailer());
    derived.gzip = page.take();
    derived.gzipSerial = m_process.serial;
    return derived.gzip;
}

bool MetricsPages::prepareGzip(qint64 budget)
{
    const std::shared_ptr<const AppView> view = m_model.view();
    return m_body->deflateMissing(*view, budget);
}

std::span<const MergeReport> MetricsPages::reports()
{
    return m_body->reports(*m_model.view());
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
    Derived &derived = *static_cast<Derived *>(const_cast<void *>(view.derived.get()));
    if (m_selfMetrics && derived.checkedSerial != m_process.serial)
        refreshAppMetrics(view, derived);
    return derived;
}

void MetricsPages::refreshProcessPart()
{
    if (!m_selfMetrics)
        return;
    const auto now = m_clocks.steady();
    if (m_process.renderedAt && now - *m_process.renderedAt < ProcessRefresh)
        return;
    m_process = {
        renderProcessMetrics(m_counters, readProcessFigures(), m_configOk), {}, now, m_process.serial + 1};
}

void MetricsPages::refreshAppMetrics(const AppView &view, Derived &derived)
{
    // A state can change by time alone, without a new view.
    const Timestamp now = m_clocks.wall();
    const quint64 digest = appStatesDigest(view, now);
    if (derived.checkedSerial == 0 || digest != derived.statesDigest) {
        derived.appMetrics = renderAppMetrics(view, now) + renderMergeMetrics(m_body->reports(view));
        derived.statesDigest = digest;
        derived.plainBase = nullptr;
        derived.gzipBase = nullptr;
    }
    derived.checkedSerial = m_process.serial;
}

} // namespace ExporterProxy
