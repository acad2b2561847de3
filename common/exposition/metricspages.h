// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/appblocks.h"
#include "common/exposition/lineblocks.h"
#include "common/exposition/pagebody.h"
#include "common/model/appmodel.h"
#include "common/model/proxycounters.h"

#include <chrono>
#include <functional>
#include <optional>
#include <QObject>
#include <span>

namespace ExporterProxy {

/// Where the pages take the time from; a test brings its own.
struct PageClocks
{
    std::function<Timestamp()> wall = wallClock;
    std::function<std::chrono::steady_clock::time_point()> steady = std::chrono::steady_clock::now;
};

/// The `/metrics` page: the texts of all applications, as the rules have it, then the proxy's own metrics;
/// plain, and as one gzip member.
///
/// Texts that have expired by the wall clock go before a page is made (AppModel::view(now)). Pages of single
/// applications, and of the proxy's own metrics, are put together of the same parts.
///
/// An unchanged page is the same object again. What is made of a view is kept at that view
/// (AppView::derived), so it goes when the model lets go of the view: a replaced text lives only as long as a
/// response that is still being written. Main thread only; one object for a model, because a view has room
/// for one.
class MetricsPages
{
public:
    /// How many bytes of text gzip() deflates at most in one call, give or take half a megabyte: about 6 ms
    /// on a machine that deflates 340 MB/s. Nothing else happens on the main thread meanwhile.
    static constexpr qint64 GzipBudget = qint64{2} << 20;

    /// The figures of the process are at most this old. Reading and rendering them takes some 20 µs, as long
    /// as the rest of a small scrape, and many scrapes a second are a load test, not a need for fresh
    /// figures.
    static constexpr std::chrono::milliseconds ProcessRefresh{100};

    /// `model` and `counters` must outlive this.
    MetricsPages(AppModel &model, const ProxyCounters &counters, const PageRules &rules,
                 PageClocks clocks = {}, qint64 gzipBudget = GzipBudget);
    ~MetricsPages();

    MetricsPages(const MetricsPages &) = delete;
    MetricsPages &operator=(const MetricsPages &) = delete;

    /// The page now; its parts share the texts with the model.
    std::shared_ptr<const Page> plain();

    /// The same compressed; only what has changed since the last call is deflated. Null for "not now": more
    /// than the budget was to be deflated. The work done is kept: the caller asks again while
    /// isCompressing(), or serves the plain page this time, which HTTP allows whatever the client accepts,
    /// and may go on with prepareGzip(). The page stays plain where limits.max_total_size leaves no memory
    /// for compressed texts, which count towards it.
    std::shared_ptr<const Page> gzip();

    /// Deflates up to `budget` bytes of text ahead of gzip(), give or take one text; returns whether nothing
    /// is left to do. For the time after a gzip() that returned null, in steps that hold up nobody.
    bool prepareGzip(qint64 budget);

    /// Whether a compressed page that was null has got on by that call.
    bool isCompressing() const { return m_isCompressing; }

    using Apps = std::span<const std::shared_ptr<const AppSnapshot>>;

    /// The texts of these applications in this order as they were sent, whatever the rules are.
    std::shared_ptr<const Page> plainOf(Apps apps);

    /// The same compressed; null for "not now", as gzip().
    std::shared_ptr<const Page> gzipOf(Apps apps);

    /// The proxy's own metrics alone, whether or not they stand on the page.
    std::shared_ptr<const Page> plainOwn();
    std::shared_ptr<const Page> gzipOwn();

    /// The applications that are not shown as they were sent, by name. Until the next call of anything here.
    std::span<const MergeReport> reports();

    /// Makes the pages by other rules from now on.
    void setRules(const PageRules &rules);

    /// What `exporter_proxy_config_last_reload_successful` says; true from the start.
    void setConfigOk(bool ok);

private:
    struct Derived;

    /// How long pages stay plain after the memory of the compressed texts was needed for something else.
    static constexpr std::chrono::seconds GzipRest{10};

    struct ProcessPart
    {
        QByteArray text;
        DeflatedBlock block; ///< made when gzip() wants it
        std::optional<std::chrono::steady_clock::time_point> renderedAt; ///< nothing: render it now
        quint64 serial = 0; ///< tells one rendering from the next; 0: none
    };

    static Derived &derivedOf(const AppView &view);
    /// Brings the proxy's own metrics up to date, those of the process and those of the view.
    void refreshOwnMetrics(const AppView &view, Derived &derived, Timestamp now);
    /// What gzip() and its kind may deflate now.
    DeflateBudget gzipBudget(qint64 text) const;
    /// Returns whether anything has changed.
    bool noteBlocks();
    void dropBlocks();
    void refreshAppMetrics(const AppView &view, Derived &derived, Timestamp now);
    const DeflatedBlock &processBlock();

    AppModel &m_model;
    const ProxyCounters &m_counters;
    const PageClocks m_clocks;
    PageRules m_rules;
    const qint64 m_gzipBudget;
    bool m_configOk = true;
    ProcessPart m_process;
    Deflater m_deflater;
    LineBlocks m_ownBlocks{m_deflater}; ///< of the proxy's own metrics as they were compressed last
    std::unique_ptr<PageBody> m_body; ///< by the rules
    std::optional<AppBlocks> m_appBlocks; ///< made with the body
    std::chrono::steady_clock::time_point m_gzipRestsUntil; ///< before, nothing is deflated
    QObject m_context; ///< of the calls by which another thread has the blocks dropped
    bool m_isCompressing = false;
    PendingBytes::Holder m_blocks; ///< what m_body and m_appBlocks keep of compressed texts
};

} // namespace ExporterProxy
