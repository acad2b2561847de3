// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/wire/jsondecoder.h"
#include "common/wire/jsonstring.h"
#include "tests/fuzz/fuzzing.h"
#include "tests/wire/decoding.h"

#include <simdjson.h>

using namespace ExporterProxy;

namespace {

// Small, so that short inputs reach them.
constexpr DecodeLimits Limits{.maxMessageSize = 2048, .maxApps = 16};

QByteArray toBytes(std::string_view view)
{
    return QByteArray(view.data(), qsizetype(view.size()));
}

/// What a general parser makes of one document; nothing if it is none, or has another shape.
std::optional<QList<std::pair<QByteArray, QByteArray>>> parsed(const QByteArray &document)
{
    static simdjson::dom::parser parser;
    simdjson::dom::object object;
    if (parser.parse(document.constData(), std::size_t(document.size())).get(object) != simdjson::SUCCESS)
        return std::nullopt;
    QList<std::pair<QByteArray, QByteArray>> updates;
    for (const auto &[key, value] : object) {
        std::string_view text;
        simdjson::dom::array lines;
        QByteArray joined;
        if (value.get(text) == simdjson::SUCCESS) {
            joined = toBytes(text);
        } else if (value.get(lines) == simdjson::SUCCESS) {
            for (const simdjson::dom::element line : lines) {
                if (line.get(text) != simdjson::SUCCESS)
                    return std::nullopt;
                joined += toBytes(text) + '\n';
            }
        } else {
            return std::nullopt;
        }
        if (nameFault(toBytes(key)) || joined.contains('\0'))
            return std::nullopt;
        updates.emplace_back(toBytes(key), joined);
    }
    return updates;
}

/// Every implementation on the bytes as the content of a string.
void unescapeInEachWay(const QByteArray &in)
{
    for (const StringKind kind : {StringKind::Single, StringKind::Lines}) {
        std::optional<std::tuple<QByteArray, qsizetype, RunEnd>> first;
        for (const auto set : {InstructionSet::Baseline, InstructionSet::Avx2, InstructionSet::Avx512}) {
            const UnescapeFunction run = unescapeFunction(set);
            if (!run)
                continue;
            // An allocation of the exact size: the sanitizer sees what goes beyond.
            const std::unique_ptr<char[]> out(new char[std::size_t(in.size() + UnescapeSlack)]);
            const RunResult result = run(in.begin(), in.end(), out.get(), kind);
            const std::tuple found(QByteArray(out.get(), result.out - out.get()), result.in - in.begin(),
                                   result.end);
            require(!first || *first == found, "the result does not depend on the processor");
            first = found;
        }
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size)
{
    const QByteArray stream = ::toBytes(data, size);
    unescapeInEachWay(stream);
    JsonDecoder decoder(Limits);
    const Decoded whole = decodeWhole(decoder, stream);
    for (unsigned scheme = 0; scheme < 3; ++scheme) {
        decoder.reset(); // the same one again, as connections use it
        require(decodeStream(decoder, stream, Cuts(stream, scheme)) == whole,
                "the result does not depend on how the bytes were cut");
    }
    for (const auto &[name, text] : whole.updates) {
        require(!nameFault(name), "a name that is taken is good");
        require(simdjson::validate_utf8(text.constData(), std::size_t(text.size())) && !text.contains('\0'),
                "a text that is taken is UTF-8 without NUL");
    }
    if (size <= std::size_t(Limits.maxMessageSize) && whole.messages <= 1) {
        const auto expected = parsed(stream);
        if (whole.messages == 1 && !whole.rejected)
            require(expected && *expected == whole.updates, "what is taken is what a general parser reads");
        else if (expected)
            require(expected->size() > Limits.maxApps, "what a general parser reads is taken");
    }
    return 0;
}
