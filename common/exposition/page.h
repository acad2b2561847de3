// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <vector>

namespace ExporterProxy {

/// The body of a response in pieces. The pieces share their bytes with whoever made them (a text with the
/// model, a compressed block with its cache), so that a page of 100 MB costs a vector, and is written with
/// gathered writes.
struct Page
{
    std::vector<QByteArray> parts; ///< none of them is empty
    qint64 size = 0; ///< bytes of all parts

    void append(const QByteArray &part)
    {
        if (part.isEmpty())
            return;
        parts.push_back(part);
        size += part.size();
    }
};

} // namespace ExporterProxy
