// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/merge/mergereport.h"
#include "common/exposition/pagestore.h"
#include "common/model/textcost.h"
#include "common/settings/settings.h"
#include "common/util/workbudget.h"

#include <memory>
#include <optional>
#include <span>

namespace ExporterProxy {

/// How the texts of the applications become a page.
struct PageRules
{
    ExpositionMode mode = ExpositionMode::Concatenate;
    QByteArray appLabel = {}; ///< the name of a label that each sample gets; empty: none
    bool selfMetrics = true; ///< the page goes on with the proxy's own metrics

    bool operator==(const PageRules &) const = default;
};

/// The part of `/metrics` that the applications' texts are made into. Each call names the view that it is
/// about, always of the same model, and none goes back to an older one. Main thread only.
class PageBody
{
public:
    virtual ~PageBody() = default;

    /// Brings the body up to the view. Returns its sections, valid as long as the view, until the next call
    /// of anything here; or none if the budget is spent before they are made. Then the next call resumes, on
    /// the view with which the work has begun first.
    virtual std::optional<PagePart> follow(const std::shared_ptr<const AppView> &view,
                                           const WorkBudget &budget) = 0;

    /// Finishes the view with which the work has begun; returns whether there is nothing more to do.
    virtual bool finish(const WorkBudget &) { return true; }

    /// Returns the sections that were finished last, of whatever view; none while others are being made.
    virtual std::optional<PagePart> latest(const AppView &) { return std::nullopt; }

    /// The applications that are not shown as they were sent, by name, as of the sections that were finished
    /// last. Until the next call.
    virtual std::span<const MergeReport> reports() const { return {}; }

    /// Returns the generation of the view that was finished last.
    virtual quint64 generation() const = 0;

protected:
    PageBody() = default;
    PageBody(const PageBody &) = default;
    PageBody &operator=(const PageBody &) = default;
};

/// What the body by these rules keeps of each text at most, and needs while it takes it in. Measured by
/// tst_textcost with the worst texts there are.
TextCost textCostOf(const PageRules &rules);

/// `store` must outlive it.
std::unique_ptr<PageBody> makePageBody(const PageRules &rules, PageStore &store);

} // namespace ExporterProxy
