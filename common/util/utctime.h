// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/timestamp.h"

#include <cstddef>
#include <optional>
#include <QByteArray>

namespace ExporterProxy {

/// How a moment is written. Both carry 0, 3, 6 or 9 fractional digits, as few as lose nothing.
enum class UtcForm : quint8 {
    Table, ///< "2022-05-22 23:51:52.939898700 UTC", as the table of /apps has it
    Rfc3339, ///< "2022-05-22T23:51:52.939898700Z" (RFC 3339), as JSON has it
};

/// The longest result in bytes. A Timestamp reaches from the year 1677 to 2262, so a year has four digits.
inline constexpr std::size_t UtcTimeMaxSize = 33;

/// How many bytes writeUtcTime() will write.
std::size_t utcTimeSize(Timestamp time, UtcForm form);

/// Writes the moment to `out`, which has room for UtcTimeMaxSize bytes, and returns the end. No locale and no
/// allocation: a table of 10 000 rows calls it for each.
char *writeUtcTime(char *out, Timestamp time, UtcForm form);

/// The same at the end of `out`.
void appendUtcTime(QByteArray &out, Timestamp time, UtcForm form);

/// Reads the Rfc3339 form back, with any number of fractional digits up to nine; nothing if it is not that,
/// or no moment that a Timestamp can hold.
std::optional<Timestamp> readUtcTime(QByteArrayView rfc3339);

} // namespace ExporterProxy
