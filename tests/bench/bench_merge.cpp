// SPDX-License-Identifier: GPL-3.0-or-later
// What a merged page costs: one push and the page after it, beside making all of it anew.
#include "common/exposition/merge/merger.h"
#include "common/exposition/metricspages.h"

#include <benchmark/benchmark.h>

using namespace ExporterProxy;

namespace {

constexpr AppModel::Limits Roomy{100'000, qint64{1} << 30};
constexpr int Apps = 1000;
constexpr int Families = 100;

/// Whether each application has families of its own (ten, of ten series), or all have the same hundred (of
/// one series each).
enum Shape { Own, Shared };

QByteArray text(Shape shape, int app, unsigned salt)
{
    const QByteArray number = QByteArray::number(app);
    QByteArray text;
    for (int i = 0; i < Families / (shape == Own ? 10 : 1); ++i) {
        const QByteArray name = (shape == Own ? "app_" + number + "_requests_" : QByteArray("app_requests_"))
            + QByteArray::number(i) + "_total";
        text +=
            "# HELP " + name + " Requests of this kind that were answered.\n# TYPE " + name + " counter\n";
        for (int j = 0; j < (shape == Own ? 10 : 1); ++j)
            text += name + "{instance=\"10.0.0." + number + ":8080\",code=\"" + QByteArray::number(200 + j)
                + "\"} " + QByteArray::number(1'000'000 + (salt * 7919 + unsigned(i * 31 + j)) % 1'000'000)
                + '\n';
    }
    return text;
}

void push(AppModel &model, Shape shape, int app, unsigned salt)
{
    AppUpdate update{"app_" + QByteArray::number(1'000'000 + app), text(shape, app, salt)};
    model.apply({&update, 1}, QByteArrayLiteral("127.0.0.1:6554"), SourceKind::Push, wallClock());
}

void fill(AppModel &model, Shape shape)
{
    for (int app = 0; app < Apps; ++app)
        push(model, shape, app, 0);
}

PageRules rules(const char *label)
{
    return {ExpositionMode::Merge, label, false};
}

/// 1000 applications of 100 series, one of which pushes before each page.
void changed(benchmark::State &state, Encoding encoding, const char *label)
{
    const auto shape = Shape(state.range(0));
    AppModel model(Roomy);
    fill(model, shape);
    const ProxyCounters counters;
    MetricsPages pages(model, counters, rules(label));
    while (!pages.metrics({Format::Text, encoding})) { } // compressed in steps
    qint64 size = 0;
    unsigned salt = 0;
    int app = 0;
    for (auto _ : state) {
        state.PauseTiming();
        push(model, shape, app = (app + 37) % Apps, ++salt);
        state.ResumeTiming();
        size = pages.metrics({Format::Text, encoding})->size;
    }
    state.counters["bytes"] = double(size);
}

/// The same page made of nothing.
void anew(benchmark::State &state, Encoding encoding)
{
    AppModel model(Roomy);
    fill(model, Shape(state.range(0)));
    const ProxyCounters counters;
    for (auto _ : state) {
        push(model, Shape(state.range(0)), 0, 0);
        MetricsPages pages(model, counters, rules(""));
        while (!pages.metrics({Format::Text, encoding})) { } // compressed in steps
    }
}

void mergedPlain(benchmark::State &state)
{
    changed(state, Encoding::Identity, "");
}

void mergedGzip(benchmark::State &state)
{
    changed(state, Encoding::Gzip, "");
}

void mergedLabelledPlain(benchmark::State &state)
{
    changed(state, Encoding::Identity, "app");
}

void mergedPlainAnew(benchmark::State &state)
{
    anew(state, Encoding::Identity);
}

void mergedGzipAnew(benchmark::State &state)
{
    anew(state, Encoding::Gzip);
}

/// The page of applications that all have the same hundred series, made of nothing, and then without the
/// first half of them: how it grows with their number.
void mergedSameSeries(benchmark::State &state)
{
    AppModel model({100'000, qint64{8} << 30});
    QByteArray same;
    for (int i = 0; i < Families; ++i)
        same += "app_requests_" + QByteArray::number(i) + "_total{code=\"200\"} 1\n";
    for (int app = 0; app < state.range(0); ++app) {
        AppUpdate update{"app_" + QByteArray::number(1'000'000 + app), same};
        model.apply({&update, 1}, QByteArrayLiteral("127.0.0.1:6554"), SourceKind::Push, wallClock());
    }
    const std::shared_ptr<const AppView> all = model.view();
    auto half = std::make_shared<AppView>(*all);
    half->apps.erase(half->apps.begin(), half->apps.begin() + std::ptrdiff_t(half->apps.size() / 2));
    ++half->generation;
    for (auto _ : state) {
        PageStore store(model.pending(), [] {});
        Merger merger({}, store);
        merger.follow(all);
        merger.follow(half);
    }
}

} // namespace

BENCHMARK(mergedSameSeries)->ArgName("apps")->Arg(1500)->Arg(3000)->Arg(6000)->Unit(benchmark::kMillisecond);
BENCHMARK(mergedPlain)->ArgName("shared")->Arg(Own)->Arg(Shared)->Unit(benchmark::kMicrosecond);
BENCHMARK(mergedGzip)->ArgName("shared")->Arg(Own)->Arg(Shared)->Unit(benchmark::kMicrosecond);
BENCHMARK(mergedLabelledPlain)->ArgName("shared")->Arg(Own)->Arg(Shared)->Unit(benchmark::kMicrosecond);
BENCHMARK(mergedPlainAnew)->ArgName("shared")->Arg(Own)->Arg(Shared)->Unit(benchmark::kMicrosecond);
BENCHMARK(mergedGzipAnew)->ArgName("shared")->Arg(Own)->Arg(Shared)->Unit(benchmark::kMicrosecond);
