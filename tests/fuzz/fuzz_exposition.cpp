// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/merge/labelledtexts.h"
#include "common/exposition/openmetrics.h"
#include "common/exposition/textgate.h"
#include "common/wire/textcheck.h"
#include "tests/exposition/mergecases.h"
#include "tests/fuzz/fuzzing.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

using namespace ExporterProxy;
using Dialect = ExpositionDialect;
using Event = ExpositionParser::Event;

namespace {

constexpr Timestamp Now{std::chrono::seconds{1'700'000'000}};

/// All that the parser says of a text, in bytes.
QByteArray reading(QByteArrayView text, Dialect dialect)
{
    QByteArray said;
    const auto say = [&said](QByteArrayView view) { said.append(view).append('\x01'); };
    ExpositionParser parser(text, dialect);
    qsizetype line = 0;
    for (;;) {
        const Event event = parser.next();
        if (event == Event::End || event == Event::Fault)
            break;
        require(parser.line() > line, "lines go on");
        line = parser.line();
        const QByteArrayView raw = parser.raw();
        require(raw.begin() >= text.begin() && raw.end() <= text.end(), "an event is a part of the text");
        require(event == Event::Sample || !raw.contains('\n'), "only a sample has newlines within");
        said.append(char('0' + int(event)));
        say(raw);
        if (event == Event::Blank)
            continue;
        if (event != Event::Comment && event != Event::EndMarker)
            say(parser.name());
        if (event == Event::Sample) {
            for (const ExpositionLabel &label : parser.labels()) {
                say(label.name);
                say(label.value);
            }
            say(parser.value());
            say(parser.timestamp());
            say(parser.exemplar());
        } else if (event != Event::EndMarker) {
            say(parser.text());
        }
    }
    return said;
}

/// The samples of a text but for those with a time that a conversion leaves out, without their times.
QByteArrayList samplesIn(QByteArrayView text, Dialect dialect)
{
    QByteArrayList samples;
    ExpositionParser parser(text, dialect);
    for (;;) {
        const Event event = parser.next();
        if (event == Event::End || event == Event::Fault)
            return samples;
        if (event != Event::Sample)
            continue;
        const double scale = dialect == Dialect::WithOpenMetrics ? 1000 : 1;
        const double time = parser.timestamp().toByteArray().toDouble() * scale;
        if (parser.timestamp().isEmpty() || SampleTimes::isPlausible(qint64(std::clamp(time, -1.0, 1e18))))
            samples << QByteArray()
                           .append(parser.name())
                           .append('{')
                           .append(parser.labelBlock())
                           .append('}')
                           .append(parser.value());
    }
}

/// The verdict, in words.
QByteArray verdict(QByteArrayView text, Dialect dialect)
{
    const std::optional<ExpositionFault> fault = expositionFault(text, dialect);
    if (!fault)
        return {};
    require(fault->offset >= 0 && fault->offset <= text.size(), "a fault is in the text");
    const QByteArrayView before = text.first(fault->offset);
    require(fault->line == before.count('\n') + 1, "the line is that of the offset");
    require(fault->column == fault->offset - before.lastIndexOf('\n'), "and so is the column");
    for (const char c : fault->reason)
        require(c >= ' ' && c <= '~', "a reason is one line of ASCII");
    require(!fault->reason.isEmpty(), "a fault has a reason");
    return fault->message();
}

/// Reads a text where its memory ends with it, and again among bytes that would go on with it.
void checkMemory(const QByteArray &text, Dialect dialect)
{
    const auto size = std::size_t(text.size());
    const std::unique_ptr<char[]> exact(new char[size]);
    std::memcpy(exact.get(), text.constData(), size);
    const QByteArrayView alone(exact.get(), text.size());
    const QByteArray said = reading(alone, dialect);
    const QByteArray word = verdict(alone, dialect);
    for (const char *around : {"1111111111111111111111111111111111", "\"}  \n# TYPE x y\n\"}        \n \n"}) {
        const QByteArray longer = around + text + around;
        const QByteArrayView within = QByteArrayView(longer).sliced(qsizetype(qstrlen(around)), text.size());
        require(reading(within, dialect) == said && verdict(within, dialect) == word,
                "the result does not depend on what stands around the text");
    }
}

QByteArray withNewline(QByteArray text)
{
    if (!text.isEmpty() && !text.endsWith('\n'))
        text.append('\n');
    return text;
}

/// What the gate lets in stands for itself: alone, again, and beside another.
void checkGate(const QByteArrayList &texts)
{
    RepairCounters counters;
    const TextGate gate(counters, ExpositionValidation::Quarantine);
    QByteArray page;
    QByteArray said;
    for (const QByteArray &text : texts) {
        AppUpdate update{"app", text};
        AppUpdate inSteps = update;
        const std::optional<Rejection> rejection = gate.judge({&update, 1}, Now);
        TextJudging judging(gate, {&inSteps, 1}, Now);
        while (!judging.proceed(3)) { }
        require(rejection ? judging.rejection() && judging.rejection()->message == rejection->message
                          : !judging.rejection() && inSteps.text == update.text
                        && inSteps.original == update.original,
                "steps judge as a whole does");
        if (rejection)
            continue;
        const QByteArray stored = withNewline(update.text);
        require(verdict(stored, Dialect::Prometheus).isEmpty(), "a newline at the end harms nothing");
        page += stored;
        said += reading(stored, Dialect::Prometheus);
        AppUpdate again{"app", stored};
        require(!gate.judge({&again, 1}, Now) && again.text == stored, "what was taken is taken again");
        if (update.original.isEmpty())
            continue;
        AppUpdate original{"app", update.original};
        require(!gate.judge({&original, 1}, Now) && original.text == update.text
                    && original.original == update.original,
                "an original is converted to the same text");
    }
    require(verdict(page, Dialect::Prometheus).isEmpty(), "texts that pass make a page that passes");
    require(reading(page, Dialect::Prometheus) == said, "and they say there what they say alone");
}

/// A conversion has the samples of the text, and each of its lines is one that every reader takes.
void checkConversion(const QByteArray &text)
{
    OpenMetricsConversion conversion(text, OddTimes::LeaveOut, Now);
    while (!conversion.isDone())
        conversion.proceed(7);
    require(conversion.fault().has_value() == !verdict(text, Dialect::WithOpenMetrics).isEmpty(),
            "what the parser takes can be converted");
    if (conversion.fault())
        return;
    const QByteArray converted = conversion.takeText();
    require(verdict(converted, Dialect::Prometheus).isEmpty(), "a conversion is a page of the text format");
    QByteArrayList before = samplesIn(text, Dialect::WithOpenMetrics);
    QByteArrayList after = samplesIn(converted, Dialect::Prometheus);
    std::ranges::sort(before);
    std::ranges::sort(after);
    require(before == after, "it has the samples of the text");
    if (conversion.isStrict())
        require(openMetricsSize(text) + 1 >= text.size(), "what is strict ends with its marker");
}

void checkRepair(const QByteArray &text)
{
    QByteArray repaired = text;
    const TextRepairs repairs = repairText(repaired);
    require((repairs == TextRepairs()) == (repaired == text), "what was mended is said");
    require(!repaired.contains("\r\n") || text.contains("\r\r\n"), "no line ends as on Windows");
    // But for a line's end behind a backslash in a label's value: the server takes the CR for what is escaped
    // there.
    if (!text.contains("\\\r\n") && !expositionFault(text))
        require(!expositionFault(repaired), "what passes is not mended into what does not");
    if (text.contains('\r') || repairs.bom)
        return;
    QByteArray windows = "\xEF\xBB\xBF" + QByteArray(text).replace("\n", "\r\n");
    repairText(windows);
    require(windows == text, "a text of Windows becomes one of Unix");
}

/// Pages of several applications, of which one changes.
void checkPages(const QByteArrayList &texts, const QByteArray &label)
{
    const MergeReader::Options options{label, {}};
    AppModel model({100, 1 << 20});
    PageStore store(model.pending(), [] {});
    Merger merger(options, store);
    LabelledTexts labelled(label);
    RepairCounters counters;
    const TextGate gate(counters, {});
    const auto push = [&](AppUpdate update) {
        if (gate.judge({&update, 1}, Now))
            return; // it says that it is OpenMetrics, and is not
        require(!model.apply({&update, 1}, "source", SourceKind::Push, Now), "the model takes it");
    };
    const auto check = [&] {
        const auto view = model.view();
        merger.follow(view);
        const QByteArray page = pageOf(merger);
        require(strictFault(page).isEmpty(), "every reader takes a merged page");
        Merger scratch(options, store);
        scratch.follow(view);
        require(page == pageOf(scratch) && summaryOf(merger.reports()) == summaryOf(scratch.reports()),
                "a followed change is the same as a fresh start");
        require(samplesOf(page) == Union(*view, label).samples, "a merged page has the samples of all texts");
        if (label.isEmpty())
            return;
        const AppView &written = labelled.follow(*view);
        for (std::size_t i = 0; i < written.apps.size(); ++i) {
            const QByteArray &before = view->apps[i]->text;
            const QByteArray &after = written.apps[i]->text;
            if (expositionFault(before)) {
                require(after == before, "what cannot be parsed stays");
                continue;
            }
            require(!expositionFault(after), "a text with a label still passes");
            require(samplesOf(after) == samplesOf(before, label, view->apps[i]->name),
                    "it has the same samples, with the label");
        }
    };
    for (qsizetype i = 0; i < texts.size(); ++i)
        push({"app" + QByteArray::number(i), texts[i]});
    check();
    push({"app0", texts.last()});
    check();
}

} // namespace

/// The input is the texts of up to three applications, with a NUL, which no text has, between them.
int LLVMFuzzerTestOneInput(const uint8_t *data, std::size_t size)
{
    const QByteArray input = toBytes(data, size);
    for (const Dialect dialect : {Dialect::Prometheus, Dialect::WithOpenMetrics})
        checkMemory(input, dialect); // also of what is no text at all
    QByteArrayList texts = input.split('\0');
    texts = texts.first(std::min<qsizetype>(texts.size(), 3));
    for (const QByteArray &text : texts) {
        if (textFault(text))
            return 0; // refused before anything here sees it
        require(expositionFault(text, Dialect::Prometheus)
                    || !expositionFault(text, Dialect::WithOpenMetrics),
                "the wider dialect takes what the other one takes");
        checkRepair(text);
        checkConversion(text);
    }
    checkGate(texts);
    for (const char *label : {"", "app"})
        checkPages(texts, label);
    return 0;
}
