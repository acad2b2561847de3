// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/grouptext.h"

#include "common/exposition/merge/sampleline.h"
#include "common/exposition/textparser.h"
#include "common/util/bytebuilder.h"
#include "common/util/words.h"

#include <algorithm>
#include <array>
#include <QByteArrayList>
#include <unordered_set>

namespace ExporterProxy {

namespace {

using Event = ExpositionParser::Event;

const QByteArrayView Instance("instance");

Failure failureAt(qsizetype line, const QByteArray &reason)
{
    return Failure{QStringLiteral("line %1: %2").arg(line).arg(QString::fromUtf8(reason))};
}

QByteArray escapedValue(const QByteArray &value)
{
    QByteArray escaped;
    escaped.reserve(value.size());
    for (const char c : value) {
        if (c == '\n') {
            escaped += "\\n";
            continue;
        }
        if (c == '"' || c == '\\')
            escaped += '\\';
        escaped += c;
    }
    return escaped;
}

/// The labels that a group gives to its samples, ready to be written.
struct GroupLabels
{
    explicit GroupLabels(const PushGroup &group)
    {
        for (const PushGroup::Label &label : group.labels) {
            names.push_back(label.plainName());
            block += (block.isEmpty() ? "" : ",") + names.back() + "=\"" + escapedValue(label.value) + '"';
        }
    }

    bool contains(QByteArrayView name) const
    {
        return std::find(names.begin(), names.end(), name) != names.end();
    }

    QByteArrayList names;
    QByteArray block; ///< `job="x",instance="y"`
};

void writeSample(const ExpositionParser &parser, const GroupLabels &group, QByteArray &out)
{
    out += parser.name();
    out += '{';
    out += group.block;
    bool hasInstance = group.contains(Instance);
    for (const ExpositionLabel &label : parser.labels()) {
        if (group.contains(label.name))
            continue;
        hasInstance = hasInstance || label.name == Instance;
        out += ',';
        out += label.name;
        out += "=\"";
        out += label.value;
        out += '"';
    }
    if (!hasInstance)
        out += ",instance=\"\"";
    out += "} ";
    out += parser.value();
    out += '\n';
}

SeriesId idOf(const ExpositionParser &parser, const GroupLabels &group)
{
    SeriesId id = seriesPart(parser.name(), 1);
    for (const ExpositionLabel &label : parser.labels()) {
        if (!group.contains(label.name) && !label.value.isEmpty())
            id += seriesPart(label.value, seriesPart(label.name, 2).low);
    }
    return id;
}

} // namespace

struct GroupReader::State
{
    ExpositionParser parser;
    GroupLabels labels;
    bool isPush; ///< it must be checked, and gets the labels
    qint64 maxSize; ///< of the families: each sample gets all labels
    std::unordered_set<SeriesId, SeriesIdHash> seen{};
    GroupFamilies families{};
    qsizetype size = 0; ///< bytes that were read
    std::optional<Failure> failure{};
    bool isDone = false;
};

GroupReader::GroupReader(QByteArrayView text, const PushGroup &group, qint64 maxSize)
    : m_state(new State{ExpositionParser(text), GroupLabels(group), true, maxSize})
{
}

GroupReader::GroupReader(QByteArrayView text)
    : m_state(new State{ExpositionParser(text), GroupLabels(PushGroup{}), false, MaxSize})
{
}

GroupReader::~GroupReader() = default;

bool GroupReader::proceed(qsizetype size)
{
    const qsizetype end = m_state->size + size;
    while (!m_state->isDone && m_state->size < end) {
        m_state->failure = readNext();
        m_state->isDone = m_state->isDone || m_state->failure;
        if (!m_state->isPush)
            m_state->failure.reset(); // a stored text can have come by another way, without being parsed
    }
    return m_state->isDone;
}

Result<GroupFamilies> GroupReader::take()
{
    if (m_state->failure)
        return *std::move(m_state->failure);
    return std::move(m_state->families);
}

std::optional<Failure> GroupReader::readNext()
{
    State &state = *m_state;
    ExpositionParser &parser = state.parser;
    const Event event = parser.next();
    state.size += parser.raw().size() + 1;
    switch (event) {
    case Event::Sample: {
        GroupFamilies::Family &family = state.families.familyOfSample(parser.name());
        // A line can need a family of its own and the identity of a series, which take up memory beside it.
        constexpr qint64 OfEach = 200;
        state.families.m_size += parser.raw().size() + state.labels.block.size() + OfEach;
        if (state.families.m_size > state.maxSize)
            return failureAt(parser.line(), "the group would be larger than limits.max_message_size allows");
        if (!state.isPush) {
            family.samples += parser.raw();
            family.samples += '\n';
            break;
        }
        if (!parser.timestamp().isEmpty())
            return failureAt(parser.line(),
                             "a pushed sample must not have a timestamp: it is not the time at which it "
                             "will be scraped");
        if (!state.seen.insert(idOf(parser, state.labels)).second)
            return failureAt(parser.line(),
                             "a second sample of the same series of " + parser.name().toByteArray());
        writeSample(parser, state.labels, family.samples);
        break;
    }
    case Event::Type: {
        GroupFamilies::Family &family = state.families.m_families[parser.name().toByteArray()];
        if (!family.type.isEmpty() || !family.samples.isEmpty())
            return failureAt(parser.line(),
                             (family.type.isEmpty() ? "TYPE behind samples of " : "a second TYPE of ")
                                 + parser.name().toByteArray());
        family.type = parser.text().toByteArray();
        break;
    }
    case Event::Help: {
        GroupFamilies::Family &family = state.families.m_families[parser.name().toByteArray()];
        if (family.hasHelp)
            return failureAt(parser.line(), "a second HELP of " + parser.name().toByteArray());
        family.hasHelp = true;
        family.help = parser.text().toByteArray();
        break;
    }
    case Event::Unit:
    case Event::Comment:
    case Event::EndMarker:
    case Event::Blank:
        break;
    case Event::End:
        state.isDone = true;
        break;
    case Event::Fault:
        return Failure{QString::fromUtf8(parser.fault().message())};
    }
    return std::nullopt;
}

GroupFamilies::Family &GroupFamilies::familyOfSample(QByteArrayView name)
{
    struct Part
    {
        QByteArrayView suffix;
        bool ofSummary;
    };
    static constexpr std::array<Part, 3> Parts = {{{"_bucket", false}, {"_sum", true}, {"_count", true}}};
    for (const Part &part : Parts) {
        if (!name.endsWith(part.suffix))
            continue;
        const auto family = m_families.find(name.chopped(part.suffix.size()).toByteArray());
        if (family != m_families.end()
            && (family->second.type == "histogram" || (part.ofSummary && family->second.type == "summary")))
            return family->second;
    }
    return m_families[name.toByteArray()];
}

qint64 GroupReader::heldBytes() const
{
    return m_state->families.m_size;
}

void GroupFamilies::replaceBy(GroupFamilies pushed)
{
    m_size += pushed.m_size;
    for (auto &[name, family] : pushed.m_families)
        m_families[name] = std::move(family);
}

void GroupFamilies::setTime(const QByteArray &family, const QByteArray &help, Timestamp time,
                            const PushGroup &group)
{
    const GroupLabels labels(group);
    const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
    std::array<char, SecondsMaxSize> number;
    const char *const end = writeSeconds(number.data(), milliseconds);
    m_families[family] = {"gauge", help, true,
                          family + '{' + labels.block
                              + (labels.contains(Instance) ? "} " : ",instance=\"\"} ")
                              + QByteArray(number.data(), end - number.data()) + '\n'};
}

void GroupFamilies::keepFrom(GroupFamilies &former, QByteArrayView family)
{
    if (const auto found = former.m_families.find(family.toByteArray()); found != former.m_families.end())
        m_families[found->first] = std::move(found->second);
}

QByteArray GroupFamilies::text() const
{
    qsizetype size = 0;
    for (const auto &[name, family] : m_families)
        size += 2 * name.size() + family.help.size() + family.samples.size() + 40;
    ByteBuilder text{std::size_t(size)};
    for (const auto &[name, family] : m_families) {
        if (family.samples.isEmpty())
            continue; // a family without a sample says nothing, and its type could be at odds with another
                      // group's
        if (family.hasHelp) {
            text.append("# HELP ");
            text.append(bytesOf(name));
            text.append(" ");
            text.append(bytesOf(family.help));
            text.append("\n");
        }
        text.append("# TYPE ");
        text.append(bytesOf(name));
        text.append(" ");
        text.append(family.type.isEmpty() ? std::string_view("untyped") : bytesOf(family.type));
        text.append("\n");
        text.append(bytesOf(family.samples));
    }
    return text.take();
}

} // namespace ExporterProxy
