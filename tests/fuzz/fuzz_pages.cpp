// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/apps/appslisting.h"
#include "common/exposition/appsjson.h"
#include "common/exposition/appstable.h"
#include "common/exposition/metricspages.h"
#include "common/util/bodybuffer.h"
#include "common/util/showntext.h"
#include "daemon/http/landingpage.h"
#include "daemon/process/logging.h"
#include "tests/exposition/pagetexts.h"
#include "tests/fuzz/fuzzing.h"

#include <algorithm>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <simdjson.h>

using namespace ExporterProxy;

namespace {

constexpr Timestamp Now{std::chrono::seconds{1'700'000'000}};

/// A model of two applications: one that is called what a sender chose, and a harmless neighbour.
struct Pages
{
    Pages(const QByteArray &name, const QByteArray &source, const QByteArray &reason, const QByteArray &text)
        : model({})
    {
        AppUpdate updates[] = {{"neighbour", "x 1"}, {name, text}};
        require(!model.apply(updates, source, SourceKind::Push, Now), "two applications fit");
        model.noteRejected(name, reason, SourceKind::Push, Now);
        const auto view = model.view();
        table = renderAppsTable(*view, Now);
        json = renderAppsJson(*view, Now, Now);
        landing = renderLandingPage(*view, "1", Now);
        metrics = appMetricsOf(model, *view, Now);
    }

    AppModel model;
    QByteArray table;
    QByteArray json;
    QByteArray landing;
    QByteArray metrics;
};

bool isUtf8(const QByteArray &text)
{
    return simdjson::validate_utf8(text.constData(), std::size_t(text.size()));
}

bool hasControl(const QByteArray &text)
{
    return std::any_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f;
    });
}

void checkTable(const QByteArray &table)
{
    require(isUtf8(table) && !hasControl(table) && table.endsWith('\n'), "the table is lines of UTF-8");
    const QList<QByteArray> lines = table.chopped(1).split('\n');
    for (const QByteArray &line : lines)
        require(DisplayText(line).width == DisplayText(lines.front()).width,
                "every line of the table is as wide");
}

void checkGzip(Pages &pages)
{
    ProxyCounters counters;
    PageClocks clocks;
    clocks.now = [] { return Now; };
    clocks.steady = [] { return std::chrono::steady_clock::time_point(); };
    MetricsPages metrics(pages.model, counters, {.selfMetrics = true}, clocks);
    const QByteArray plain = bytesOfPage(metrics.metrics(Plain));
    const auto gzip = metrics.metrics(Gzip);
    require(gzip != nullptr, "a small page is compressed at once");
    BodyBuffer unpacked(plain.size());
    unpacked.start(BodyBuffer::Encoding::Gzip, 0);
    for (const QByteArray &part : gzip->parts)
        require(unpacked.append(part) == BodyBuffer::Status::Good, "the page is gzip");
    require(unpacked.finish() == BodyBuffer::Status::Good && unpacked.take() == plain,
            "the compressed page is the plain one");
}

} // namespace

/// The input's first three lines are a name, a source and a reason, the rest is a text. Not only what the
/// model takes as a name: the renderers answer for any bytes.
int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size)
{
    QByteArray rest = toBytes(data, size);
    QByteArray fields[3];
    for (QByteArray &field : fields) {
        const qsizetype end = rest.indexOf('\n');
        field = end < 0 ? rest : rest.first(end);
        rest = end < 0 ? QByteArray() : rest.sliced(end + 1);
    }
    const auto &[name, source, reason] = fields;
    if (name.isEmpty() || name == "neighbour")
        return 0;
    Pages pages(name, source, reason, rest);
    // Where there is no reason there is no place for one.
    const Pages harmless("x", source.isEmpty() ? "" : "source", reason.isEmpty() ? "" : "reason", rest);

    checkTable(pages.table);
    require(pages.table.count('\n') == harmless.table.count('\n'), "a name adds no line to the table");

    const QJsonDocument json = QJsonDocument::fromJson(pages.json);
    require(isUtf8(pages.json) && json.object()[QLatin1String("apps")].toArray().size() == 2,
            "the JSON is whole");
    const AppsReading monitor = readAppsJson(pages.json);
    require(monitor.listing && monitor.listing->apps.size() == 2, "the monitor reads the JSON");
    require(!pages.json.contains('<') && !pages.json.contains('&'), "the JSON can stand in HTML");

    for (const char c : {'<', '>', '"'})
        require(pages.landing.count(c) == harmless.landing.count(c), "a name adds no markup");

    require(isUtf8(pages.metrics) && !hasControl(pages.metrics), "the own metrics are lines of UTF-8");
    require(pages.metrics.count('\n') == harmless.metrics.count('\n'), "a name adds no line to the metrics");

    const QByteArray logged = escapedLine(name);
    require(!hasControl(logged) && !logged.contains('\n'), "a name stays within its line of the log");
    checkGzip(pages);
    return 0;
}
