// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/wire/pushdecoder.h"

#include <cstring>
#include <QByteArrayList>

/// What a decoder made of a stream of bytes: each application's texts in order, then the rejection if there
/// is one.
struct Decoded
{
    QList<std::pair<QByteArray, QByteArray>> updates;
    int messages = 0;
    bool rejected = false;
    ExporterProxy::RejectReason reason{};
    QByteArray message;
    QByteArray app;

    bool operator==(const Decoded &) const = default;
};

/// Feeds a stream in pieces of the sizes that `nextSize` gives, in memory that keeps the decoder's alignment
/// and whose end is the end of the allocation, so that a sanitizer sees any read beyond it.
template<typename NextSize>
Decoded decodeStream(ExporterProxy::PushDecoder &decoder, const QByteArray &stream, NextSize nextSize,
                     bool useDirectSpace = true)
{
    using Status = ExporterProxy::PushDecoder::Status;
    Decoded result;
    const auto take = [&](Status status) {
        if (status == Status::Rejected) {
            result.rejected = true;
            result.reason = decoder.rejection().reason;
            result.message = decoder.rejection().message;
            result.app = decoder.rejection().app;
        } else if (status == Status::Complete) {
            ++result.messages;
            for (ExporterProxy::AppUpdate &update : decoder.updates())
                result.updates.emplace_back(update.name, std::exchange(update.text, {}));
        }
    };
    qsizetype at = 0;
    while (at < stream.size() && !result.rejected) {
        const qsizetype size = qMin(qMax<qsizetype>(nextSize(), 1), stream.size() - at);
        if (const auto space = decoder.directSpace(); useDirectSpace && !space.empty()) {
            const qsizetype direct = qMin(size, qsizetype(space.size()));
            std::memcpy(space.data(), stream.constData() + at, std::size_t(direct));
            at += direct;
            take(decoder.received(std::size_t(direct)));
            continue;
        }
        const unsigned phase = decoder.phase();
        const std::unique_ptr<quint64[]> words(new quint64[(std::size_t(size) + phase + 7) / 8]);
        char *piece = reinterpret_cast<char *>(words.get()) + phase;
        std::memcpy(piece, stream.constData() + at, std::size_t(size));
        at += size;
        QByteArrayView input(piece, size);
        while (!input.isEmpty() && !result.rejected)
            take(decoder.decode(input));
    }
    if (!result.rejected)
        take(decoder.finish());
    return result;
}

inline Decoded decodeWhole(ExporterProxy::PushDecoder &decoder, const QByteArray &stream)
{
    return decodeStream(decoder, stream, [&] { return stream.size(); });
}
