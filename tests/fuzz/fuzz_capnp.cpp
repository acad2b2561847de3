// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/wire/capnpdecoder.h"
#include "tests/fuzz/fuzzing.h"
#include "tests/wire/decoding.h"

#include <simdjson.h>

using namespace ExporterProxy;

int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size)
{
    // Room for a message that is large enough to be read straight into its place.
    constexpr DecodeLimits Limits{.maxMessageSize = 256 * 1024, .maxApps = 16};
    const QByteArray stream = toBytes(data, size);
    CapnpDecoder decoder(Limits);
    const Decoded whole = decodeWhole(decoder, stream);
    for (unsigned scheme = 0; scheme < 4; ++scheme) {
        decoder.reset();
        require(decodeStream(decoder, stream, Cuts(stream, scheme), scheme != 3) == whole,
                "the result does not depend on how the bytes were cut");
    }
    for (const auto &[name, text] : whole.updates) {
        require(!nameFault(name), "a name that is taken is good");
        require(simdjson::validate_utf8(text.constData(), std::size_t(text.size())) && !text.contains('\0'),
                "a text that is taken is UTF-8 without NUL");
        require(name.size() + text.size() <= stream.size(), "a message holds no more than was sent");
    }
    return 0;
}
