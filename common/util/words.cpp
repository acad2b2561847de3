// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/words.h"

#include "common/util/bytebuilder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <QtNumeric>

namespace ExporterProxy {

namespace {

constexpr qint64 NanosecondsPerSecond = 1'000'000'000;
constexpr qint64 NanosecondsPerDay = 86'400 * NanosecondsPerSecond;

/// Days and the time within the day. Divides, because std::chrono::floor() overflows for the first day that a
/// Timestamp can hold.
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

/// Writes `value` with exactly `digits` decimal digits.
char *writeDigits(char *out, unsigned value, int digits)
{
    for (int i = digits - 1; i >= 0; --i) {
        out[i] = char('0' + value % 10);
        value /= 10;
    }
    return out + digits;
}

/// Reads a number of exactly `digits` decimal digits, at most nine; -1 if there are other characters.
int readDigits(const char *at, int digits)
{
    unsigned value = 0;
    const auto [end, error] = std::from_chars(at, at + digits, value);
    return error == std::errc{} && end == at + digits ? int(value) : -1;
}

char *writeClock(char *out, unsigned second)
{
    out = writeDigits(out, second / 3600, 2);
    *out++ = ':';
    out = writeDigits(out, second / 60 % 60, 2);
    *out++ = ':';
    return writeDigits(out, second % 60, 2);
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
    out = writeClock(out, second);
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

QByteArray utcText(Timestamp time, std::chrono::nanoseconds precision)
{
    QByteArray text;
    appendUtcTime(text, time - time.time_since_epoch() % precision, UtcForm::Table);
    return text;
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
    // For -1, the month and the day are outside the calendar.
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
    // Rounds towards zero, because the first second that a Timestamp can hold in part would overflow.
    if (whole < 0) {
        ++whole;
        nanosecond -= NanosecondsPerSecond;
    }
    if (qMulOverflow(whole, NanosecondsPerSecond, &whole) || qAddOverflow(whole, nanosecond, &whole))
        return std::nullopt;
    return Timestamp{nanoseconds{whole}};
}

QByteArray httpDateText(Timestamp time)
{
    constexpr std::array<const char *, 7> Days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char *, 12> Months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const DayAndTime parts(time);
    const std::chrono::sys_days day{std::chrono::days{parts.day}};
    const std::chrono::year_month_day date{day};
    char text[sizeof "Sun, 06 Nov 1994 08:49:37 GMT"];
    char *out = put(put(text, Days[std::chrono::weekday(day).c_encoding()]), ", ");
    out = put(writeDigits(out, unsigned(date.day()), 2), " ");
    out = put(put(out, Months[unsigned(date.month()) - 1]), " ");
    out = put(writeDigits(out, unsigned(int(date.year())), 4), " ");
    out = put(writeClock(out, unsigned(parts.nanoseconds / NanosecondsPerSecond)), " GMT");
    return QByteArray(text, out - text);
}

QByteArray durationText(std::chrono::seconds duration)
{
    const qint64 s = std::max<qint64>(0, duration.count());
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

char *writeSeconds(char *out, std::chrono::milliseconds duration)
{
    const auto count = duration.count();
    auto magnitude = quint64(count);
    if (count < 0) {
        *out++ = '-';
        magnitude = quint64{0} - magnitude; // also correct for the most negative number
    }
    out = std::to_chars(out, out + SecondsMaxSize - 5, magnitude / 1000).ptr;
    auto fraction = unsigned(magnitude % 1000);
    if (fraction == 0)
        return out;
    *out++ = '.';
    for (unsigned unit = 100; fraction > 0; unit /= 10) {
        *out++ = char('0' + fraction / unit);
        fraction %= unit;
    }
    return out;
}

QByteArray sizeText(qint64 bytes)
{
    if (bytes < 1024)
        return QByteArray::number(bytes) + " B";
    if (bytes < 1024 * 1024)
        return QByteArray::number(double(bytes) / 1024, 'f', 1) + " KiB";
    return QByteArray::number(double(bytes) / (1024 * 1024), 'f', 1) + " MiB";
}

QByteArray exactSizeText(qint64 bytes)
{
    constexpr qint64 KiB = 1024;
    constexpr qint64 MiB = KiB * KiB;
    if (bytes > 0 && bytes % MiB == 0)
        return QByteArray::number(bytes / MiB) + " MiB";
    if (bytes > 0 && bytes % KiB == 0)
        return QByteArray::number(bytes / KiB) + " KiB";
    return QByteArray::number(bytes) + " bytes";
}

} // namespace ExporterProxy
