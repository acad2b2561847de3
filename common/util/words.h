// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/timestamp.h"

#include <cstddef>
#include <optional>
#include <QByteArray>

// Times, durations and sizes in words. ASCII, independent of the locale. All functions may be called on any
// thread.

namespace ExporterProxy {

/// How a moment is written. Both have 0, 3, 6 or 9 fractional digits, as few as are exact.
enum class UtcForm : quint8 {
    Table, ///< "2022-05-22 23:51:52.939898700 UTC", as in the table of /apps
    Rfc3339, ///< "2022-05-22T23:51:52.939898700Z" (RFC 3339), as in JSON
};

/// The longest result in bytes. A Timestamp reaches from the year 1677 to 2262, so a year has four digits.
inline constexpr std::size_t UtcTimeMaxSize = 33;

/// How many bytes writeUtcTime() will write.
std::size_t utcTimeSize(Timestamp time, UtcForm form);

/// Writes the moment to `out`, which has room for UtcTimeMaxSize bytes, and returns the end. Does not
/// allocate, because a table of 10 000 rows calls it for each.
char *writeUtcTime(char *out, Timestamp time, UtcForm form);

/// Appends the moment to `out`.
void appendUtcTime(QByteArray &out, Timestamp time, UtcForm form);

/// The Table form of the moment, cut to a multiple of `precision`: "2022-05-22 23:51:52 UTC" with 1 s.
QByteArray utcText(Timestamp time, std::chrono::nanoseconds precision);

/// Reads the Rfc3339 form, with up to nine fractional digits. Returns nullopt if the text has another form,
/// or if a Timestamp cannot hold the moment.
std::optional<Timestamp> readUtcTime(QByteArrayView rfc3339);

/// "Sun, 06 Nov 1994 08:49:37 GMT", as in the fields of HTTP (RFC 9110, section 5.6.7).
QByteArray httpDateText(Timestamp time);

/// A duration in its two largest units: "3 min 5 s". 0 if it is negative.
QByteArray durationText(std::chrono::seconds duration);

/// Room for any result of writeSeconds().
inline constexpr std::size_t SecondsMaxSize = 24;

/// Writes a duration as seconds with up to three decimals, as few as are exact: "5", "2.5", "-0.001". A
/// double printed with six digits would lose the time of day of a timestamp.
char *writeSeconds(char *out, std::chrono::milliseconds duration);

/// A size in bytes, in B, KiB or MiB with one decimal: "512 B", "12.3 KiB". Not negative.
QByteArray sizeText(qint64 bytes);

/// A size in bytes, in the largest of MiB, KiB and bytes that needs no fraction: "64 MiB", "1000 bytes".
QByteArray exactSizeText(qint64 bytes);

} // namespace ExporterProxy
