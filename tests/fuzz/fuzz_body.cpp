// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/bodybuffer.h"
#include "tests/fuzz/fuzzing.h"

using namespace ExporterProxy;
using Encoding = BodyBuffer::Encoding;
using Status = BodyBuffer::Status;

namespace {

constexpr qint64 MaxSize = 64 * 1024;

struct Body
{
    Status status = Status::Good;
    QByteArray bytes; ///< of a good one

    bool operator==(const Body &) const = default;
};

template<typename NextSize>
Body collect(const QByteArray &stream, Encoding encoding, NextSize nextSize)
{
    BodyBuffer buffer(MaxSize);
    buffer.start(encoding, 0);
    Body body;
    for (qsizetype at = 0; at < stream.size() && body.status == Status::Good;) {
        const QByteArray piece = stream.mid(at, nextSize());
        at += piece.size();
        body.status = buffer.append(piece);
    }
    if (body.status == Status::Good)
        body.status = buffer.finish();
    if (body.status == Status::Good)
        body.bytes = buffer.take();
    require(body.bytes.size() <= MaxSize, "a body keeps within its limit");
    return body;
}

} // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size)
{
    const QByteArray stream = toBytes(data, size);
    for (const Encoding encoding : {Encoding::Identity, Encoding::Gzip}) {
        const Body whole = collect(stream, encoding, [&] { return stream.size(); });
        require(encoding == Encoding::Gzip || whole.status == Status::TooLarge || whole.bytes == stream,
                "a plain body is what was sent");
        for (unsigned scheme = 0; scheme < 3; ++scheme)
            require(collect(stream, encoding, Cuts(stream, scheme)) == whole,
                    "the result does not depend on how the bytes were cut");
    }
    return 0;
}
