// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/pagebody.h"

#include "common/exposition/appgroups.h"
#include "common/exposition/merge/labelledtexts.h"
#include "common/exposition/merge/merger.h"

namespace ExporterProxy {

namespace {

/// The texts of a view as sections: a large text is one of its own, small neighbours share one. For deflate
/// finds nothing to refer to in 1 KB (ratio 4.5 alone, 11 in groups of 8 KiB on the pages of a client
/// library), a block has a fixed cost of some ten microseconds, and so has each part of a gathered write.
class TextSections final : public SectionList
{
public:
    /// If not `isAsSent`, the views' textVersion is not that of the text which the application sent.
    TextSections(PageStore &store, bool isAsSent)
        : m_store(store)
        , m_isAsSent(isAsSent)
    {
    }

    void follow(const AppView &view)
    {
        if (!m_groups.follow(view))
            return;
        for (const quint32 id : m_groups.gone())
            m_sections[id].reset();
        m_sections.resize(m_groups.idCount());
        for (const AppGroups::Group &group : m_groups.groups()) {
            if (!group.isChanged)
                continue;
            std::shared_ptr<Section> &section = m_sections[group.id];
            section.reset();
            const AppSnapshot &first = *view.apps[group.begin];
            if (m_isAsSent && group.weight > 0 && first.text.size() == group.weight)
                section = m_store.section(first.textVersion, group.weight);
            else if (group.weight > 0)
                section = m_store.newSection(group.weight);
        }
    }

    std::size_t size() const override { return m_groups.groups().size(); }
    Section *section(std::size_t index) override { return m_sections[m_groups.groups()[index].id].get(); }
    void texts(std::size_t index, const AppView &view, std::vector<QByteArray> &texts) override
    {
        const AppGroups::Group &group = m_groups.groups()[index];
        for (const auto &app : std::span(view.apps).subspan(group.begin, group.count)) {
            if (!app->text.isEmpty())
                texts.push_back(app->text);
        }
    }

private:
    static constexpr AppGroups::Limits GroupSize{4 * 1024, 8 * 1024, 16 * 1024};

    PageStore &m_store;
    const bool m_isAsSent;
    AppGroups m_groups{AppGroups::By::Texts, GroupSize};
    std::vector<std::shared_ptr<Section>> m_sections; ///< by the group's number; null: nothing in it
};

/// One text behind the other, byte for byte as they were sent.
class ConcatenatedBody final : public PageBody
{
public:
    explicit ConcatenatedBody(PageStore &store)
        : m_sections(store, true)
    {
    }

    std::optional<PagePart> follow(const std::shared_ptr<const AppView> &view, const WorkBudget &) override
    {
        m_sections.follow(*view);
        m_generation = view->generation;
        return PagePart{m_sections, *view};
    }
    quint64 generation() const override { return m_generation; }

private:
    TextSections m_sections;
    quint64 m_generation = 0;
};

/// One text behind the other, with a label for the application.
class LabelledBody final : public PageBody
{
public:
    LabelledBody(const QByteArray &label, PageStore &store)
        : m_texts(label)
        , m_sections(store, false)
    {
    }

    std::optional<PagePart> follow(const std::shared_ptr<const AppView> &view, const WorkBudget &) override
    {
        const AppView &labelled = m_texts.follow(*view);
        m_sections.follow(labelled);
        m_generation = view->generation;
        return PagePart{m_sections, labelled};
    }
    std::span<const MergeReport> reports() const override { return m_texts.reports(); }
    quint64 generation() const override { return m_generation; }

private:
    LabelledTexts m_texts;
    TextSections m_sections;
    quint64 m_generation = 0;
};

/// One family behind the other.
class MergedBody final : public PageBody
{
public:
    MergedBody(MergeReader::Options options, PageStore &store)
        : m_merger(std::move(options), store)
    {
    }

    std::optional<PagePart> follow(const std::shared_ptr<const AppView> &view,
                                   const WorkBudget &budget) override
    {
        if (!m_merger.follow(view, budget))
            return std::nullopt;
        return PagePart{m_merger.sections(), *view};
    }
    bool finish(const WorkBudget &budget) override { return m_merger.finish(budget); }
    std::optional<PagePart> latest(const AppView &view) override
    {
        if (!m_merger.isFinished())
            return std::nullopt;
        return PagePart{m_merger.sections(), view};
    }
    std::span<const MergeReport> reports() const override { return m_merger.reports(); }
    quint64 generation() const override { return m_merger.generation(); }

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

std::unique_ptr<PageBody> makePageBody(const PageRules &rules, PageStore &store)
{
    if (rules.mode == ExpositionMode::Merge) {
        // On one page with the proxy's own families, another's of the same name would be a second HELP and
        // TYPE: of a proxy that is polled by this one.
        return std::make_unique<MergedBody>(
            MergeReader::Options{rules.appLabel,
                                 rules.selfMetrics ? QByteArrayLiteral("exporter_proxy_") : QByteArray()},
            store);
    }
    if (!rules.appLabel.isEmpty())
        return std::make_unique<LabelledBody>(rules.appLabel, store);
    return std::make_unique<ConcatenatedBody>(store);
}

} // namespace ExporterProxy
