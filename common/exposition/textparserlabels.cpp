// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/textparser.h"
#include "common/exposition/textscan.h"

#include <algorithm>
#include <string_view>

namespace ExporterProxy {

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

/// What is remembered of a label takes eight times the five bytes that it can be written in: without an end
/// to it, one push of the largest size would take half a gigabyte. No server could do anything with such a
/// series.
constexpr std::size_t MaxLabels = 100'000;

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
                fail(value - 1, "the label value has no closing quote");
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
            fail(name, "more than 100000 labels");
            return nullptr;
        }
        m_labels.push_back({view(name, nameEnd), view(value, at)});
        at = skip(at + 1, m_end, Blank);
        if (at != m_end && *at == ',')
            ++at;
    }
}

/// Whether a sample's labels can be those of a series. The server's storage refuses a name that is twice in
/// it, and the scrape fails.
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
