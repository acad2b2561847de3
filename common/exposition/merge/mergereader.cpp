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

/// Room for one more sample than is usual, before the lines grow.
constexpr std::size_t Slack = 256;

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

std::optional<ExpositionFault> MergeReader::read(const QByteArray &text, QByteArrayView appName)
{
    m_names.clear();
    m_index.clear();
    m_samples.clear();
    m_seen.clear();
    m_families.clear();
    m_ids.clear();
    m_repeated = 0;
    m_reserved = 0;
    if (std::optional<ExpositionFault> fault = readEvents(text, appName))
        return fault;
    assignFamilies();
    gather();
    return std::nullopt;
}

void MergeReader::trim()
{
    // The sets and maps as what their buckets stand for.
    const std::size_t kept = std::size_t(m_lines.capacity() + m_sorted.capacity())
        + m_names.capacity() * sizeof(Name) + m_index.bucket_count() * sizeof(*m_index.begin())
        + m_samples.capacity() * sizeof(Sample) + m_seen.bucket_count() * sizeof(*m_seen.begin())
        + m_families.capacity() * sizeof(ReadFamily) + m_ids.capacity() * sizeof(SeriesId);
    if (kept < KeptScratch)
        return;
    m_lines = {};
    m_sorted = {};
    m_names = {};
    m_index = {};
    m_samples = {};
    m_seen = {};
    m_families = {};
    m_ids = {};
}

std::optional<ExpositionFault> MergeReader::readEvents(const QByteArray &text, QByteArrayView appName)
{
    m_writer.begin(m_options.appLabel, appName);
    ExpositionParser parser(text);
    ByteBuilder lines(std::size_t(text.size()) + Slack);
    for (;;) {
        switch (parser.next()) {
        case Event::Sample:
            takeSample(parser, lines);
            break;
        case Event::Type: // of several for one name the first counts
            if (Name &name = m_names[nameIndex(parser.name())]; name.type == FamilyType::None)
                name.type = familyType(parser.text());
            break;
        case Event::Help:
            if (Name &name = m_names[nameIndex(parser.name())]; name.help.isEmpty())
                name.help = parser.text();
            break;
        case Event::Unit:
        case Event::Comment:
        case Event::EndMarker:
        case Event::Blank:
            break;
        case Event::End:
            m_lines = lines.take();
            return std::nullopt;
        case Event::Fault:
            return parser.fault();
        }
    }
}

void MergeReader::takeSample(const ExpositionParser &parser, ByteBuilder &lines)
{
    if (!m_options.reservedPrefix.isEmpty() && parser.name().startsWith(m_options.reservedPrefix)) {
        ++m_reserved;
        return;
    }
    const bool isNext = !m_samples.empty() && m_names[m_samples.back().name].name == parser.name();
    const std::size_t index = isNext ? m_samples.back().name : nameIndex(parser.name());
    const qsizetype begin = lines.size();
    SampleTraits traits;
    m_writer.write(parser, lines, traits);
    SeriesId key = traits.id;
    if (!parser.timestamp().isEmpty()) // the server keeps a series' samples of several moments
        key += seriesPart(parser.timestamp(), TimestampSeed);
    if (!m_seen.insert(key).second) {
        ++m_repeated;
        lines.advanceTo(lines.room(0) - (lines.size() - begin));
        return;
    }
    Name &name = m_names[index];
    name.hasSamples = true;
    name.oddLe = name.oddLe || traits.oddLe;
    name.oddQuantile = name.oddQuantile || traits.oddQuantile;
    m_samples.push_back({index, std::size_t(lines.size()), traits.id});
}

std::size_t MergeReader::nameIndex(QByteArrayView name)
{
    const auto [at, isNew] = m_index.try_emplace(bytesOf(name), m_names.size());
    if (isNew)
        m_names.emplace_back().name = name;
    return at->second;
}

const MergeReader::Name *MergeReader::find(QByteArrayView name)
{
    const auto at = m_index.find(bytesOf(name));
    return at == m_index.end() ? nullptr : &m_names[at->second];
}

const MergeReader::Name *MergeReader::parentOf(QByteArrayView name)
{
    for (const QByteArrayView suffix : ChildSuffixes) {
        if (!name.endsWith(suffix))
            continue;
        const Name *const parent = find(name.chopped(suffix.size()));
        if (parent && ownsSuffix(parent->type, suffix))
            return parent;
    }
    return nullptr;
}

void MergeReader::assignFamilies()
{
    constexpr std::size_t none = ~std::size_t{0};
    for (Name &name : m_names)
        name.family = none;
    const auto own = [this](Name &name) {
        if (name.family == none) {
            name.family = m_families.size();
            m_families.push_back({name.name, name.help, name.type, false, false, 0, 0, {}});
        }
        return name.family;
    };
    for (Name &name : m_names) {
        if (!m_options.reservedPrefix.isEmpty() && name.name.startsWith(m_options.reservedPrefix))
            continue;
        std::size_t family = none;
        if (name.type == FamilyType::None) {
            if (const Name *parent = parentOf(name.name))
                family = name.family = own(m_names[std::size_t(parent - m_names.data())]);
            else if (!name.hasSamples && name.help.isEmpty())
                continue;
        }
        if (family == none)
            family = own(name);
        m_families[family].oddLe |= name.oddLe;
        m_families[family].oddQuantile |= name.oddQuantile;
    }
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
    std::size_t offset = 0;
    std::size_t firstId = 0;
    std::vector<std::size_t> linesAt(m_families.size());
    std::vector<std::size_t> idsAt(m_families.size());
    for (std::size_t i = 0; i < m_families.size(); ++i) {
        ReadFamily &family = m_families[i];
        family.firstId = idsAt[i] = firstId;
        family.lines = QByteArrayView(lines).sliced(qsizetype(offset), qsizetype(sizes[i]));
        linesAt[i] = offset;
        firstId += family.count;
        offset += sizes[i];
    }
    char *const out = isSorted ? nullptr : m_sorted.data();
    begin = 0;
    for (const Sample &sample : m_samples) {
        const std::size_t family = m_names[sample.name].family;
        const std::size_t size = sample.end - begin;
        if (out) {
            std::memcpy(out + linesAt[family], m_lines.constData() + begin, size);
            linesAt[family] += size;
        }
        m_ids[idsAt[family]++] = sample.id;
        begin = sample.end;
    }
}

} // namespace ExporterProxy
