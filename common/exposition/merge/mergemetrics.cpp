// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/merge/mergemetrics.h"

#include "common/exposition/metricstext.h"

#include <algorithm>

namespace ExporterProxy {

namespace {

/// What the lines of one application usually take.
constexpr std::size_t UsualAppSize = 256;

/// A family with a sample for each report whose figure is not 0; none if all are.
void addFamily(MetricsText &text, std::span<const MergeReport> reports, std::string_view name,
               std::string_view help, auto &&figure)
{
    const auto isShown = [&figure](const MergeReport &report) { return figure(report) > 0; };
    if (std::ranges::none_of(reports, isShown))
        return;
    text.family(name, "gauge", help);
    for (const MergeReport &report : reports) {
        if (isShown(report))
            text.sample({"app=\"", bytesOf(labelValue(report.app)), "\""}, figure(report));
    }
}

void addConflicts(MetricsText &text, std::span<const MergeReport> reports)
{
    const auto hasConflict = [](const MergeReport &report) { return report.helps + report.types > 0; };
    if (std::ranges::none_of(reports, hasConflict))
        return;
    text.family("exporter_proxy_merge_conflicts", "gauge",
                "Families of the application whose HELP or TYPE on the page is another application's.");
    for (const MergeReport &report : reports) {
        if (!hasConflict(report))
            continue;
        const QByteArray app = labelValue(report.app);
        if (report.helps > 0)
            text.sample({"app=\"", bytesOf(app), "\",kind=\"help\""}, report.helps);
        if (report.types > 0)
            text.sample({"app=\"", bytesOf(app), "\",kind=\"type\""}, report.types);
    }
}

} // namespace

QByteArray renderMergeMetrics(std::span<const MergeReport> reports)
{
    if (reports.empty())
        return {};
    MetricsText text(1024 + reports.size() * UsualAppSize);
    addConflicts(text, reports);
    addFamily(text, reports, "exporter_proxy_merge_dropped_series",
              "Series of the application that are not on the page, because it has them twice or another "
              "application that was updated later has them.",
              [](const MergeReport &report) { return report.hidden; });
    addFamily(text, reports, "exporter_proxy_merge_reserved_samples",
              "Samples of the application that are not on the page, because their names are the proxy's own.",
              [](const MergeReport &report) { return report.reserved; });
    addFamily(text, reports, "exporter_proxy_merge_unreadable",
              "Whether the application's text cannot be parsed; always 1.",
              [](const MergeReport &report) { return int(!report.fault.isEmpty()); });
    return text.take();
}

} // namespace ExporterProxy
