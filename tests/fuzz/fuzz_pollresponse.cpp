// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/poll/responsereader.h"
#include "tests/fuzz/fuzzing.h"

#include <algorithm>

using namespace ExporterProxy;

namespace {

constexpr qsizetype MaxHeadSize = 512;

/// What the reader makes of a connection's bytes, at the end of which the server closes it.
struct Seen
{
    QByteArray head;
    QByteArray body;
    QByteArray fault; ///< empty if the response is complete
    qsizetype left = 0; ///< bytes behind it

    bool operator==(const Seen &) const = default;
};

QByteArray describe(const ResponseHead &head)
{
    QByteArray text = QByteArray::number(head.status) + ' ' + head.phrase.toByteArray() + ' '
        + QByteArray::number(int(head.keepAlive)) + QByteArray::number(int(head.isChunked)) + ' '
        + QByteArray::number(head.contentLength) + '\n';
    for (const ResponseHead::Field &field : head.fields)
        text += field.name.toByteArray() + ": " + field.value.toByteArray() + '\n';
    return text;
}

template<typename NextSize>
Seen readAll(const QByteArray &stream, NextSize nextSize)
{
    ResponseReader reader(MaxHeadSize);
    Seen seen;
    for (qsizetype at = 0; at < stream.size();) {
        const QByteArray piece = stream.mid(at, nextSize()); // ends with its allocation
        at += piece.size();
        QByteArrayView input(piece);
        while (!input.isEmpty() || reader.isAtEnd()) {
            const qsizetype before = input.size();
            switch (reader.next(input)) {
            case ResponseReader::Event::NeedMore:
                require(input.isEmpty(), "all bytes are consumed");
                break;
            case ResponseReader::Event::Head:
                require(seen.head.isEmpty(), "there is one head");
                require(reader.head().status >= 200 || reader.head().status == 101,
                        "interim responses are skipped");
                seen.head = describe(reader.head());
                break;
            case ResponseReader::Event::Body:
                require(!seen.head.isEmpty(), "the head comes first");
                require(!reader.body().isEmpty() && reader.body().size() <= before,
                        "a piece is of the input");
                seen.body += reader.body().toByteArray();
                break;
            case ResponseReader::Event::End:
                require(reader.head().contentLength < 0 || seen.body.size() == reader.head().contentLength,
                        "a body is as long as it says");
                require(!reader.head().endsWithConnection(), "only the end of the connection ends it");
                seen.left = input.size() + stream.size() - at;
                return seen;
            case ResponseReader::Event::Fault:
                require(!reader.fault().isEmpty(), "a fault has a reason");
                seen.fault = reader.fault();
                // How much of a body is there when a fault is found depends on the pieces.
                seen.body.clear();
                return seen;
            }
        }
    }
    if (reader.close() == ResponseReader::Event::Fault)
        seen.fault = reader.fault();
    else
        require(reader.head().endsWithConnection(), "a body that is cut is not complete");
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
