// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/utctime.h"

#include <cstring>
#include <QtNumeric>

namespace ExporterProxy {

namespace {

constexpr qint64 NanosecondsPerSecond = 1'000'000'000;
constexpr qint64 NanosecondsPerDay = 86'400 * NanosecondsPerSecond;

/// Days and the time within the day. Done by division: std::chrono::floor() and the way back to nanoseconds
/// overflow for the first day a Timestamp can hold.
struct DayAndTime
{
    explicit DayAndTime(Timestamp time)
        : day(time.time_since_epoch().count() / NanosecondsPerDay)
        , nanoseconds(time.time_since_epoch().count() % NanosecondsPerDay)
    {
        if (nanoseconds < 0) {
            nanoseconds += NanosecondsPerDay;
            --day;
        }
    }

    qint64 day;
    qint64 nanoseconds;
};

int fractionDigits(qint64 nanoseconds)
{
    if (nanoseconds == 0)
        return 0;
    if (nanoseconds % 1'000'000 == 0)
        return 3;
    return nanoseconds % 1'000 == 0 ? 6 : 9;
}

/// `value` in exactly `digits` decimal digits.
char *writeDigits(char *out, unsigned value, int digits)
{
    for (int i = digits - 1; i >= 0; --i) {
        out[i] = char('0' + value % 10);
        value /= 10;
    }
    return out + digits;
}

/// The value of so many decimal digits; -1 if another character is among them.
int readDigits(const char *at, int digits)
{
    int value = 0;
    for (int i = 0; i < digits; ++i) {
        if (at[i] < '0' || at[i] > '9')
            return -1;
        value = value * 10 + (at[i] - '0');
    }
    return value;
}

} // namespace

std::size_t utcTimeSize(Timestamp time, UtcForm form)
{
    const qint64 nanoseconds = time.time_since_epoch().count() % NanosecondsPerSecond;
    const int digits = fractionDigits(nanoseconds);
    return std::size_t(19 + (digits ? digits + 1 : 0) + (form == UtcForm::Table ? 4 : 1));
}

char *writeUtcTime(char *out, Timestamp time, UtcForm form)
{
    const DayAndTime parts(time);
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{parts.day}}};
    const auto second = unsigned(parts.nanoseconds / NanosecondsPerSecond);
    auto fraction = unsigned(parts.nanoseconds % NanosecondsPerSecond);
    const int digits = fractionDigits(fraction);

    out = writeDigits(out, unsigned(int(date.year())), 4);
    *out++ = '-';
    out = writeDigits(out, unsigned(date.month()), 2);
    *out++ = '-';
    out = writeDigits(out, unsigned(date.day()), 2);
    *out++ = form == UtcForm::Table ? ' ' : 'T';
    out = writeDigits(out, second / 3600, 2);
    *out++ = ':';
    out = writeDigits(out, second / 60 % 60, 2);
    *out++ = ':';
    out = writeDigits(out, second % 60, 2);
    if (digits > 0) {
        for (int i = digits; i < 9; ++i)
            fraction /= 10;
        *out++ = '.';
        out = writeDigits(out, fraction, digits);
    }
    if (form == UtcForm::Table) {
        std::memcpy(out, " UTC", 4);
        return out + 4;
    }
    *out++ = 'Z';
    return out;
}

void appendUtcTime(QByteArray &out, Timestamp time, UtcForm form)
{
    char buffer[UtcTimeMaxSize];
    out.append(buffer, writeUtcTime(buffer, time, form) - buffer);
}

std::optional<Timestamp> readUtcTime(QByteArrayView rfc3339)
{
    using namespace std::chrono;
    constexpr QByteArrayView shape("0000-00-00T00:00:00Z");
    constexpr qsizetype wholePart = 19;
    const qsizetype fractionPart = rfc3339.size() - shape.size(); // with its point
    if (fractionPart < 0 || fractionPart == 1 || fractionPart > 10 || rfc3339.back() != 'Z')
        return std::nullopt;
    const char *at = rfc3339.data();
    for (qsizetype i = 0; i < wholePart; ++i) {
        if (shape[i] != '0' && at[i] != shape[i])
            return std::nullopt;
    }
    const int hour = readDigits(at + 11, 2);
    const int minute = readDigits(at + 14, 2);
    const int second = readDigits(at + 17, 2);
    // One below zero has a month or day that no calendar knows.
    const year_month_day date{year{readDigits(at, 4)}, month{unsigned(readDigits(at + 5, 2))},
                              day{unsigned(readDigits(at + 8, 2))}};
    if (readDigits(at, 4) < 0 || !date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59
        || second < 0 || second > 59)
        return std::nullopt;

    qint64 nanosecond = 0;
    if (fractionPart > 0) {
        const auto digits = int(fractionPart) - 1;
        nanosecond = readDigits(at + wholePart + 1, digits);
        if (at[wholePart] != '.' || nanosecond < 0)
            return std::nullopt;
        for (int i = digits; i < 9; ++i)
            nanosecond *= 10;
    }
    qint64 whole = (sys_days{date}.time_since_epoch() + hours{hour} + minutes{minute} + seconds{second}) / 1s;
    // Towards zero, or the first second that a Timestamp reaches into would overflow on the way.
    if (whole < 0) {
        ++whole;
        nanosecond -= NanosecondsPerSecond;
    }
    if (qMulOverflow(whole, NanosecondsPerSecond, &whole) || qAddOverflow(whole, nanosecond, &whole))
        return std::nullopt;
    return Timestamp{nanoseconds{whole}};
}

} // namespace ExporterProxy
