// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/ownmetrics.h"
#include "common/model/appmodel.h"

#include <zlib.h>

// What the tests of pages share.
namespace ExporterProxy {

inline constexpr Representation Plain{};
inline constexpr Representation Gzip{Format::Text, Encoding::Gzip};

inline QByteArray bytesOfPage(const std::shared_ptr<const Page> &page)
{
    QByteArray bytes;
    for (const QByteArray &part : page->parts)
        bytes += part;
    return bytes.size() == page->size ? bytes : QByteArrayLiteral("(the size is wrong)");
}

/// A part of a page by itself, made anew.
inline QByteArray textOf(SectionList &list, const AppView &view = {})
{
    std::vector<QByteArray> texts;
    for (std::size_t i = 0; i < list.size(); ++i)
        list.texts(i, view, texts);
    QByteArray text;
    for (const QByteArray &each : texts)
        text += each;
    return text;
}

/// What the proxy's own metrics say of the applications, made anew.
inline QByteArray appMetricsOf(AppModel &model, const AppView &view, Timestamp now)
{
    PageStore store(model.pending(), [] {});
    OwnMetrics own(store);
    own.follow(view, now);
    return textOf(own.sections());
}

/// What one gzip member holds; a complaint if it is not exactly one.
inline QByteArray gunzipped(const QByteArray &member)
{
    z_stream stream{};
    if (inflateInit2(&stream, 16 + 15) != Z_OK) // gzip only
        return "(no inflate)";
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(member.constData()));
    stream.avail_in = uInt(member.size());
    QByteArray text;
    QByteArray piece(1 << 20, Qt::Uninitialized);
    int status = Z_OK;
    while (status == Z_OK) {
        stream.next_out = reinterpret_cast<Bytef *>(piece.data());
        stream.avail_out = uInt(piece.size());
        status = inflate(&stream, Z_NO_FLUSH);
        text.append(piece.constData(), piece.size() - qsizetype(stream.avail_out));
    }
    const uInt rest = stream.avail_in;
    inflateEnd(&stream);
    if (status != Z_STREAM_END)
        return "(not a gzip member, or one with another CRC or size)";
    return rest == 0 ? text : QByteArrayLiteral("(something behind the member)");
}

} // namespace ExporterProxy
