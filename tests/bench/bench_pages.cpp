// SPDX-License-Identifier: GPL-3.0-or-later
// What the pages cost between the model and the socket.
#include "common/exposition/appsjson.h"
#include "common/exposition/appstable.h"
#include "common/exposition/metricspages.h"
#include "common/exposition/ownmetrics.h"
#include "tests/bench/messages.h"

#include <benchmark/benchmark.h>

using namespace ExporterProxy;

namespace {

constexpr AppModel::Limits Roomy{100'000, qint64{1} << 30};

void pushText(AppModel &model, int app, int size, unsigned salt)
{
    const std::string name = Bench::appName(app);
    AppUpdate update{QByteArray::fromStdString(name),
                     QByteArray::fromStdString(Bench::metricsText(name, std::size_t(size), salt))};
    model.apply({&update, 1}, QByteArrayLiteral("127.0.0.1:6554"), SourceKind::Push, wallClock());
}

void fill(AppModel &model, int apps, int size)
{
    for (int app = 0; app < apps; ++app)
        pushText(model, app, size, 0);
}

/// Renderers of what is known about the applications; the argument is their number.
template<typename Render>
void renderView(benchmark::State &state, Render render)
{
    AppModel model(Roomy);
    fill(model, int(state.range(0)), 256);
    const auto view = model.view();
    qsizetype size = 0;
    for (auto _ : state)
        size = render(*view).size();
    state.SetBytesProcessed(state.iterations() * size);
}

void appsTable(benchmark::State &state)
{
    renderView(state, [](const AppView &view) { return renderAppsTable(view, wallClock()); });
}

void appsJson(benchmark::State &state)
{
    renderView(state, [](const AppView &view) { return renderAppsJson(view, wallClock(), wallClock()); });
}

/// The proxy's own metrics of so many applications, made of nothing.
void appMetrics(benchmark::State &state)
{
    AppModel model(Roomy);
    fill(model, int(state.range(0)), 256);
    const auto view = model.view();
    for (auto _ : state) {
        PageStore store(model.pending(), [] {});
        OwnMetrics own(store);
        own.follow(*view, wallClock());
        benchmark::DoNotOptimize(own.serial());
    }
}

void processMetrics(benchmark::State &state)
{
    const ProxyCounters counters;
    for (auto _ : state)
        benchmark::DoNotOptimize(renderProcessMetrics(counters, readProcessFigures(), true).constData());
}

/// A page of 1000 applications of 10 KB; the argument says how many of them change before each.
void page(benchmark::State &state, Encoding encoding)
{
    constexpr int Apps = 1000;
    constexpr int Size = 10 * 1024;
    AppModel model(Roomy);
    fill(model, Apps, Size);
    const ProxyCounters counters;
    MetricsPages pages(model, counters, {.selfMetrics = true});
    pages.metrics({Format::Text, encoding});
    unsigned salt = 0;
    int app = 0;
    for (auto _ : state) {
        state.PauseTiming();
        ++salt;
        for (auto changes = state.range(0); changes > 0; --changes)
            pushText(model, app = (app + 37) % Apps, Size, salt);
        state.ResumeTiming();
        benchmark::DoNotOptimize(pages.metrics({Format::Text, encoding}));
    }
}

void plainPage(benchmark::State &state)
{
    page(state, Encoding::Identity);
}

void gzipPage(benchmark::State &state)
{
    page(state, Encoding::Gzip);
}

/// One push of one application of 1 KB and the next page; the argument is the number of applications.
void pushAndPage(benchmark::State &state, Encoding encoding)
{
    constexpr int Size = 1024;
    const int apps = int(state.range(0));
    AppModel model(Roomy);
    fill(model, apps, Size);
    const ProxyCounters counters;
    MetricsPages pages(model, counters, {.selfMetrics = true});
    std::shared_ptr<const Page> page;
    while (!(page = pages.metrics({Format::Text, encoding}))) { }
    page.reset();
    unsigned salt = 0;
    int app = 0;
    for (auto _ : state) {
        state.PauseTiming();
        app = (app + 37) % apps;
        const std::string name = Bench::appName(app);
        AppUpdate update{QByteArray::fromStdString(name),
                         QByteArray::fromStdString(Bench::metricsText(name, Size, ++salt))};
        state.ResumeTiming();
        model.apply({&update, 1}, QByteArrayLiteral("127.0.0.1:6554"), SourceKind::Push, wallClock());
        benchmark::DoNotOptimize(pages.metrics({Format::Text, encoding}));
    }
}

void pushAndPlainPage(benchmark::State &state)
{
    pushAndPage(state, Encoding::Identity);
}

void pushAndGzipPage(benchmark::State &state)
{
    pushAndPage(state, Encoding::Gzip);
}

} // namespace

BENCHMARK(pushAndPlainPage)->RangeMultiplier(10)->Range(10, 10'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(pushAndGzipPage)->RangeMultiplier(10)->Range(10, 10'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(appsTable)->Arg(100)->Arg(10'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(appsJson)->Arg(100)->Arg(10'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(appMetrics)->Arg(100)->Arg(10'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(processMetrics)->Unit(benchmark::kMicrosecond);
BENCHMARK(plainPage)->Arg(0)->Arg(1)->Arg(10)->Unit(benchmark::kMicrosecond);
BENCHMARK(gzipPage)->Arg(0)->Arg(1)->Arg(10)->Arg(1000)->Unit(benchmark::kMicrosecond);
