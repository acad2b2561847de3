// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/merge/mergereader.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ExporterProxy {

namespace {

using Event = ExpositionParser::Event;

constexpr std::array<std::string_view, 6> TypeNames = {"",      "untyped",   "counter",
                                                       "gauge", "histogram", "summary"};

/// What is kept from text to text at most, in bytes: the usual page of an exporter fits.
constexpr std::size_t KeptScratch = 2 << 20;

constexpr quint64 TimestampSeed = 3;
constexpr quint64 GroupSeed = 4;

/// Lines between two looks at the clock: some 100 µs.
constexpr int Run = 256;

/// The family that no name has yet.
constexpr std::size_t NoFamily = ~std::size_t{0};

/// Room for one more sample than is usual, before the lines grow.
constexpr std::size_t Slack = 256;

/// The end of a name that is a line's of a histogram or summary; empty: it has none.
std::string_view childSuffix(QByteArrayView name)
{
    for (const std::string_view suffix : ChildSuffixes) {
        if (name.endsWith(QByteArrayView(suffix)))
            return suffix;
    }
    return {};
}

} // namespace

std::string_view familyTypeName(FamilyType type)
{
    return TypeNames[std::size_t(type)];
}

FamilyType familyType(QByteArrayView word)
{
    const auto *const found = std::ranges::find(TypeNames, bytesOf(word));
    return FamilyType(found - TypeNames.begin());
}

bool ownsSuffix(FamilyType type, QByteArrayView suffix)
{
    if (type == FamilyType::Summary)
        return suffix == QByteArrayView("_sum") || suffix == QByteArrayView("_count");
    return type == FamilyType::Histogram;
}

void MergeReader::begin(const QByteArray &text, QByteArrayView appName)
{
    m_names.clear();
    m_index.clear();
    m_samples.clear();
    m_textGroups.clear();
    m_seen.clear();
    m_families.clear();
    m_ids.clear();
    m_parts.clear();
    m_groups.clear();
    m_fault.reset();
    m_repeated = 0;
    m_reserved = 0;
    m_text = text;
    m_loop = {};
    m_stage = Stage::Events;
    m_writer.begin(m_options.appLabel, appName);
    m_parser.emplace(m_text);
    m_building.emplace(std::size_t(m_text.size()) + Slack);
}

bool MergeReader::proceed(const WorkBudget &budget)
{
    switch (m_stage) {
    case Stage::Events:
        for (int lines = 1; takeEvent(); ++lines) {
            if (lines % Run == 0 && budget.isSpent())
                return false;
        }
        finishEvents();
        if (m_fault)
            return true;
        [[fallthrough]];
    case Stage::Families:
        if (!m_loop.run(m_names.size(), budget, [this](std::size_t i) { assignFamily(m_names[i]); }))
            return false;
        gather();
        m_stage = Stage::Done;
        break;
    case Stage::Done:
        break;
    }
    return true;
}

void MergeReader::trim()
{
    m_text = {};
    m_parser.reset();
    // The sets and maps as what their buckets stand for.
    const std::size_t kept = std::size_t(m_lines.capacity() + m_sorted.capacity())
        + m_names.capacity() * sizeof(Name) + m_index.bucket_count() * sizeof(*m_index.begin())
        + m_samples.capacity() * sizeof(Sample) + m_seen.bucket_count() * sizeof(*m_seen.begin())
        + m_families.capacity() * sizeof(ReadFamily) + m_ids.capacity() * sizeof(SeriesId)
        + (m_textGroups.capacity() + m_groups.capacity()) * sizeof(SeriesId) + m_parts.capacity();
    if (kept < KeptScratch)
        return;
    m_lines = {};
    m_sorted = {};
    m_names = {};
    m_index = {};
    m_samples = {};
    m_textGroups = {};
    m_seen = {};
    m_families = {};
    m_ids = {};
    m_parts = {};
    m_groups = {};
}

/// Returns whether there may be another event.
bool MergeReader::takeEvent()
{
    switch (m_parser->next()) {
    case Event::Sample:
        takeSample();
        return true;
    case Event::Type: // of several for one name the first counts
        if (Name &name = m_names[nameIndex(m_parser->name())]; name.type == FamilyType::None)
            name.type = familyType(m_parser->text());
        return true;
    case Event::Help:
        if (Name &name = m_names[nameIndex(m_parser->name())]; name.help.isEmpty())
            name.help = m_parser->text();
        return true;
    case Event::Unit:
    case Event::Comment:
    case Event::EndMarker:
    case Event::Blank:
        return true;
    case Event::Fault:
        m_fault = m_parser->fault();
        break;
    case Event::End:
        break;
    }
    return false;
}

void MergeReader::finishEvents()
{
    m_lines = m_building->take();
    m_building.reset();
    if (m_seen.size() * sizeof(SeriesId) > KeptScratch) // it is much, and what follows needs as much
        m_seen = {};
    if (m_fault) {
        m_names.clear();
        m_samples.clear();
        m_repeated = m_reserved = 0;
        m_stage = Stage::Done;
        return;
    }
    for (Name &name : m_names)
        name.family = NoFamily;
    m_stage = Stage::Families;
}

void MergeReader::takeSample()
{
    const ExpositionParser &parser = *m_parser;
    if (!m_options.reservedPrefix.isEmpty() && parser.name().startsWith(m_options.reservedPrefix)) {
        ++m_reserved;
        return;
    }
    const bool isNext = !m_samples.empty() && m_names[m_samples.back().name].name == parser.name();
    const std::size_t index = isNext ? m_samples.back().name : nameIndex(parser.name());
    const qsizetype begin = m_building->size();
    SampleTraits traits;
    m_writer.write(parser, *m_building, traits);
    SeriesId key = traits.id;
    if (!parser.timestamp().isEmpty()) // the server keeps a series' samples of several moments
        key += seriesPart(parser.timestamp(), TimestampSeed);
    if (!m_seen.insert(key).second) {
        ++m_repeated;
        m_building->advanceTo(m_building->room(0) - (m_building->size() - begin));
        return;
    }
    Name &name = m_names[index];
    name.hasSamples = true;
    name.oddLe = name.oddLe || traits.oddLe;
    name.oddQuantile = name.oddQuantile || traits.oddQuantile;
    name.isNegative = name.isNegative
        || (parser.value().startsWith('-') && (traits.hasLe || name.part != NoPart)
            && !name.name.endsWith("_sum"));
    const SamplePart part = name.part == NoPart && traits.hasQuantile ? SumPart : name.part;
    if (part != NoPart) {
        const std::size_t suffix = name.part == NoPart ? 0 : childSuffix(name.name).size();
        m_textGroups.push_back(traits.group);
        m_textGroups.back() += seriesPart(name.name.chopped(qsizetype(suffix)), GroupSeed);
    }
    m_samples.push_back({quint32(index), part, std::size_t(m_building->size()), traits.id});
}

std::size_t MergeReader::nameIndex(QByteArrayView name)
{
    const auto [at, isNew] = m_index.try_emplace(bytesOf(name), m_names.size());
    if (isNew) {
        const std::string_view suffix = childSuffix(name);
        Name &added = m_names.emplace_back();
        added.name = name;
        added.part = suffix.empty() ? NoPart : suffix == ChildSuffixes[0] ? BucketPart : SumPart;
    }
    return at->second;
}

MergeReader::Name *MergeReader::find(QByteArrayView name)
{
    const auto at = m_index.find(bytesOf(name));
    return at == m_index.end() ? nullptr : &m_names[at->second];
}

MergeReader::Name *MergeReader::parentOf(QByteArrayView name)
{
    const QByteArrayView suffix(childSuffix(name));
    Name *const parent = suffix.isEmpty() ? nullptr : find(name.chopped(suffix.size()));
    return parent && ownsSuffix(parent->type, suffix) ? parent : nullptr;
}

std::size_t MergeReader::ownFamily(Name &name)
{
    if (name.family == NoFamily) {
        name.family = m_families.size();
        ReadFamily &family = m_families.emplace_back();
        family.name = name.name;
        family.help = name.help;
        family.type = name.type;
    }
    return name.family;
}

void MergeReader::assignFamily(Name &name)
{
    if (!m_options.reservedPrefix.isEmpty() && name.name.startsWith(m_options.reservedPrefix))
        return;
    if (name.type == FamilyType::None) {
        if (Name *const parent = parentOf(name.name))
            name.family = ownFamily(*parent);
        else if (!name.hasSamples && name.help.isEmpty())
            return;
    }
    ReadFamily &family = m_families[ownFamily(name)];
    family.oddLe |= name.oddLe;
    family.oddQuantile |= name.oddQuantile;
    family.isNegative |= name.isNegative;
}

void MergeReader::gather()
{
    std::vector<std::size_t> sizes(m_families.size());
    bool isSorted = true;
    std::size_t last = 0;
    std::size_t begin = 0;
    for (const Sample &sample : m_samples) {
        const std::size_t family = m_names[sample.name].family;
        isSorted = isSorted && family >= last;
        last = family;
        ++m_families[family].count;
        sizes[family] += sample.end - std::exchange(begin, sample.end);
    }
    m_sorted = isSorted ? QByteArray() : QByteArray(m_lines.size(), Qt::Uninitialized);
    const QByteArray &lines = isSorted ? m_lines : m_sorted;
    m_ids.resize(m_samples.size());
    if (!m_textGroups.empty()) {
        m_parts.resize(m_samples.size());
        m_groups.resize(m_samples.size());
    }
    std::size_t offset = 0;
    std::size_t first = 0;
    std::vector<std::size_t> linesAt(m_families.size());
    std::vector<std::size_t> idsAt(m_families.size());
    for (std::size_t i = 0; i < m_families.size(); ++i) {
        ReadFamily &family = m_families[i];
        family.first = idsAt[i] = first;
        family.lines = QByteArrayView(lines).sliced(qsizetype(offset), qsizetype(sizes[i]));
        linesAt[i] = offset;
        first += family.count;
        offset += sizes[i];
    }
    char *const out = isSorted ? nullptr : m_sorted.data();
    auto group = m_textGroups.cbegin();
    begin = 0;
    for (const Sample &sample : m_samples) {
        const Name &name = m_names[sample.name];
        const std::size_t size = sample.end - begin;
        if (out) {
            std::memcpy(out + linesAt[name.family], m_lines.constData() + begin, size);
            linesAt[name.family] += size;
        }
        const std::size_t at = idsAt[name.family]++;
        m_ids[at] = sample.id;
        if (sample.part != NoPart) {
            const bool isChild =
                name.part != NoPart && m_families[name.family].name.size() == name.name.size();
            m_parts[at] = isChild ? ChildPart : sample.part;
            m_groups[at] = *group++;
        }
        begin = sample.end;
    }
}

} // namespace ExporterProxy
