// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/deflater.h"
#include "common/exposition/merge/mergereport.h"
#include "common/exposition/pagebuilder.h"
#include "common/model/appsnapshot.h"
#include "common/model/textcost.h"
#include "common/settings/settings.h"

#include <memory>
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
/// about, always of the same model, and none goes back to an older one; what is kept from one to the next is
/// the implementation's business. Main thread only.
class PageBody
{
public:
    virtual ~PageBody() = default;

    virtual void appendTo(const AppView &view, PageBuilder &page) = 0;

    /// Deflates what is missing, within the budget. Returns whether nothing is missing.
    virtual bool deflateMissing(const AppView &view, DeflateBudget budget) = 0;

    /// Size of all blocks that are kept.
    virtual qint64 deflatedBytes() const = 0;

    /// The same as appendTo(), compressed; nothing may be missing.
    virtual void appendBlocksTo(PageBuilder &page, GzipMember &member) const = 0;

    /// The applications that are not shown as they were sent, by name. Until the next call.
    virtual std::span<const MergeReport> reports(const AppView &view) = 0;

    /// The block of an application's text as it was sent and is now; null if there is none of it alone.
    virtual const DeflatedBlock *blockOf(const AppSnapshot &) const { return nullptr; }

protected:
    PageBody() = default;
    PageBody(const PageBody &) = default;
    PageBody &operator=(const PageBody &) = default;
};

/// What the body by these rules keeps of each text at most, and needs while it takes it in. Measured by
/// tst_textcost with the worst texts there are.
TextCost textCostOf(const PageRules &rules);

/// `deflater` must outlive it.
std::unique_ptr<PageBody> makePageBody(const PageRules &rules, Deflater &deflater);

} // namespace ExporterProxy
