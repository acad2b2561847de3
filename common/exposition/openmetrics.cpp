// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/openmetrics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace ExporterProxy {

/// What a family of OpenMetrics is in the text format. Names that begin with the family's and end in one of
/// these belong to it, unless they have a TYPE of their own.
struct FamilyRule
{
    std::string_view type;
    std::string_view textType;
    std::array<std::string_view, 3> children = {}; ///< ends of names that stay in the family
    std::string_view renamed = {}; ///< the end of the name that is the family in the text format
    std::array<std::string_view, 2> gauges = {}; ///< ends of names that become gauges of their own
};

namespace {

using Event = ExpositionParser::Event;

constexpr FamilyRule Rules[] = {
    {"counter", "counter", {}, "_total", {"_created"}},
    {"gauge", "gauge"},
    {"histogram", "histogram", {"_bucket", "_sum", "_count"}, {}, {"_created"}},
    {"summary", "summary", {"_sum", "_count"}, {}, {"_created"}},
    {"info", "gauge", {}, "_info"},
    {"stateset", "gauge"},
    {"gaugehistogram", "histogram", {"_bucket"}, {}, {"_gsum", "_gcount"}},
    {"unknown", "untyped"},
    {"untyped", "untyped"},
};

const FamilyRule *ruleOf(QByteArrayView type)
{
    const auto *const found = std::ranges::find(Rules, bytesOf(type), &FamilyRule::type);
    return found == std::end(Rules) ? nullptr : found;
}

/// Seconds to milliseconds as the server does it; negative if the number is negative or too large.
qint64 millisecondsOf(QByteArrayView seconds)
{
    if (seconds.startsWith('+'))
        seconds = seconds.sliced(1);
    double value = 0; // stays, for a number that is too small for a double
    std::from_chars(seconds.begin(), seconds.end(), value);
    value *= 1000;
    constexpr double End = 9223372036854775808.0; // 2^63
    return value >= 0 && value < End ? qint64(value) : value < 0 ? -1 : std::numeric_limits<qint64>::max();
}

/// Returns whether the line of a sample, which the parser has accepted, has its blanks and commas where
/// OpenMetrics has them, and no others.
bool isStrictSample(QByteArrayView line)
{
    bool isQuoted = false;
    bool isInBraces = false;
    char last = '\0';
    char beforeLast = '\0';
    for (const char *at = line.begin(); at != line.end(); ++at) {
        const char c = *at;
        bool isFit = c != '\n';
        if (isQuoted) {
            if (c == '\\')
                ++at; // whatever is escaped: the parser has seen that something is
            isQuoted = c != '"';
        } else if (last == '"') {
            isFit = c == ',' || c == '}';
            isInBraces = c != '}';
        } else if (last == '}' || last == '#') {
            isFit = c == ' ';
        } else if (c == '{') {
            isFit = last != ' ' || beforeLast == '#';
            isInBraces = true;
        } else if (c == '}') {
            isInBraces = false;
        } else if (c == '"') {
            isQuoted = true;
        } else if (c == ' ') {
            isFit = last != ' ' && !isInBraces;
        } else if (c == '#') {
            isFit = last == ' ';
        } else {
            isFit = isFit && c != '\t';
        }
        if (!isFit)
            return false;
        beforeLast = std::exchange(last, c);
    }
    return last != ' ';
}

/// Returns whether `# HELP name text` and the like have their blanks where OpenMetrics has them.
bool isStrictMetadata(const ExpositionParser &parser)
{
    constexpr qsizetype Prefix = sizeof "# HELP " - 1;
    const QByteArrayView line = parser.raw();
    const QByteArrayView name = parser.name();
    return name.data() == line.data() + Prefix && line[Prefix - 1] == ' ' && line.startsWith("# ")
        && name.end() != line.end() && *name.end() == ' ';
}

/// OpenMetrics wants the unit as the last part of the name.
bool isStrictUnit(QByteArrayView name, QByteArrayView unit)
{
    return unit.isEmpty()
        || (name.size() > unit.size() && name.endsWith(unit) && name[name.size() - unit.size() - 1] == '_');
}

/// Samples of a name that are copied in one go, in bytes.
constexpr qsizetype MaxRunSize = 64 * 1024;

/// Room for one more line than is usual, before the lines grow.
constexpr std::size_t Slack = 256;

} // namespace

OpenMetricsConversion::OpenMetricsConversion(QByteArrayView text, OddTimes oddTimes, Timestamp arrival)
    : m_parser(text, ExpositionDialect::WithOpenMetrics)
    , m_oddTimes(oddTimes)
    , m_times(arrival)
    , m_lines(std::size_t(text.size()) + Slack)
{
}

qsizetype OpenMetricsConversion::proceed(qsizetype size)
{
    qsizetype done = 0;
    while (m_stage != Stage::Done && done < size) {
        switch (m_stage) {
        case Stage::Read:
            read();
            done += m_parser.raw().size() + 1;
            break;
        case Stage::Assign:
            assign();
            done += qsizetype(sizeof(Run));
            break;
        case Stage::Write: {
            const qsizetype before = m_out.size();
            write();
            done += m_out.size() - before;
            break;
        }
        case Stage::Done:
            break;
        }
    }
    return done;
}

qint64 OpenMetricsConversion::heldBytes() const
{
    // What a hash map holds for an entry beside it.
    constexpr std::size_t NodeSize = 4 * sizeof(void *);
    return m_lines.size() + m_read.size() + m_out.size()
        + qint64(m_names.size() * (sizeof(Name) + sizeof(*m_index.begin()) + NodeSize)
                 + m_runs.size() * sizeof(Run) + m_families.size() * sizeof(Family));
}

void OpenMetricsConversion::fail(ExpositionFault fault)
{
    m_fault = std::move(fault);
    m_stage = Stage::Done;
}

/// The next event of the text.
void OpenMetricsConversion::read()
{
    const Event event = m_parser.next();
    m_isStrict = m_isStrict && (!m_hasEnded || event == Event::End);
    switch (event) {
    case Event::Sample:
        readSample();
        break;
    case Event::Type: // of several for one name the first counts
        if (Name &name = m_names[nameIndex(m_parser.name())]; !name.rule)
            name.rule = ruleOf(m_parser.text());
        m_isStrict = m_isStrict && isStrictMetadata(m_parser) && m_parser.text() != "untyped";
        break;
    case Event::Help:
        if (Name &name = m_names[nameIndex(m_parser.name())]; name.help.isEmpty())
            name.help = m_parser.text();
        m_isStrict = m_isStrict && isStrictMetadata(m_parser);
        break;
    case Event::Unit:
        m_isStrict =
            m_isStrict && isStrictMetadata(m_parser) && isStrictUnit(m_parser.name(), m_parser.text());
        break;
    case Event::Comment:
    case Event::Blank:
        m_isStrict = false;
        break;
    case Event::EndMarker:
        m_isStrict = m_isStrict && m_parser.raw() == "# EOF";
        m_hasEnded = true;
        break;
    case Event::End:
        m_stage = Stage::Assign;
        break;
    case Event::Fault:
        fail(m_parser.fault());
        break;
    }
}

void OpenMetricsConversion::readSample()
{
    const QByteArrayView line = m_parser.raw();
    const QByteArrayView value = m_parser.value();
    const QByteArrayView timestamp = m_parser.timestamp();
    m_isStrict = m_isStrict && value.data()[-1] == ' ' && isStrictSample(line);
    qint64 time = 0;
    if (!timestamp.isEmpty()) {
        time = millisecondsOf(timestamp);
        if (!SampleTimes::isPlausible(time)) {
            if (m_oddTimes == OddTimes::Refuse)
                fail(m_parser.faultAt(timestamp.data(),
                                      implausibleTime(timestamp, "seconds", time < SampleTimes::First)));
            else
                m_times.addLeftOut(m_parser.line());
            return;
        }
        m_times.add(time, m_parser.line());
    }
    if (m_runs.empty() || m_names[m_runs.back().name].name != m_parser.name()
        || m_lines.size() - m_runs.back().begin > MaxRunSize)
        m_runs.push_back({nameIndex(m_parser.name()), m_lines.size()});
    const QByteArrayView kept = line.first(value.end() - line.begin());
    char *at = put(m_lines.room(std::size_t(kept.size()) + NumberMaxSize + 2), bytesOf(kept));
    if (!timestamp.isEmpty()) {
        *at++ = ' ';
        at = putNumber(at, time);
    }
    *at++ = '\n';
    m_lines.advanceTo(at);
}

std::size_t OpenMetricsConversion::nameIndex(QByteArrayView name)
{
    const auto [at, isNew] = m_index.try_emplace(bytesOf(name), m_names.size());
    if (isNew)
        m_names.emplace_back().name = name;
    return at->second;
}

std::size_t OpenMetricsConversion::addFamily(Name &name, std::string_view type, QByteArrayView help)
{
    name.family = m_families.size();
    m_families.push_back({name.name, help, type});
    return name.family;
}

/// The family that the samples of a name belong to.
std::size_t OpenMetricsConversion::familyOf(std::size_t index)
{
    Name &name = m_names[index];
    if (name.family != None)
        return name.family;
    if (name.rule)
        return addFamily(name, name.rule->textType, name.help);
    // No end of a name has an underscore but at its begin.
    const std::string_view whole = bytesOf(name.name);
    const std::size_t underscore = whole.rfind('_');
    const auto parentAt =
        underscore == std::string_view::npos ? m_index.end() : m_index.find(whole.substr(0, underscore));
    if (parentAt != m_index.end()) {
        const Name &parent = m_names[parentAt->second];
        const std::string_view end = whole.substr(underscore);
        const FamilyRule *const rule = parent.rule;
        const QByteArrayView help = name.help.isEmpty() ? parent.help : name.help;
        if (rule && std::ranges::find(rule->children, end) != rule->children.end())
            return name.family = familyOf(parentAt->second);
        if (rule && end == rule->renamed)
            return addFamily(name, rule->textType, help);
        if (rule && std::ranges::find(rule->gauges, end) != rule->gauges.end())
            return addFamily(name, "gauge", help);
    }
    return addFamily(name, "untyped", name.help);
}

/// Appends the next run to its family.
void OpenMetricsConversion::assign()
{
    if (m_run < m_runs.size()) {
        Family &family = m_families[familyOf(m_runs[m_run].name)];
        (family.first == None ? family.first : m_runs[family.last].next) = m_run;
        family.last = m_run++;
        return;
    }
    m_run = None;
    m_read = m_lines.take();
    m_lines = ByteBuilder(0);
    m_out = ByteBuilder(std::size_t(m_read.size()) + m_families.size() * Slack);
    m_stage = m_families.empty() ? Stage::Done : Stage::Write;
}

/// The head of a family, or one of its runs.
void OpenMetricsConversion::write()
{
    const Family &family = m_families[m_family];
    if (m_run == None) {
        writeHead(family);
        m_run = family.first;
        return;
    }
    const qsizetype begin = m_runs[m_run].begin;
    const qsizetype end = m_run + 1 < m_runs.size() ? m_runs[m_run + 1].begin : m_read.size();
    m_out.append(bytesOf(QByteArrayView(m_read).sliced(begin, end - begin)));
    m_run = m_runs[m_run].next;
    if (m_run == None && ++m_family == m_families.size())
        m_stage = Stage::Done;
}

void OpenMetricsConversion::writeHead(const Family &family)
{
    writeHelp(family);
    m_out.append("# TYPE ");
    m_out.append(bytesOf(family.name));
    m_out.append(" ");
    m_out.append(family.type);
    m_out.append("\n");
}

/// OpenMetrics escapes quotes in a HELP, the text format does not.
void OpenMetricsConversion::writeHelp(const Family &family)
{
    if (family.help.isEmpty())
        return;
    m_out.append("# HELP ");
    m_out.append(bytesOf(family.name));
    char *at = put(m_out.room(std::size_t(family.help.size()) + 2), " ");
    const char *const end = family.help.end();
    for (const char *from = family.help.begin(); from != end;) {
        if (*from == '\\' && end - from > 1) {
            if (from[1] != '"')
                *at++ = *from;
            ++from;
        }
        *at++ = *from++;
    }
    *at++ = '\n';
    m_out.advanceTo(at);
}

qsizetype openMetricsSize(QByteArrayView text)
{
    static const QByteArrayView Marker("# EOF");
    const auto isSpace = [](char c) { return c == '\n' || c == '\r' || c == ' ' || c == '\t'; };
    while (!text.isEmpty() && isSpace(text.back()))
        text.chop(1);
    const qsizetype begin = text.size() - Marker.size();
    return text.endsWith(Marker) && (begin == 0 || text[begin - 1] == '\n') ? text.size() : 0;
}

} // namespace ExporterProxy
