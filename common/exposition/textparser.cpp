// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/textparser.h"

#include "common/exposition/textnumber.h"
#include "common/exposition/textscan.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace ExporterProxy {

namespace {

using Event = ExpositionParser::Event;

const char *findLineEnd(const char *at, const char *end)
{
    const void *found = at == end ? nullptr : std::memchr(at, '\n', std::size_t(end - at));
    return found ? static_cast<const char *>(found) : end;
}

bool isWord(const char *at, const char *end, std::string_view word)
{
    return std::string_view(at, std::size_t(end - at)).starts_with(word);
}

constexpr std::string_view TextTypes[] = {"counter", "gauge", "histogram", "summary", "untyped"};
constexpr std::string_view OpenMetricsTypes[] = {"unknown", "info", "stateset", "gaugehistogram"};

bool isType(QByteArrayView text, ExpositionDialect dialect)
{
    const std::string_view word(text.data(), std::size_t(text.size()));
    return std::ranges::find(TextTypes, word) != std::end(TextTypes)
        || (dialect == ExpositionDialect::WithOpenMetrics
            && std::ranges::find(OpenMetricsTypes, word) != std::end(OpenMetricsTypes));
}

/// A piece of the text as part of a reason: short, and without what could break a log or a terminal.
QByteArray quoted(const char *at, const char *end)
{
    constexpr qsizetype MaxShown = 40;
    constexpr char Hex[] = "0123456789abcdef";
    QByteArray shown(1, '"');
    const char *const last = end - at > MaxShown ? at + MaxShown : end;
    for (const char *c = at; c != last; ++c) {
        const auto byte = static_cast<unsigned char>(*c);
        if (*c == '\r')
            shown += "\\r";
        else if (byte >= 0x20 && byte < 0x7f)
            shown += *c;
        else
            shown += QByteArrayLiteral("\\x") + Hex[byte >> 4] + Hex[byte & 15];
    }
    return shown + (last == end ? "\"" : "...\"");
}

} // namespace

QByteArray ExpositionFault::message() const
{
    return "line " + QByteArray::number(line) + ", column " + QByteArray::number(column) + ": " + reason;
}

ExpositionParser::ExpositionParser(QByteArrayView text, ExpositionDialect dialect) noexcept
    : m_begin(text.data())
    , m_end(m_begin + text.size())
    , m_at(m_begin)
    , m_eventBegin(m_begin)
    , m_eventEnd(m_begin)
    , m_dialect(dialect)
{
}

Event ExpositionParser::next()
{
    if (m_hasFailed)
        return Event::Fault;
    m_eventBegin = m_at;
    m_eventEnd = m_at;
    m_eventLine = m_line;
    if (m_at == m_end)
        return Event::End;
    if (isOf(*m_at, NameStart))
        return readSample(m_at);
    const char *const at = skip(m_at, m_end, Blank);
    if (at == m_end || *at == '\n')
        return endLine(at, Event::Blank);
    if (*at == '#')
        return readComment(at);
    // The server counts the blanks to the name, and then it is none.
    if (isOf(*at, NameStart))
        return fail(m_at, "blanks before the metric name");
    if (*at == '{')
        return fail(at, isQuotedName(at + 1) ? QuotedName : "expected a metric name before the labels");
    if (*at == '\r')
        return fail(at, "a carriage return where a metric name or a comment is expected");
    return fail(at, "expected a metric name, a comment or a blank line");
}

bool ExpositionParser::isQuotedName(const char *at) const
{
    at = skip(at, m_end, Blank);
    return at != m_end && *at == '"';
}

Event ExpositionParser::endLine(const char *at, Event event)
{
    m_eventEnd = at;
    m_at = at;
    if (at != m_end) {
        ++m_at;
        ++m_line;
    }
    return event;
}

Event ExpositionParser::fail(const char *at, const char *reason)
{
    return fail(at, QByteArray(reason));
}

Event ExpositionParser::fail(const char *at, QByteArray reason)
{
    m_hasFailed = true;
    const QByteArrayView before = view(m_eventBegin, at);
    const qsizetype lineBegin = before.lastIndexOf('\n') + 1;
    m_fault.line = m_eventLine + qsizetype(std::count(before.begin(), before.end(), '\n'));
    m_fault.column = before.size() - lineBegin + 1;
    m_fault.offset = at - m_begin;
    m_fault.reason = std::move(reason);
    // Whoever forgets a quote gets the fault lines below it, where there is nothing to see.
    if (lineBegin > 0)
        m_fault.reason += " (a label's value goes on over the end of line "
            + QByteArray::number(m_fault.line - 1) + ": is its closing quote missing?)";
    return Event::Fault;
}

/// At the `#`.
Event ExpositionParser::readComment(const char *at)
{
    const char *const word = skip(at + 1, m_end, Blank);
    if (word != at + 1 && m_end - word > 4 && isOf(word[4], Blank)) {
        if (isWord(word, m_end, "HELP"))
            return readMetadata(word, Event::Help);
        if (isWord(word, m_end, "TYPE"))
            return readMetadata(word, Event::Type);
        if (isWord(word, m_end, "UNIT") && isOf(*skip(word + 4, m_end - 1, Blank), NameStart))
            return readMetadata(word, Event::Unit);
    }
    const char *const end = findLineEnd(word, m_end);
    m_text = view(at + 1, end);
    const bool isEnd = word != at + 1 && isWord(word, end, "EOF") && skip(word + 3, end, Blank) == end;
    return endLine(end, isEnd ? Event::EndMarker : Event::Comment);
}

/// At the word behind the `#`, which has four letters and a blank behind it.
Event ExpositionParser::readMetadata(const char *at, Event event)
{
    const char *const name = skip(at + 4, m_end, Blank);
    if (isQuotedName(name))
        return fail(name, QuotedName);
    if (name == m_end || !isOf(*name, NameStart))
        return fail(name, "expected a metric name after " + QByteArray(at, 4));
    const char *const nameEnd = skipName(name, m_end);
    m_name = view(name, nameEnd);
    const char *const end = findLineEnd(nameEnd, m_end);
    // The byte behind the name parts it from the text, whatever byte it is. Blanks alone are no text.
    const bool isEmpty = skip(nameEnd, end, Blank) == end;
    m_text = isEmpty ? view(end, end) : view(nameEnd + 1, end);
    // It would cut a longer character in two, and the server wants UTF-8 of what is left.
    if (event == Event::Help && nameEnd != end && static_cast<unsigned char>(*nameEnd) >= 0x80)
        return fail(nameEnd, "expected a blank after the metric name, not a character beyond ASCII");
    if (event == Event::Type && !isType(m_text, m_dialect)) {
        if (isEmpty)
            return fail(end, "expected a metric type after the name");
        if (isType(m_text, ExpositionDialect::WithOpenMetrics))
            return fail(nameEnd + 1,
                        quoted(nameEnd + 1, end)
                            + " is a metric type that only OpenMetrics has (a text that ends in # EOF, where "
                              "texts are merged)");
        return fail(nameEnd + 1,
                    quoted(nameEnd + 1, end)
                        + " is not a metric type: counter, gauge, histogram, summary or untyped");
    }
    return endLine(end, event);
}

/// At the name.
Event ExpositionParser::readSample(const char *at)
{
    const char *const nameEnd = skipName(at + 1, m_end);
    m_name = view(at, nameEnd);
    m_labels.clear();
    m_labelBlock = {};
    m_hasLabelBlock = false;
    at = skip(nameEnd, m_end, Blank);
    if (at != m_end && *at == '{') {
        const char *const block = at + 1;
        at = readLabels(block);
        if (!at || !checkLabels())
            return Event::Fault;
        m_hasLabelBlock = true;
        m_labelBlock = view(block, at);
        at = skip(at + 1, m_end, Blank);
    }
    const char *const valueEnd = skip(at, m_end, ValueChar);
    m_value = view(at, valueEnd);
    if (at == valueEnd)
        return fail(at,
                    m_hasLabelBlock ? "expected a value after the labels"
                                    : "expected a value after the metric name");
    if (!isSampleValue(m_value))
        return fail(at, quoted(at, valueEnd) + " is not a number that a sample can have");
    at = readTail(valueEnd);
    return at ? endLine(at, Event::Sample) : Event::Fault;
}

/// Behind the value. Returns where the line ends; null after a fault.
const char *ExpositionParser::readTail(const char *at)
{
    m_timestamp = {};
    m_exemplar = {};
    at = skip(at, m_end, Blank);
    if (at == m_end || *at == '\n')
        return at;
    const bool openMetrics = m_dialect == ExpositionDialect::WithOpenMetrics;
    if (*at != '#' || !openMetrics) {
        const char *const end = skip(at, m_end, openMetrics ? ValueChar : DigitChar);
        if (at == end) {
            fail(at,
                 *at == '#' ? "an exemplar, which only OpenMetrics has"
                            : "expected a timestamp or the end of the line after the value");
            return nullptr;
        }
        m_timestamp = view(at, end);
        if (!isTimestamp(m_timestamp) && !(openMetrics && isSampleValue(m_timestamp))) {
            fail(at, quoted(at, end) + " is not a timestamp in milliseconds");
            return nullptr;
        }
        at = skip(end, m_end, Blank);
    }
    if (openMetrics && at != m_end && *at == '#')
        at = readExemplar(at);
    if (at && at != m_end && *at != '\n') {
        fail(at, "expected the end of the line after the timestamp");
        return nullptr;
    }
    return at;
}

/// At its `#`. Returns where the line ends, if nothing is behind it; null after a fault.
const char *ExpositionParser::readExemplar(const char *at)
{
    const char *const begin = skip(at + 1, m_end, Blank);
    if (begin == m_end || *begin != '{') {
        fail(begin, "expected the labels of an exemplar");
        return nullptr;
    }
    const std::size_t labels = m_labels.size();
    at = readLabels(begin + 1);
    if (!at)
        return nullptr;
    m_labels.resize(labels);
    at = skip(at + 1, m_end, Blank);
    const char *end = skip(at, m_end, ValueChar);
    if (!isSampleValue(view(at, end))) {
        fail(at, "expected a number after the labels of the exemplar");
        return nullptr;
    }
    const char *const second = skip(end, m_end, Blank);
    if (const char *const secondEnd = skip(second, m_end, ValueChar); second != secondEnd) {
        end = secondEnd;
        if (!isSampleValue(view(second, end))) {
            fail(second, "expected a timestamp after the value of the exemplar");
            return nullptr;
        }
    }
    m_exemplar = view(begin, end);
    return skip(end, m_end, Blank);
}

std::optional<ExpositionFault> expositionFault(QByteArrayView text, ExpositionDialect dialect)
{
    ExpositionParser parser(text, dialect);
    for (;;) {
        const Event event = parser.next();
        if (event == Event::Fault)
            return parser.fault();
        if (event == Event::End)
            return std::nullopt;
    }
}

} // namespace ExporterProxy
