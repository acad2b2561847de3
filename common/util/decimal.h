// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <charconv>
#include <chrono>
#include <cstddef>
#include <QtGlobal>

namespace ExporterProxy {

/// Room for any result of writeSeconds().
inline constexpr std::size_t SecondsMaxSize = 24;

/// Writes a duration as seconds with up to three decimals, as few as lose nothing: "5", "2.5", "-0.001".
/// Exact, where a double printed with six digits would cut a time of day off a timestamp.
inline char *writeSeconds(char *out, std::chrono::milliseconds duration)
{
    const auto count = duration.count();
    auto magnitude = quint64(count);
    if (count < 0) {
        *out++ = '-';
        magnitude = quint64{0} - magnitude; // also right for the most negative number
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

} // namespace ExporterProxy
