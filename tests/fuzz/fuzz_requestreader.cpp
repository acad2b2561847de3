// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/requestreader.h"
#include "tests/fuzz/fuzzing.h"

#include <algorithm>
#include <QList>
#include <utility>

using namespace ExporterProxy;

namespace {

constexpr qsizetype MaxHeadSize = 512;

/// What the reader makes of a connection's bytes: each whole request, and why reading stopped.
struct Seen
{
    QByteArrayList requests; ///< what each says, and its body
    int status = 0; ///< 0: nothing was refused
    QByteArray message;

    bool operator==(const Seen &) const = default;
};

QByteArray describe(const RequestHead &head)
{
    QByteArray text = QByteArray::number(int(head.method)) + ' ' + head.target.toByteArray() + ' '
        + QByteArray::number(int(head.isHttp10)) + QByteArray::number(int(head.keepAlive))
        + QByteArray::number(int(head.isChunked)) + QByteArray::number(int(head.expectsContinue))
        + QByteArray::number(head.contentLength) + '\n';
    for (const RequestHead::Field &field : head.fields)
        text += field.name.toByteArray() + ": " + field.value.toByteArray() + '\n';
    return text;
}

template<typename NextSize>
Seen readAll(const QByteArray &stream, NextSize nextSize)
{
    RequestReader reader(MaxHeadSize);
    Seen seen;
    QByteArray request;
    qint64 bodySize = 0;
    for (qsizetype at = 0; at < stream.size();) {
        const QByteArray piece = stream.mid(at, nextSize()); // ends with its allocation
        at += piece.size();
        QByteArrayView input(piece);
        while (!input.isEmpty() || reader.isAtEnd()) {
            const qsizetype before = input.size();
            switch (reader.next(input)) {
            case RequestReader::Event::NeedMore:
                require(input.isEmpty(), "all bytes are consumed");
                break;
            case RequestReader::Event::Head:
                require(reader.isWithinRequest(), "a request has begun");
                request = describe(reader.head());
                bodySize = 0;
                break;
            case RequestReader::Event::Body:
                require(!reader.body().isEmpty() && reader.body().size() <= before,
                        "a piece is of the input");
                request += reader.body().toByteArray();
                bodySize += reader.body().size();
                break;
            case RequestReader::Event::End:
                require(!reader.isWithinRequest(), "a request that is complete has ended");
                require(reader.head().isChunked || bodySize == reader.head().contentLength,
                        "a body is as long as it says");
                seen.requests << std::exchange(request, {});
                break;
            case RequestReader::Event::Fault:
                require(reader.fault().status >= 400 && !reader.fault().message.isEmpty(),
                        "a refusal has a reason");
                seen.status = reader.fault().status;
                seen.message = reader.fault().message;
                return seen;
            }
        }
    }
    return seen;
}

} // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size)
{
    const QByteArray stream = toBytes(data, size);
    const Seen whole = readAll(stream, [&] { return std::max<qsizetype>(1, stream.size()); });
    require(readAll(stream, [] { return qsizetype(1); }) == whole,
            "nothing depends on how the bytes were cut");
    for (unsigned scheme = 1; scheme < 3; ++scheme)
        require(readAll(stream, Cuts(stream, scheme)) == whole, "nothing depends on how the bytes were cut");
    return 0;
}
