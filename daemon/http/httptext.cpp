// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/httptext.h"

#include "common/model/appmodel.h"

#include <algorithm>
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

QByteArray ageText(std::chrono::seconds age)
{
    const qint64 s = std::max<qint64>(0, age.count()); // a clock may be set back
    const auto pair = [](qint64 value, qint64 small, const char *unit, const char *smallUnit) {
        return QByteArray::number(value / small) + unit + ' ' + QByteArray::number(value % small) + smallUnit;
    };
    if (s < 60)
        return QByteArray::number(s) + " s";
    if (s < 3600)
        return pair(s, 60, " min", " s");
    if (s < 86'400)
        return pair(s / 60, 60, " h", " min");
    return pair(s / 3600, 24, " d", " h");
}

QByteArray shownName(QByteArrayView name)
{
    const QByteArray bytes = name.toByteArray();
    if (bytes.isValidUtf8() && !nameFault(bytes))
        return '"' + bytes + '"';
    return '"' + bytes.first(std::min(bytes.size(), MaxAppNameSize)).toPercentEncoding() + '"';
}

bool isUsableHost(QByteArrayView host)
{
    // RFC 1035: a name has at most 255 bytes; and ":65535".
    if (host.isEmpty() || host.size() > 261)
        return false;
    const auto consistsOf = [](QByteArrayView text, QByteArrayView marks) {
        return !text.isEmpty() && std::all_of(text.begin(), text.end(), [marks](char c) {
            const char letter = char(c | 0x20);
            return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || marks.contains(c);
        });
    };
    const bool isBracketed = host.startsWith('[');
    const qsizetype end = isBracketed ? host.indexOf(']') + 1 : host.indexOf(':');
    const QByteArrayView name = end > 0 ? host.first(end) : host;
    const QByteArrayView port = end > 0 ? host.sliced(end) : QByteArrayView();
    if (isBracketed ? end < 3 || !consistsOf(name.sliced(1, name.size() - 2), ":.")
                    : !consistsOf(name, "-._"))
        return false;
    if (port.isEmpty())
        return true;
    return port.startsWith(':') && port.size() > 1 && port.size() <= 6
        && std::all_of(port.begin() + 1, port.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<QByteArray> formValue(QByteArrayView pair, QByteArrayView key)
{
    const auto decoded = [](QByteArrayView text) {
        return QByteArray::fromPercentEncoding(text.toByteArray().replace('+', ' '));
    };
    const qsizetype equals = pair.indexOf('=');
    if (decoded(equals < 0 ? pair : pair.first(equals)) != key)
        return std::nullopt;
    return equals < 0 ? QByteArray() : decoded(pair.sliced(equals + 1));
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
