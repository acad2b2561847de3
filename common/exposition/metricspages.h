// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/ownmetrics.h"
#include "common/exposition/pagebody.h"
#include "common/model/appmodel.h"
#include "common/util/keyedhash.h"

#include <chrono>
#include <optional>
#include <QObject>

namespace ExporterProxy {

/// The source of the time; tests pass their own.
struct PageClocks
{
    std::function<Timestamp()> now = timeNow;
    std::function<std::chrono::steady_clock::time_point()> steady = std::chrono::steady_clock::now;
};

/// The `/metrics` page: the texts of all applications, as the rules have it, then the proxy's own metrics;
/// plain, and as one gzip member. A page is a list of sections: the body's (PageBody), which are of one or
/// some applications, or of some families when merged, then those of the own metrics (OwnMetrics). A request
/// costs what has changed of them; the rest is in the PageStore.
///
/// Texts that have expired go before a page is made (AppModel::view(now)). Pages of single
/// applications, and of the proxy's own metrics, are put together of the same sections.
///
/// An unchanged page is the same object again, while a response still has it at least. A replaced text lives
/// only as long as a response that is still being written. Main thread only.
class MetricsPages
{
public:
    /// How many bytes of text metrics() deflates at most in one call, give or take half a megabyte: about
    /// 6 ms on a machine that deflates 340 MB/s. Nothing else happens on the main thread meanwhile.
    static constexpr qint64 GzipBudget = qint64{2} << 20;

    /// How long metrics() merges texts at most in one call, give or take a tenth of that: as long as the
    /// event loop's turn. What takes longer is done in the calls that follow.
    static constexpr std::chrono::milliseconds MergeBudget{5};

    /// The figures of the process are at most this old. Reading and rendering them takes some 20 µs, as long
    /// as the rest of a small scrape, and many scrapes a second are a load test, not a need for fresh
    /// figures.
    static constexpr std::chrono::milliseconds ProcessRefresh{100};

    /// `model` and `counters` must outlive this.
    MetricsPages(AppModel &model, const ProxyCounters &counters, const PageRules &rules,
                 PageClocks clocks = {}, qint64 gzipBudget = GzipBudget);

    MetricsPages(const MetricsPages &) = delete;
    MetricsPages &operator=(const MetricsPages &) = delete;

    /// Returns the current page; its parts share the texts with the model.
    ///
    /// Returns null for "not now" if the texts are being merged and that takes longer than its budget. The
    /// work done is kept: the caller asks again. All who ask meanwhile wait for the same work; who has waited
    /// for long (`isLast`) may get the page as it was finished last, at most OutdatedAge ago, so that
    /// everyone gets one while there are more changes than can be merged.
    ///
    /// Compressed, only what has changed since the last call is deflated. Returns null for "not now" if more
    /// than the budget was to be deflated. The work done is kept: the caller asks again while
    /// isCompressing(), or serves the plain page this time, which HTTP allows whatever the client accepts,
    /// and may go on with prepare(). The page stays plain where limits.max_total_size leaves no memory
    /// for compressed texts, which count towards it. Not compressed, it is null only while texts are merged.
    std::shared_ptr<const Page> metrics(Representation representation, bool isLast = false);

    /// Goes on with the page that was null: merges what has been begun with, then deflates up to `budget`
    /// bytes of text, give or take one text. Returns whether nothing is left to do. In steps that delay
    /// nothing else for long.
    bool prepare(qint64 budget);

    /// Returns whether the last call, which returned null, did some more of the work on the page.
    bool isCompressing() const { return m_isCompressing; }

    using Apps = std::span<const std::shared_ptr<const AppSnapshot>>;

    /// The texts of these applications in this order as they were sent, whatever the rules are. One that came
    /// in another format than the text format is converted, unless that format is asked for and it is alone;
    /// Page::format says so. Null as for metrics().
    std::shared_ptr<const Page> metricsOf(Apps apps, Representation representation);

    /// The proxy's own metrics alone, whether or not they are on the page. Never null.
    std::shared_ptr<const Page> ownMetrics(Representation representation);

    /// The applications that are not shown as they were sent, by name, as of what was merged last. Until the
    /// next call of anything here.
    std::span<const MergeReport> reports() const { return m_body->reports(); }

    /// Brings the reports up to the model, if the budget for merging allows it.
    void updateReports();

    /// Returns a number that says which state of the model reports() has been about last, if that is not the
    /// current one; else 0.
    quint64 outdatedReports() const;

    /// Makes the pages by other rules from now on.
    void setRules(const PageRules &rules);

    /// Makes what shows times anew, because the wall clock was set.
    void forgetTimes();

    /// What `exporter_proxy_config_last_reload_successful` says; true from the start.
    void setConfigOk(bool ok);

private:
    /// How long pages stay plain after the memory of the compressed texts was needed for something else.
    static constexpr std::chrono::seconds GzipRest{10};

    /// How old what was merged may be for those who have waited for long.
    static constexpr std::chrono::milliseconds OutdatedAge{250};

    /// Sections of single applications that are kept before the first search for those that are gone.
    static constexpr std::size_t LeastSingles = 64;

    /// The page that was made last, unless something has changed since.
    struct Made
    {
        std::weak_ptr<const Page> page;
        std::shared_ptr<const Page> kept; ///< null for a page that shares the model's texts
        quint64 ownSerial = 0;
    };

    /// The sections of an application that is asked for alone; null while that one is not asked for.
    struct Single
    {
        std::shared_ptr<Section> text;
        std::shared_ptr<Section> original;
    };

    std::shared_ptr<const AppView> currentView(Timestamp now);
    void refreshOwnMetrics(const AppView &view, Timestamp now);
    WorkBudget mergeBudget() const { return {m_clocks.steady, MergeBudget}; }
    std::optional<PagePart> bodyOf(const std::shared_ptr<const AppView> &view, bool isLast);
    /// Returns how much may be deflated now.
    DeflateBudget gzipBudget(qint64 text) const;
    bool deflate(const PagePart &body, const AppView &view, Format format, DeflateBudget budget);
    Section &singleOf(const AppSnapshot &app, bool isOriginal);
    void dropRepresentations();

    AppModel &m_model;
    const ProxyCounters &m_counters;
    const PageClocks m_clocks;
    PageRules m_rules;
    const qint64 m_gzipBudget;
    bool m_configOk = true;
    QObject m_context; ///< of the calls by which another thread has the representations dropped
    PageStore m_store;
    std::unique_ptr<PageBody> m_body; ///< by the rules
    std::chrono::steady_clock::time_point m_mergedAt; ///< when a view of it was finished
    quint64 m_merged = 0; ///< the generation of that
    std::optional<OwnMetrics> m_own;
    std::optional<std::chrono::steady_clock::time_point> m_processAt; ///< of the process's families
    KeyedMap<QByteArray, Single> m_singles; ///< of applications asked for alone
    std::size_t m_maxSingles = LeastSingles;
    std::array<Made, RepresentationCount> m_made; ///< of the view of m_generation
    quint64 m_generation = 0;
    std::chrono::steady_clock::time_point m_gzipRestsUntil; ///< before, nothing is deflated
    bool m_isCompressing = false;
};

} // namespace ExporterProxy
