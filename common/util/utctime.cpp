// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/utctime.h"

#include <cstring>

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

} // namespace ExporterProxy
