// SPDX-License-Identifier: GPL-3.0-or-later
// What quarantine costs a text, beside the check for UTF-8 that every text goes through. A page of your own:
// BENCH_PAGE=FILE microbench --benchmark_filter=ownPage
#include "common/exposition/textgate.h"
#include "common/exposition/textparser.h"
#include "common/wire/textcheck.h"
#include "tests/bench/messages.h"

#include <benchmark/benchmark.h>
#include <QByteArray>
#include <QFile>

using namespace ExporterProxy;

namespace {

constexpr qsizetype PageSize = 64 << 10; // of a usual exporter

QByteArray filled(auto &&line)
{
    QByteArray page;
    for (int i = 0; page.size() < PageSize; ++i)
        page += line(QByteArray::number(i));
    return page;
}

/// As client libraries write it: ten samples under HELP and TYPE.
QByteArray families()
{
    const std::string page = Bench::metricsText("bench", std::size_t(PageSize), 0);
    return {page.data(), qsizetype(page.size())};
}

/// As node_exporter writes most of its page: HELP and TYPE for each sample.
QByteArray metadata()
{
    return filled([](const QByteArray &i) {
        const QByteArray name = "node_memory_Active_anon_" + i + "_bytes";
        return "# HELP " + name + " Memory information field Active_anon_bytes.\n# TYPE " + name + " gauge\n"
            + name + " 1.234567168e+09\n";
    });
}

/// The rest of it, and what hurts most: short names, many short labels.
QByteArray labels()
{
    return filled([](const QByteArray &i) {
        return "cpu_seconds_total{cpu=\"" + i + "\",mode=\"idle\",host=\"a\",zone=\"b\"} 4711.25\n";
    });
}

/// Names only, as short as they get.
QByteArray shortest()
{
    return filled([](const QByteArray &i) { return "n" + i + " 1\n"; });
}

QByteArray ownPage()
{
    QFile file(qEnvironmentVariable("BENCH_PAGE"));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void judge(benchmark::State &state, QByteArray (*make)())
{
    const QByteArray page = make();
    if (page.isEmpty())
        state.SkipWithError("there is no page");
    for (auto _ : state) {
        if (const std::optional<ExpositionFault> fault = expositionFault(page))
            state.SkipWithError(fault->message().constData());
    }
    state.SetBytesProcessed(state.iterations() * page.size());
}

void checkUtf8(benchmark::State &state)
{
    const QByteArray page = families();
    for (auto _ : state)
        benchmark::DoNotOptimize(textFault(page));
    state.SetBytesProcessed(state.iterations() * page.size());
}

void repairNothing(benchmark::State &state)
{
    QByteArray page = families();
    for (auto _ : state)
        benchmark::DoNotOptimize(repairText(page));
    state.SetBytesProcessed(state.iterations() * page.size());
}

/// Each time a copy of its own, as a push has it; the copy counts.
void repairLineEnds(benchmark::State &state)
{
    const QByteArray page = families().replace("\n", "\r\n");
    for (auto _ : state) {
        QByteArray text = page;
        benchmark::DoNotOptimize(repairText(text));
    }
    state.SetBytesProcessed(state.iterations() * page.size());
}

} // namespace

BENCHMARK_CAPTURE(judge, families, families);
BENCHMARK_CAPTURE(judge, metadata, metadata);
BENCHMARK_CAPTURE(judge, labels, labels);
BENCHMARK_CAPTURE(judge, shortest, shortest);
BENCHMARK_CAPTURE(judge, ownPage, ownPage);
BENCHMARK(checkUtf8);
BENCHMARK(repairNothing);
BENCHMARK(repairLineEnds);
