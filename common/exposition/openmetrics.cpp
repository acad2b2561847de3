// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/openmetrics.h"

#include "common/util/bytebuilder.h"
#include "common/util/keyedhash.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

namespace ExporterProxy {

namespace {

using Event = ExpositionParser::Event;

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

class Conversion
{
public:
    Conversion(QByteArrayView text, OddTimes oddTimes, SampleTimes &times)
        : m_parser(text, ExpositionDialect::WithOpenMetrics)
        , m_oddTimes(oddTimes)
        , m_times(times)
        , m_lines(std::size_t(text.size()) + Slack)
    {
    }

    std::optional<ExpositionFault> read();
    QByteArray write();
    bool isStrict() const { return m_isStrict && m_hasEnded; }

private:
    static constexpr std::size_t None = ~std::size_t{0};
    /// Room for one more line than is usual, before the lines grow.
    static constexpr std::size_t Slack = 256;

    /// All that is known of a name in the text.
    struct Name
    {
        QByteArrayView name;
        QByteArrayView help; ///< as it is written; empty: none
        const FamilyRule *rule = nullptr; ///< by its TYPE, if it has one
        std::size_t family = None;
    };
    /// Samples of one name, one behind the other.
    struct Run
    {
        std::size_t name;
        qsizetype begin; ///< in m_lines; it ends where the next one begins
        std::size_t next = None; ///< of the family
    };
    struct Family
    {
        QByteArrayView name;
        QByteArrayView help;
        std::string_view type;
        std::size_t first = None; ///< its runs
        std::size_t last = None;
    };

    std::size_t nameIndex(QByteArrayView name);
    std::optional<ExpositionFault> takeSample();
    std::size_t familyOf(std::size_t index);
    std::size_t addFamily(Name &name, std::string_view type, QByteArrayView help);
    void writeHelp(ByteBuilder &out, const Family &family) const;

    ExpositionParser m_parser;
    const OddTimes m_oddTimes;
    SampleTimes &m_times;
    ByteBuilder m_lines; ///< the samples, in the order of the text
    std::vector<Name> m_names;
    KeyedMap<std::string_view, std::size_t> m_index;
    std::vector<Run> m_runs;
    std::vector<Family> m_families;
    bool m_isStrict = true;
    bool m_hasEnded = false;
};

std::optional<ExpositionFault> Conversion::read()
{
    for (;;) {
        const Event event = m_parser.next();
        m_isStrict = m_isStrict && (!m_hasEnded || event == Event::End);
        switch (event) {
        case Event::Sample:
            if (std::optional<ExpositionFault> fault = takeSample())
                return fault;
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
            return std::nullopt;
        case Event::Fault:
            return m_parser.fault();
        }
    }
}

std::optional<ExpositionFault> Conversion::takeSample()
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
                return m_parser.faultAt(timestamp.data(),
                                        implausibleTime(timestamp, "seconds", time < SampleTimes::First));
            m_times.addLeftOut(m_parser.line());
            return std::nullopt;
        }
        m_times.add(time, m_parser.line());
    }
    if (m_runs.empty() || m_names[m_runs.back().name].name != m_parser.name())
        m_runs.push_back({nameIndex(m_parser.name()), m_lines.size()});
    const QByteArrayView kept = line.first(value.end() - line.begin());
    char *at = put(m_lines.room(std::size_t(kept.size()) + NumberMaxSize + 2), bytesOf(kept));
    if (!timestamp.isEmpty()) {
        *at++ = ' ';
        at = putNumber(at, time);
    }
    *at++ = '\n';
    m_lines.advanceTo(at);
    return std::nullopt;
}

std::size_t Conversion::nameIndex(QByteArrayView name)
{
    const auto [at, isNew] = m_index.try_emplace(bytesOf(name), m_names.size());
    if (isNew)
        m_names.emplace_back().name = name;
    return at->second;
}

std::size_t Conversion::addFamily(Name &name, std::string_view type, QByteArrayView help)
{
    name.family = m_families.size();
    m_families.push_back({name.name, help, type});
    return name.family;
}

/// The family that the samples of a name belong to.
std::size_t Conversion::familyOf(std::size_t index)
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

/// OpenMetrics escapes quotes in a HELP, the text format does not.
void Conversion::writeHelp(ByteBuilder &out, const Family &family) const
{
    if (family.help.isEmpty())
        return;
    out.append("# HELP ");
    out.append(bytesOf(family.name));
    char *at = put(out.room(std::size_t(family.help.size()) + 2), " ");
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
    out.advanceTo(at);
}

QByteArray Conversion::write()
{
    for (std::size_t i = 0; i < m_runs.size(); ++i) {
        Family &family = m_families[familyOf(m_runs[i].name)];
        (family.first == None ? family.first : m_runs[family.last].next) = i;
        family.last = i;
    }
    const qsizetype size = m_lines.size();
    const QByteArray lines = m_lines.take();
    ByteBuilder out(std::size_t(size) + m_families.size() * Slack);
    for (const Family &family : m_families) {
        writeHelp(out, family);
        out.append("# TYPE ");
        out.append(bytesOf(family.name));
        out.append(" ");
        out.append(family.type);
        out.append("\n");
        for (std::size_t run = family.first; run != None; run = m_runs[run].next) {
            const qsizetype begin = m_runs[run].begin;
            const qsizetype end = run + 1 < m_runs.size() ? m_runs[run + 1].begin : size;
            out.append(bytesOf(QByteArrayView(lines).sliced(begin, end - begin)));
        }
    }
    return out.take();
}

} // namespace

qsizetype openMetricsSize(QByteArrayView text)
{
    static const QByteArrayView Marker("# EOF");
    const auto isSpace = [](char c) { return c == '\n' || c == '\r' || c == ' ' || c == '\t'; };
    while (!text.isEmpty() && isSpace(text.back()))
        text.chop(1);
    const qsizetype begin = text.size() - Marker.size();
    return text.endsWith(Marker) && (begin == 0 || text[begin - 1] == '\n') ? text.size() : 0;
}

std::optional<ExpositionFault> convertOpenMetrics(QByteArrayView text, OddTimes oddTimes, SampleTimes &times,
                                                  ConvertedText &to)
{
    Conversion conversion(text, oddTimes, times);
    if (std::optional<ExpositionFault> fault = conversion.read())
        return fault;
    to = {conversion.write(), conversion.isStrict()};
    return std::nullopt;
}

} // namespace ExporterProxy
