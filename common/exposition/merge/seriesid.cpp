// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/merge/seriesid.h"

#include <cstring>

namespace ExporterProxy {

namespace {

__extension__ using Wide = unsigned __int128;

// Odd, half of the bits set, without a pattern: fractional digits of square roots.
constexpr quint64 LowKey = 0x6a09e667f3bcc909;
constexpr quint64 HighKey = 0xbb67ae8584caa73b;
constexpr quint64 LowEnd = 0x3c6ef372fe94f82b;
constexpr quint64 HighEnd = 0xa54ff53a5f1d36f1;

/// Both halves of the product, folded: each bit of it depends on all bits of both factors.
quint64 fold(quint64 a, quint64 b)
{
    const Wide product = Wide(a) * b;
    return quint64(product) ^ quint64(product >> 64);
}

quint64 load(const char *at, std::size_t size)
{
    quint64 word = 0;
    std::memcpy(&word, at, size);
    return word;
}

} // namespace

SeriesId seriesPart(QByteArrayView bytes, quint64 seed) noexcept
{
    const char *at = bytes.data();
    std::size_t left = std::size_t(bytes.size());
    quint64 low = seed ^ LowKey;
    quint64 high = seed ^ HighKey;
    for (;;) {
        quint64 first = 0;
        quint64 second = 0;
        if (left >= 16) {
            first = load(at, 8);
            second = load(at + 8, 8);
        } else if (left > 8) {
            first = load(at, 8);
            second = load(at + 8, left - 8);
        } else if (left > 0) {
            first = load(at, left);
        }
        // The two halves take the words in different places, so that what cancels out in one does not in the
        // other.
        low = fold(low ^ first, second ^ LowEnd) + high;
        high = fold(high ^ second, first ^ HighEnd) + low;
        if (left <= 16)
            break;
        at += 16;
        left -= 16;
    }
    // With the size, a text that ends in zeros differs from one without them.
    const quint64 size = quint64(bytes.size());
    return {fold(low ^ LowEnd, high ^ size ^ LowKey), fold(high ^ HighEnd, low ^ size ^ HighKey)};
}

} // namespace ExporterProxy
