// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/pagestore.h"

namespace ExporterProxy {

qint64 Section::madeBytes() const
{
    qint64 bytes = 0;
    for (const Made &each : made)
        bytes += each.text.size() + each.deflated.bytes.size();
    return bytes;
}

std::shared_ptr<Section> PageStore::section(quint64 textVersion, qint64 size)
{
    std::weak_ptr<Section> &known = m_sections[textVersion];
    if (std::shared_ptr<Section> section = known.lock())
        return section;
    const std::shared_ptr<Section> section(new Section{textVersion, size, {}}, [this](Section *dropped) {
        m_kept.change(-dropped->madeBytes());
        m_sections.erase(dropped->version);
        delete dropped;
    });
    known = section;
    return section;
}

bool PageStore::deflate(const PagePart &part, Format format, DeflateBudget &budget)
{
    for (std::size_t i = 0; i < part.list.size(); ++i) {
        Section *const section = part.list.section(i);
        if (!section || section->made[std::size_t(format)].deflated.textSize == section->size)
            continue;
        m_texts.clear();
        part.list.texts(i, part.view, m_texts);
        const bool isComplete = deflate(*section, m_texts, format, budget);
        m_texts.clear(); // a replaced text must not live on here
        if (!isComplete)
            return false;
    }
    return true;
}

bool PageStore::deflate(Section &section, std::span<const QByteArray> texts, Format format,
                        DeflateBudget &budget)
{
    DeflatedBlock &block = section.made[std::size_t(format)].deflated;
    const qint64 before = block.bytes.size();
    if (texts.size() == 1) {
        m_deflater.goOn(block, texts.front(), budget);
    } else if (block.textSize != section.size && budget.allows(section.size)) {
        for (const QByteArray &text : texts)
            m_deflater.add(text);
        block = m_deflater.finish();
        budget.take(block);
    }
    m_kept.change(block.bytes.size() - before);
    return block.textSize == section.size;
}

void PageStore::append(const PagePart &part, Representation representation, PageBuilder &page)
{
    if (representation.encoding == Encoding::Identity && part.list.isJoint()) {
        for (std::size_t i = 0; i < part.list.size(); ++i)
            part.list.texts(i, part.view, m_texts);
        for (const QByteArray &text : m_texts)
            page.append(text);
        m_texts.clear();
        return;
    }
    const std::size_t format = std::size_t(representation.format);
    for (std::size_t i = 0; i < part.list.size(); ++i) {
        Section *const section = part.list.section(i);
        if (!section)
            continue;
        Section::Made &made = section->made[format];
        if (representation.encoding == Encoding::Gzip) {
            page.append(made.deflated);
            continue;
        }
        if (!made.text.isEmpty()) {
            page.append(made.text);
            continue;
        }
        part.list.texts(i, part.view, m_texts);
        if (m_texts.size() == 1)
            page.append(m_texts.front());
        else
            join(*section, representation.format, page);
        m_texts.clear();
    }
}

/// Joins the texts in m_texts. The copy is kept while that leaves half of the memory to what cannot be had
/// otherwise: compressed texts, and the responses of slow readers.
void PageStore::join(Section &section, Format format, PageBuilder &page)
{
    const QByteArray joint = PageBuilder::joined(m_texts, qsizetype(section.size));
    page.append(joint);
    if (m_kept.room() - joint.size() < m_kept.allowed() / 2)
        return;
    section.made[std::size_t(format)].text = joint;
    m_kept.change(joint.size());
}

void PageStore::clear()
{
    for (const auto &[version, known] : m_sections) {
        if (const std::shared_ptr<Section> section = known.lock())
            section->made = {};
    }
    m_kept.set(0);
}

} // namespace ExporterProxy
