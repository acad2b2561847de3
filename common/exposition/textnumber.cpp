// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/textnumber.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace ExporterProxy {

namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
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
    for (; at != end && isDigit(*at); ++at) {
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
        if (!isDigit(*at))
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
    if (digits.empty() || !std::all_of(digits.begin(), digits.end(), isDigit))
        return false;
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    return digits.size() < Largest.size() || (digits.size() == Largest.size() && digits <= Largest);
}

} // namespace ExporterProxy
