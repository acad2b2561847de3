// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/httptext.h"

#include <array>

namespace ExporterProxy {

namespace {

void appendPadded(QByteArray &out, unsigned value, int width)
{
    const QByteArray digits = QByteArray::number(value);
    out.append(width - digits.size(), '0').append(digits);
}

void appendClock(QByteArray &out, std::chrono::nanoseconds sinceMidnight)
{
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(sinceMidnight));
    appendPadded(out, unsigned(clock.hours().count()), 2);
    out += ':';
    appendPadded(out, unsigned(clock.minutes().count()), 2);
    out += ':';
    appendPadded(out, unsigned(clock.seconds().count()), 2);
}

} // namespace

QByteArray httpDate(Timestamp time)
{
    constexpr std::array<const char *, 7> Days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char *, 12> Months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    QByteArray out;
    out.reserve(32);
    out += Days[std::chrono::weekday(day).c_encoding()];
    out += ", ";
    appendPadded(out, unsigned(date.day()), 2);
    out += ' ';
    out += Months[unsigned(date.month()) - 1];
    out += ' ';
    appendPadded(out, unsigned(int(date.year())), 4);
    out += ' ';
    appendClock(out, time - day);
    out += " GMT";
    return out;
}

QByteArray utcText(Timestamp time)
{
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    QByteArray out;
    out.reserve(32);
    appendPadded(out, unsigned(int(date.year())), 4);
    out += '-';
    appendPadded(out, unsigned(date.month()), 2);
    out += '-';
    appendPadded(out, unsigned(date.day()), 2);
    out += ' ';
    appendClock(out, time - day);
    out += " UTC";
    return out;
}

QByteArrayView reasonPhrase(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 304:
        return "Not Modified";
    case 400:
        return "Bad Request";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 411:
        return "Length Required";
    case 413:
        return "Content Too Large";
    case 417:
        return "Expectation Failed";
    case 431:
        return "Request Header Fields Too Large";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    }
    return ""; // a reason phrase may be empty
}

QByteArray htmlEscaped(QByteArrayView text)
{
    QByteArray out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '&':
            out += "&amp;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

} // namespace ExporterProxy
