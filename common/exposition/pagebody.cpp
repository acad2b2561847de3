// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/pagebody.h"

#include "common/exposition/gzipblocks.h"
#include "common/exposition/merge/labelledtexts.h"
#include "common/exposition/merge/merger.h"

namespace ExporterProxy {

namespace {

void appendTexts(const AppView &view, PageBuilder &page)
{
    for (const auto &app : view.apps)
        page.append(app->text);
}

/// One text behind the other, byte for byte as they were sent.
class ConcatenatedBody final : public PageBody
{
public:
    explicit ConcatenatedBody(Deflater &deflater)
        : m_blocks(deflater)
    {
    }

    void appendTo(const AppView &view, PageBuilder &page) override { appendTexts(view, page); }
    bool deflateMissing(const AppView &view, DeflateBudget budget) override
    {
        m_blocks.follow(view);
        return m_blocks.deflateMissing(view, budget);
    }
    void appendBlocksTo(PageBuilder &page, GzipMember &member) const override
    {
        m_blocks.appendTo(page, member);
    }
    qint64 deflatedBytes() const override { return m_blocks.bytes(); }
    std::span<const MergeReport> reports(const AppView &) override { return {}; }
    const DeflatedBlock *blockOf(const AppSnapshot &app) const override { return m_blocks.blockOf(app); }

private:
    GzipBlocks m_blocks;
};

/// One text behind the other, with a label for the application.
class LabelledBody final : public PageBody
{
public:
    LabelledBody(const QByteArray &label, Deflater &deflater)
        : m_texts(label)
        , m_blocks(deflater)
    {
    }

    void appendTo(const AppView &view, PageBuilder &page) override
    {
        appendTexts(m_texts.follow(view), page);
    }
    bool deflateMissing(const AppView &view, DeflateBudget budget) override
    {
        const AppView &labelled = m_texts.follow(view);
        m_blocks.follow(labelled);
        return m_blocks.deflateMissing(labelled, budget);
    }
    void appendBlocksTo(PageBuilder &page, GzipMember &member) const override
    {
        m_blocks.appendTo(page, member);
    }
    qint64 deflatedBytes() const override { return m_blocks.bytes(); }
    std::span<const MergeReport> reports(const AppView &view) override
    {
        m_texts.follow(view);
        return m_texts.reports();
    }

private:
    LabelledTexts m_texts;
    GzipBlocks m_blocks;
};

/// One family behind the other.
class MergedBody final : public PageBody
{
public:
    MergedBody(MergeReader::Options options, Deflater &deflater)
        : m_merger(std::move(options), deflater)
    {
    }

    void appendTo(const AppView &view, PageBuilder &page) override
    {
        m_merger.follow(view);
        m_merger.appendTo(page);
    }
    bool deflateMissing(const AppView &view, DeflateBudget budget) override
    {
        m_merger.follow(view);
        return m_merger.deflateMissing(budget);
    }
    void appendBlocksTo(PageBuilder &page, GzipMember &member) const override
    {
        m_merger.appendBlocksTo(page, member);
    }
    qint64 deflatedBytes() const override { return m_merger.deflatedBytes(); }
    std::span<const MergeReport> reports(const AppView &view) override
    {
        m_merger.follow(view);
        return m_merger.reports();
    }

private:
    Merger m_merger;
};

/// A sample's braces, the prefix that a label of the same name gets, a moment in milliseconds.
constexpr quint32 RewrittenSample = 32;

} // namespace

TextCost textCostOf(const PageRules &rules)
{
    const auto label = quint32(rules.appLabel.size());
    // While a text is taken in, its lines are there twice.
    if (rules.mode == ExpositionMode::Merge)
        return {4, 2 * RewrittenSample + 200, 1000, label > 0 ? 2u : 0u, label};
    if (label > 0)
        return {3, RewrittenSample, 0, 1, label};
    return {};
}

std::unique_ptr<PageBody> makePageBody(const PageRules &rules, Deflater &deflater)
{
    if (rules.mode == ExpositionMode::Merge) {
        // On one page with the proxy's own families, another's of the same name would be a second HELP and
        // TYPE: of a proxy that is polled by this one.
        return std::make_unique<MergedBody>(
            MergeReader::Options{rules.appLabel,
                                 rules.selfMetrics ? QByteArrayLiteral("exporter_proxy_") : QByteArray()},
            deflater);
    }
    if (!rules.appLabel.isEmpty())
        return std::make_unique<LabelledBody>(rules.appLabel, deflater);
    return std::make_unique<ConcatenatedBody>(deflater);
}

} // namespace ExporterProxy
