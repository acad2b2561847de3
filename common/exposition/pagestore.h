// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/deflater.h"
#include "common/exposition/page.h"
#include "common/model/appsnapshot.h"
#include "common/model/pendingbytes.h"

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <unordered_map>

namespace ExporterProxy {

/// Puts a page together, of texts or, compressed, of blocks that become one gzip member. Large parts are
/// shared. Small neighbours are copied into joint parts: a gathered write of 10 MB to a local TCP reader took
/// 3.6 ms in parts of 100 bytes, 1.3 ms in parts of 1 KB and 0.5 ms in parts of 4 KB or more. That is paid
/// with every scrape, the copy once.
class PageBuilder
{
public:
    /// Parts below this are joined. Sections that are texts have 4 KB and more on average, and to copy those
    /// that have less costs more than it saves.
    static constexpr qsizetype SmallPart = 2 * 1024;
    /// The size up to which they are joined, and up to which a page as a whole becomes one part.
    static constexpr qsizetype JointPart = 64 * 1024;

    explicit PageBuilder(Encoding encoding = Encoding::Identity, Format format = Format::Text)
        : m_page(std::make_shared<Page>())
        , m_encoding(encoding)
    {
        m_page->format = format;
        if (encoding == Encoding::Gzip)
            append(GzipMember::header());
    }

    /// Appends a text to a page that is not compressed.
    void append(const QByteArray &part)
    {
        if (part.isEmpty())
            return;
        if (part.size() >= SmallPart || m_smallSize + part.size() > JointPart)
            join();
        if (part.size() >= SmallPart) {
            m_page->append(part);
            return;
        }
        m_small.push_back(part);
        m_smallSize += part.size();
    }

    /// Appends a block to a compressed page.
    void append(const DeflatedBlock &block)
    {
        append(block.bytes);
        m_member.add(block);
    }

    /// Returns the page; the builder is used up.
    std::shared_ptr<const Page> take()
    {
        if (m_encoding == Encoding::Gzip)
            append(m_member.trailer());
        join();
        if (m_page->parts.size() > 1 && m_page->size <= JointPart)
            m_page->parts = {joined(m_page->parts, qsizetype(m_page->size))};
        return std::move(m_page);
    }

    /// Returns the parts, of that size together, as one.
    static QByteArray joined(const std::vector<QByteArray> &parts, qsizetype size)
    {
        QByteArray whole;
        whole.reserve(size);
        for (const QByteArray &part : parts)
            whole.append(part);
        return whole;
    }

private:
    void join()
    {
        if (m_small.empty())
            return;
        m_page->append(m_small.size() == 1 ? m_small.front() : joined(m_small, m_smallSize));
        m_small.clear();
        m_smallSize = 0;
    }

    std::shared_ptr<Page> m_page;
    const Encoding m_encoding;
    GzipMember m_member; ///< of all blocks so far
    std::vector<QByteArray> m_small;
    qsizetype m_smallSize = 0;
};

/// A stretch of a page, which never changes: another text is a section of another version. It has the
/// representations that were made of it so far.
struct Section
{
    struct Made
    {
        QByteArray text; ///< small texts joined; empty: not kept
        DeflatedBlock deflated; ///< of a smaller textSize than the section: not complete yet
    };

    quint64 version = 0; ///< unique in its store
    qint64 size = 0; ///< bytes of its text
    std::array<Made, FormatCount> made; ///< by Format

    qint64 madeBytes() const;
};

/// A part of a page: its sections in the order of the page, kept from one state of the model to the next.
class SectionList
{
public:
    virtual ~SectionList() = default;

    virtual std::size_t size() const = 0;

    /// The section at a place below size(); null if it is empty.
    virtual Section *section(std::size_t index) = 0;

    /// Appends the texts that the section is made of, one behind the other, to `texts`. `view` must be the
    /// one that the list follows.
    virtual void texts(std::size_t index, const AppView &view, std::vector<QByteArray> &texts) = 0;

    /// Returns whether the list itself holds the text of each section in one piece; then the store keeps no
    /// copy.
    virtual bool isJoint() const { return false; }

protected:
    SectionList() = default;
    SectionList(const SectionList &) = default;
    SectionList &operator=(const SectionList &) = default;
};

/// A list with the view that it follows. Valid as long as both are.
struct PagePart
{
    SectionList &list;
    const AppView &view;
};

/// Makes and keeps the representations of sections: each is made once, when it is first needed, and goes with
/// the last list that has the section. All bytes that are kept count towards limits.max_total_size
/// (PendingBytes). Main thread only.
class PageStore
{
public:
    /// `shed` is told to have the store cleared because memory is short: PendingBytes::Holder. `pending` must
    /// outlive the store.
    PageStore(PendingBytes &pending, std::function<void()> shed)
        : m_kept(pending, std::move(shed))
    {
    }
    PageStore(const PageStore &) = delete;
    PageStore &operator=(const PageStore &) = delete;

    /// The section of the text that an application sent, by AppSnapshot::textVersion: whatever asks for the
    /// same text shares it. The store must outlive it.
    std::shared_ptr<Section> section(quint64 textVersion, qint64 size);

    /// A section of a text that nothing else has.
    std::shared_ptr<Section> newSection(qint64 size) { return section(++m_lastVersion, size); }

    /// Deflates what is missing of the part in the order of the page, within the budget, and returns whether
    /// nothing is missing any more.
    bool deflate(const PagePart &part, Format format, DeflateBudget &budget);
    /// The same for one section, which these are the texts of.
    bool deflate(Section &section, std::span<const QByteArray> texts, Format format, DeflateBudget &budget);

    /// Appends the part in that representation. Of a compressed one nothing may be missing.
    void append(const PagePart &part, Representation representation, PageBuilder &page);

    /// Returns the budget for deflating that many bytes of text with the memory that is left.
    DeflateBudget budget(qint64 text) const { return {text, m_kept.room()}; }

    /// Returns the size of all representations that are kept, in bytes.
    qint64 bytes() const { return m_kept.bytes(); }
    /// Returns whether more bytes are pending than allowed.
    bool isExceeded() const { return m_kept.isExceeded(); }
    /// Drops all representations; they are made anew when they are needed.
    void clear();

private:
    void join(Section &section, Format format, PageBuilder &page);

    Deflater m_deflater;
    PendingBytes::Holder m_kept;
    std::unordered_map<quint64, std::weak_ptr<Section>> m_sections; ///< by version
    quint64 m_lastVersion = quint64{1} << 63; ///< of newSection(); the model does not get that far
    std::vector<QByteArray> m_texts; ///< scratch
};

} // namespace ExporterProxy
