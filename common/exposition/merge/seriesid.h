// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <QByteArrayView>

namespace ExporterProxy {

/// Tells one series from another: 128 bits of hash over the metric's name and its labels, whatever their
/// order and however their values are escaped. Two series are taken for one if these are equal, without a
/// look at the text: among a billion series that would happen once in 10^20 times.
struct SeriesId
{
    quint64 low = 0;
    quint64 high = 0;

    bool operator==(const SeriesId &) const = default;

    /// Takes in a label. A sum, so that the order does not count.
    SeriesId &operator+=(const SeriesId &other)
    {
        low += other.low;
        high += other.high;
        return *this;
    }
};

/// The part of a series' identity that the bytes are. Another `seed`, another part. Only good within one
/// process: it depends on the machine's order of bytes.
SeriesId seriesPart(QByteArrayView bytes, quint64 seed) noexcept;

/// For containers of the standard library: the bits are as good as random already.
struct SeriesIdHash
{
    std::size_t operator()(const SeriesId &id) const noexcept { return std::size_t(id.low); }
};

} // namespace ExporterProxy
