// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/textformat.h"

#include <QByteArray>
#include <vector>

namespace ExporterProxy {

/// The content codings that a page can be sent in.
enum class Encoding : quint8 { Identity, Gzip };
inline constexpr std::size_t EncodingCount = 2;

/// What a client has negotiated: the same page can be had in each of these.
struct Representation
{
    Format format = Format::Text;
    Encoding encoding = Encoding::Identity;

    /// For arrays that have a place for each representation.
    std::size_t index() const { return std::size_t(format) * EncodingCount + std::size_t(encoding); }
    bool operator==(const Representation &) const = default;
};
inline constexpr std::size_t RepresentationCount = FormatCount * EncodingCount;

/// The body of a response in pieces. The pieces share their bytes with whatever made them (a text with the
/// model, a section with the page store), so that a page of 100 MB costs a vector, and is written with
/// gathered writes.
struct Page
{
    std::vector<QByteArray> parts; ///< none of them is empty
    qint64 size = 0; ///< bytes of all parts
    Format format = Format::Text;

    void append(const QByteArray &part)
    {
        if (part.isEmpty())
            return;
        parts.push_back(part);
        size += part.size();
    }
};

} // namespace ExporterProxy
