// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <zlib.h>

/// One gzip member.
inline QByteArray gzip(const QByteArray &text)
{
    z_stream stream{};
    deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
    QByteArray out(qsizetype(deflateBound(&stream, uLong(text.size()))), Qt::Uninitialized);
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(text.data()));
    stream.avail_in = uInt(text.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = uInt(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(out.size() - qsizetype(stream.avail_out));
    deflateEnd(&stream);
    return out;
}

/// 1 MiB that expands to 1 GiB of one character, without ever having been expanded here.
inline QByteArray gzipBomb()
{
    constexpr int Mega = 1 << 20;
    const QByteArray piece(Mega, '\n');
    z_stream stream{};
    deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    QByteArray block(Mega, Qt::Uninitialized);
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(piece.data()));
    stream.avail_in = Mega;
    stream.next_out = reinterpret_cast<Bytef *>(block.data());
    stream.avail_out = Mega;
    deflate(&stream, Z_FULL_FLUSH); // byte-aligned and independent: can be repeated
    block.resize(Mega - qsizetype(stream.avail_out));
    deflateEnd(&stream);
    static constexpr char Header[] = "\x1f\x8b\x08\0\0\0\0\0\0\xff";
    return QByteArray(Header, 10) + block.repeated(1024);
}
