// SPDX-License-Identifier: GPL-3.0-or-later
// What a push costs between the read buffer and the text, beside what a general parser needs for the same.
// Bytes are those of the wire.
#include "common/wire/capnpdecoder.h"
#include "common/wire/jsondecoder.h"
#include "common/wire/jsonstring.h"
#include "tests/bench/messages.h"

#include <benchmark/benchmark.h>
#include <cstring>
#include <memory>
#include <QByteArray>
#include <simdjson.h>

using namespace ExporterProxy;
using Bench::MessageFormat;

namespace {

void sizes(benchmark::internal::Benchmark *benchmark)
{
    for (const int size : {1 << 10, 64 << 10, 1 << 20})
        benchmark->Arg(size);
}

std::string message(MessageFormat format, benchmark::State &state)
{
    const std::string app = Bench::appName(1);
    return Bench::encodePush(format, app, Bench::metricsText(app, std::size_t(state.range(0)), 0));
}

void setBytes(benchmark::State &state, std::size_t size)
{
    state.SetBytesProcessed(state.iterations() * std::int64_t(size));
}

/// As the receiver does it: the whole message from one read, then the text taken.
template<typename Decoder>
void decode(benchmark::State &state, MessageFormat format)
{
    const std::string bytes = message(format, state);
    const std::unique_ptr<quint64[]> words(new quint64[bytes.size() / 8 + 1]); // Cap'n Proto is read in place
    std::memcpy(words.get(), bytes.data(), bytes.size());
    Decoder decoder(DecodeLimits{});
    for (auto _ : state) {
        QByteArrayView input(reinterpret_cast<const char *>(words.get()), qsizetype(bytes.size()));
        if (decoder.decode(input) != PushDecoder::Status::Complete)
            state.SkipWithError(decoder.rejection().message.constData());
        for (AppUpdate &update : decoder.updates())
            benchmark::DoNotOptimize(std::exchange(update.text, {}).constData());
    }
    setBytes(state, bytes.size());
}

void jsonString(benchmark::State &state)
{
    decode<JsonDecoder>(state, MessageFormat::JsonString);
    state.SetLabel(instructionSetName(bestInstructionSet()));
}

void jsonArray(benchmark::State &state)
{
    decode<JsonDecoder>(state, MessageFormat::JsonArray);
    state.SetLabel(instructionSetName(bestInstructionSet()));
}

void capnp(benchmark::State &state)
{
    decode<CapnpDecoder>(state, MessageFormat::CapnProto);
}

/// The text of the document's one application, by simdjson's on-demand parser.
QByteArray textBySimdjson(simdjson::ondemand::parser &parser, const simdjson::padded_string &document)
{
    QByteArray text;
    simdjson::ondemand::document parsed = parser.iterate(document);
    for (auto field : parsed.get_object()) {
        benchmark::DoNotOptimize(std::string_view(field.unescaped_key()).data());
        simdjson::ondemand::value value = field.value();
        if (value.type() == simdjson::ondemand::json_type::string) {
            const std::string_view string = value.get_string();
            text = QByteArray(string.data(), qsizetype(string.size()));
            continue;
        }
        text.reserve(qsizetype(document.size()));
        for (auto item : value.get_array()) {
            const std::string_view line = item.get_string();
            text.append(line.data(), qsizetype(line.size()));
            text.append('\n');
        }
    }
    return text;
}

void parseBySimdjson(benchmark::State &state, MessageFormat format)
{
    const simdjson::padded_string document(message(format, state));
    simdjson::ondemand::parser parser;
    try {
        for (auto _ : state)
            benchmark::DoNotOptimize(textBySimdjson(parser, document).constData());
    } catch (const simdjson::simdjson_error &error) {
        state.SkipWithError(error.what());
    }
    setBytes(state, document.size());
}

void jsonStringSimdjson(benchmark::State &state)
{
    parseBySimdjson(state, MessageFormat::JsonString);
}

void jsonArraySimdjson(benchmark::State &state)
{
    parseBySimdjson(state, MessageFormat::JsonArray);
}

/// One implementation of the unescaper on the content of a string, or of an array of lines.
void unescape(benchmark::State &state, InstructionSet set, MessageFormat format)
{
    const UnescapeFunction run = unescapeFunction(set);
    if (!run) {
        state.SkipWithError("this processor cannot run it");
        return;
    }
    const bool isArray = format == MessageFormat::JsonArray;
    const std::string bytes = message(format, state);
    const std::size_t begin = bytes.find(isArray ? ":[\"" : ":\"") + (isArray ? 3 : 2);
    const std::unique_ptr<char[]> out(new char[bytes.size() + UnescapeSlack]);
    for (auto _ : state) {
        const RunResult result = run(bytes.data() + begin, bytes.data() + bytes.size(), out.get(),
                                     isArray ? StringKind::Lines : StringKind::Single);
        if (result.end != RunEnd::Quote)
            state.SkipWithError("it did not reach the closing quote");
        benchmark::DoNotOptimize(result.out);
        benchmark::ClobberMemory();
    }
    state.SetLabel(instructionSetName(set));
    setBytes(state, bytes.size() - begin);
}

void unescapeString(benchmark::State &state, InstructionSet set)
{
    unescape(state, set, MessageFormat::JsonString);
}

void unescapeLines(benchmark::State &state, InstructionSet set)
{
    unescape(state, set, MessageFormat::JsonArray);
}

/// The floor: the same bytes copied.
void copy(benchmark::State &state)
{
    const std::string bytes = message(MessageFormat::JsonString, state);
    const std::unique_ptr<char[]> out(new char[bytes.size()]);
    for (auto _ : state) {
        std::memcpy(out.get(), bytes.data(), bytes.size());
        benchmark::ClobberMemory();
    }
    setBytes(state, bytes.size());
}

} // namespace

BENCHMARK(jsonString)->Apply(sizes);
BENCHMARK(jsonStringSimdjson)->Apply(sizes);
BENCHMARK(jsonArray)->Apply(sizes);
BENCHMARK(jsonArraySimdjson)->Apply(sizes);
BENCHMARK(capnp)->Apply(sizes);
BENCHMARK_CAPTURE(unescapeString, baseline, InstructionSet::Baseline)->Arg(64 << 10);
BENCHMARK_CAPTURE(unescapeString, avx2, InstructionSet::Avx2)->Arg(64 << 10);
BENCHMARK_CAPTURE(unescapeString, avx512, InstructionSet::Avx512)->Arg(64 << 10);
BENCHMARK_CAPTURE(unescapeLines, baseline, InstructionSet::Baseline)->Arg(64 << 10);
BENCHMARK_CAPTURE(unescapeLines, avx2, InstructionSet::Avx2)->Arg(64 << 10);
BENCHMARK_CAPTURE(unescapeLines, avx512, InstructionSet::Avx512)->Arg(64 << 10);
BENCHMARK(copy)->Apply(sizes);
