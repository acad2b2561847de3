// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/textparser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <QtGlobal>
#include <string_view>

#ifdef __SSE2__
#include <bit>
#include <emmintrin.h>
#endif

namespace ExporterProxy {

namespace {

/// The roles of a byte in the text format; a byte can have several of them.
enum CharClass : quint8 {
    NameStart = 1, ///< a metric's name begins with it
    NameChar = 2,
    LabelStart = 4,
    LabelChar = 8,
    Blank = 16,
    ValueChar = 32, ///< goes on with a sample's value
    QuotedChar = 64, ///< goes on with a label's value without ending, escaping or beginning a line
    DigitChar = 128,
};

constexpr std::array<quint8, 256> makeCharClasses()
{
    std::array<quint8, 256> classes{};
    for (int c = 0; c < 256; ++c) {
        const bool isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        const bool isDigit = c >= '0' && c <= '9';
        const bool isBlank = c == ' ' || c == '\t';
        int of = 0;
        of |= isLetter || c == ':' ? NameStart : 0;
        of |= isLetter || isDigit || c == ':' ? NameChar : 0;
        of |= isLetter ? LabelStart : 0;
        of |= isLetter || isDigit ? LabelChar : 0;
        of |= isBlank ? Blank : 0;
        of |= !isBlank && c != '{' && c != '\n' && c != 0 ? ValueChar : 0;
        of |= c != '"' && c != '\\' && c != '\n' && c != 0 ? QuotedChar : 0;
        of |= isDigit ? DigitChar : 0;
        classes[std::size_t(c)] = quint8(of);
    }
    return classes;
}

constexpr std::array<quint8, 256> CharClasses = makeCharClasses();

bool isOf(char c, CharClass wanted)
{
    return CharClasses[static_cast<unsigned char>(c)] & wanted;
}

/// Returns the first byte from `at` on that is not of a class, or `end` if there is none.
const char *skip(const char *at, const char *end, CharClass what)
{
    while (at != end && isOf(*at, what))
        ++at;
    return at;
}

/// skip() over NameChar, sixteen bytes at a time where the machine can: half of a usual page is names.
const char *skipName(const char *at, const char *end)
{
#ifdef __SSE2__
    while (end - at >= 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(at));
        // Unsigned "at most" is "the smaller of both is this one". ':' follows '9'.
        const __m128i letter = _mm_sub_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
        const __m128i digit = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
        const __m128i isLetter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
        const __m128i isDigit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(10)), digit);
        const __m128i isUnderscore = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_'));
        const auto others =
            ~unsigned(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(isLetter, isDigit), isUnderscore)))
            & 0xffff;
        if (others != 0)
            return at + std::countr_zero(others);
        at += 16;
    }
#endif
    return skip(at, end, NameChar);
}

/// skip() over QuotedChar, likewise.
const char *skipQuoted(const char *at, const char *end)
{
#ifdef __SSE2__
    while (end - at >= 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(at));
        const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
        const __m128i escape = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
        const __m128i newline = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'));
        const __m128i nul = _mm_cmpeq_epi8(bytes, _mm_setzero_si128());
        const auto found = unsigned(
            _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, escape), _mm_or_si128(newline, nul))));
        if (found != 0)
            return at + std::countr_zero(found);
        at += 16;
    }
#endif
    return skip(at, end, QuotedChar);
}

bool equalsIgnoringCase(const char *begin, const char *end, std::string_view lower)
{
    return std::equal(begin, end, lower.begin(), lower.end(),
                      [](char c, char wanted) { return (c | 0x20) == wanted; });
}

/// Reads the digits of an exponent. ParseFloat stops counting where no double can be that large; so does
/// this, and a megabyte of digits does not overflow.
const char *readExponent(const char *at, const char *end, qsizetype &exponent)
{
    constexpr qsizetype CountsUpTo = 10'000;
    for (; at != end && isOf(*at, DigitChar); ++at) {
        if (exponent < CountsUpTo)
            exponent = exponent * 10 + (*at - '0');
    }
    return at;
}

/// A decimal number without its sign.
bool isDecimal(const char *const begin, const char *const end)
{
    // The place of the decimal point behind the first digit that is not 0: the value is 0.ddd * 10^magnitude.
    qsizetype magnitude = 0;
    bool hasDigits = false;
    bool hasPoint = false;
    bool isZero = true;
    const char *at = begin;
    for (; at != end; ++at) {
        if (*at == '.') {
            if (hasPoint)
                return false;
            hasPoint = true;
            continue;
        }
        if (!isOf(*at, DigitChar))
            break;
        hasDigits = true;
        isZero = isZero && *at == '0';
        if (isZero)
            magnitude -= hasPoint;
        else
            magnitude += !hasPoint;
    }
    if (!hasDigits)
        return false;
    if (at != end) {
        if ((*at | 0x20) != 'e')
            return false;
        ++at;
        const bool isNegative = at != end && *at == '-';
        if (at != end && (*at == '-' || *at == '+'))
            ++at;
        if (at == end)
            return false;
        qsizetype exponent = 0;
        if (readExponent(at, end, exponent) != end)
            return false;
        magnitude += isNegative ? -exponent : exponent;
    }
    // The largest double is 1.797…e308, 0.1797… * 10^309.
    if (isZero || magnitude < 309)
        return true;
    if (magnitude > 309)
        return false;
    double value = 0;
    return std::from_chars(begin, end, value).ec == std::errc();
}

} // namespace

bool isSampleValue(QByteArrayView text) noexcept
{
    const char *at = text.data();
    const char *const end = at + text.size();
    if (at == end)
        return false;
    const bool hasSign = *at == '+' || *at == '-';
    at += hasSign;
    if (at == end)
        return false;
    if ((*at | 0x20) == 'i')
        return equalsIgnoringCase(at, end, "inf") || equalsIgnoringCase(at, end, "infinity");
    if ((*at | 0x20) == 'n')
        return !hasSign && equalsIgnoringCase(at, end, "nan");
    return isDecimal(at, end);
}

bool isTimestamp(QByteArrayView text) noexcept
{
    constexpr std::string_view Largest = "9223372036854775807";
    std::string_view digits(text.data(), std::size_t(text.size()));
    if (digits.empty() || skip(digits.begin(), digits.end(), DigitChar) != digits.end())
        return false;
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    return digits.size() < Largest.size() || (digits.size() == Largest.size() && digits <= Largest);
}

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

/// A number that a time can be: a sample's value, but neither infinite nor NaN.
bool isFinite(QByteArrayView text)
{
    const auto isLetter = [](char c) { return (c | 0x20) == 'i' || (c | 0x20) == 'n'; };
    return isSampleValue(text) && std::none_of(text.begin(), text.end(), isLetter);
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

/// Returns a piece of the text for use in a reason: short, and without characters that could break a log or a
/// terminal.
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
    , m_textEnd(m_begin + text.size())
    , m_end(m_textEnd)
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
    if (m_at == m_textEnd)
        return Event::End;
    m_end = m_textEnd - m_at > MaxEventSize + 1 ? m_at + MaxEventSize + 1 : m_textEnd; // and its newline
    const Event event = read();
    if (event == Event::Fault || m_at != m_end || m_end == m_textEnd || m_end[-1] == '\n')
        return event;
    return fail(m_at, QByteArray());
}

/// Returns whether the event was cut at MaxEventSize bytes, and `at` is in a line that goes on there.
bool ExpositionParser::isTooLong(const char *at) const
{
    return m_end != m_textEnd && findLineEnd(at, m_end) == m_end;
}

Event ExpositionParser::read()
{
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
    if (isTooLong(at))
        reason = "more than " + QByteArray::number(MaxEventSize) + " bytes in a line or sample";
    m_fault = faultAt(at, std::move(reason));
    return Event::Fault;
}

ExpositionFault ExpositionParser::faultAt(const char *at, QByteArray reason) const
{
    const QByteArrayView before = view(m_eventBegin, at);
    const qsizetype lineBegin = before.lastIndexOf('\n') + 1;
    ExpositionFault fault;
    fault.line = m_eventLine + qsizetype(std::count(before.begin(), before.end(), '\n'));
    fault.column = before.size() - lineBegin + 1;
    fault.offset = at - m_begin;
    fault.reason = std::move(reason);
    // Whoever forgets a quote gets the fault lines below it, where there is nothing to see.
    if (lineBegin > 0)
        fault.reason += " (a label's value goes on over the end of line " + QByteArray::number(fault.line - 1)
            + ": is its closing quote missing?)";
    return fault;
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
                            + " is a metric type that only OpenMetrics has, a text that ends in # EOF");
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
        if (openMetrics ? !isFinite(m_timestamp) : !isTimestamp(m_timestamp)) {
            fail(at,
                 quoted(at, end) + " is not a timestamp in " + (openMetrics ? "seconds" : "milliseconds"));
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
        if (!isFinite(view(second, end))) {
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

namespace {

std::string_view bytesOf(QByteArrayView view)
{
    return {view.data(), std::size_t(view.size())};
}

/// One of 64 places for a label's name: two names in different places differ.
quint64 placeOf(QByteArrayView name)
{
    const auto byte = [name](qsizetype at) { return unsigned(static_cast<unsigned char>(name[at])); };
    const unsigned hash = byte(0) * 5 + byte(name.size() - 1) * 3 + unsigned(name.size());
    return quint64{1} << (hash & 63);
}

const QByteArrayView MetricNameLabel("__name__");

} // namespace

/// Behind the opening brace. Returns where the closing one is; null after a fault.
const char *ExpositionParser::readLabels(const char *at)
{
    for (;;) {
        at = skip(at, m_end, Blank);
        if (at != m_end && *at == '}')
            return at;
        if (at == m_end || !isOf(*at, LabelStart)) {
            fail(at, isQuotedName(at) ? QuotedName : "expected a label name or a closing brace");
            return nullptr;
        }
        const char *const name = at;
        const char *const nameEnd = at = skip(at, m_end, LabelChar);
        at = skip(at, m_end, Blank);
        if (at == m_end || *at != '=') {
            fail(at, "expected = after the label name");
            return nullptr;
        }
        at = skip(at + 1, m_end, Blank);
        if (at == m_end || *at != '"') {
            fail(at, "expected a label value in double quotes");
            return nullptr;
        }
        const char *const value = ++at;
        for (;; ++at) {
            at = skipQuoted(at, m_end);
            if (at == m_end) {
                fail(m_end == m_textEnd ? value - 1 : at, "the label value has no closing quote");
                return nullptr;
            }
            if (*at == '"')
                break;
            if (*at == '\n') {
                ++m_line;
                continue;
            }
            // A backslash, or a NUL.
            if (*at != '\\' || m_end - at < 2 || at[1] == '\n' || at[1] == '\0') {
                fail(at, *at == '\\' ? "a backslash at the end of a line" : "a NUL byte in a label value");
                return nullptr;
            }
            ++at;
        }
        if (m_labels.size() == MaxLabels) {
            fail(name, "more than " + QByteArray::number(MaxLabels) + " labels");
            return nullptr;
        }
        m_labels.push_back({view(name, nameEnd), view(value, at)});
        at = skip(at + 1, m_end, Blank);
        if (at != m_end && *at == ',')
            ++at;
    }
}

/// Returns whether a sample's labels can be those of a series. The server's storage refuses a name that is
/// twice in it, and the scrape fails.
bool ExpositionParser::checkLabels()
{
    quint64 seen = placeOf(MetricNameLabel);
    bool maySame = false;
    for (const ExpositionLabel &label : m_labels) {
        const quint64 place = placeOf(label.name);
        maySame = maySame || (seen & place) != 0;
        seen |= place;
    }
    if (!maySame)
        return true;

    m_byName.clear();
    for (const ExpositionLabel &label : m_labels)
        m_byName.push_back(&label);
    std::ranges::sort(m_byName, [](const ExpositionLabel *a, const ExpositionLabel *b) {
        const int order = bytesOf(a->name).compare(bytesOf(b->name));
        return order < 0 || (order == 0 && a < b);
    });
    const ExpositionLabel *first = nullptr; // of those at fault
    for (auto begin = m_byName.begin(); begin != m_byName.end();) {
        const QByteArrayView name = (*begin)->name;
        const auto end =
            std::find_if(begin, m_byName.end(), [name](const auto *label) { return label->name != name; });
        // With one value empty no label of that name is left, which only the metric's name cannot bear.
        const bool isLost = std::any_of(begin, end, [](const auto *label) { return label->value.isEmpty(); });
        const ExpositionLabel *const fault = name == MetricNameLabel ? *begin
            : end - begin > 1 && !isLost                             ? begin[1]
                                                                     : nullptr;
        if (fault && (!first || fault < first))
            first = fault;
        begin = end;
    }
    if (!first)
        return true;
    if (first->name == MetricNameLabel) {
        fail(first->name.data(), "__name__ as a label: it is the metric's name");
        return false;
    }
    constexpr qsizetype MaxShown = 40; // a hostile one is a megabyte
    const bool isLong = first->name.size() > MaxShown;
    fail(first->name.data(),
         "the label \"" + first->name.first(isLong ? MaxShown : first->name.size()).toByteArray()
             + (isLong ? "...\"" : "\"") + " is there twice");
    return false;
}

} // namespace ExporterProxy
