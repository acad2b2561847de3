// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/pagebody.h"
#include "daemon/process/processlimits.h"
#include "tests/exposition/views.h"
#include "tests/memory.h"

#include <functional>
#include <QTest>

using namespace ExporterProxy;

namespace {

constexpr qint64 MiB = qint64{1} << 20;

/// What each text is charged with in all cases: large enough that all else is small beside it.
constexpr qint64 Charged = MemoryCanBeMeasured ? 24 * MiB : MiB;

/// Memory that is not the page's: the allocator's own, and what it keeps for later.
constexpr qint64 Tolerance = 2 * MiB;

/// One line of a text, or a few, from their number on.
using Lines = std::function<QByteArray(int)>;

/// As many lines as are charged with so much.
QByteArray textOf(const Lines &lines, const TextCost &cost, const QByteArray &app)
{
    QByteArray text;
    int next = 0;
    for (int count = 16; cost.of(text, app) < Charged; count += count / 8) {
        while (next < count)
            text += lines(next++);
    }
    text.squeeze();
    return text;
}

QByteArray number(int i)
{
    return QByteArray::number(i, 36);
}

} // namespace

Q_DECLARE_METATYPE(Lines)

class TestTextCost : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tuneAllocator(); // as the program does, or the heap's holes would be measured
    }

    void isCountedByLines_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("samples");
        QTest::addColumn<int>("families");
        const auto row = [](const char *what, const char *text, int samples, int families) {
            QTest::newRow(what) << QByteArray(text) << samples << families;
        };
        row("nothing", "", 0, 0);
        row("a sample", "up 1\n", 1, 1);
        row("without its newline", "up 1", 1, 1);
        row("two of a family", "up{a=\"1\"} 1\nup{a=\"2\"} 1\n", 2, 1);
        row("of two families", "up 1\ndown 1\n", 2, 2);
        row("a family that comes again", "up 1\ndown 1\nup 2\n", 3, 3);
        row("HELP and TYPE are the family's", "# HELP up x\n# TYPE up gauge\nup 1\n", 1, 1);
        row("with other blanks", "#\tHELP   up x\n \t# TYPE\tup gauge\n  up 1\n", 1, 1);
        row("a TYPE of nothing", "# TYPE up gauge\n# TYPE down gauge\n", 0, 2);
        row("other comments and blank lines", "# up\n#\n\n  \n# EOF\n#HELP\n", 0, 0);
    }

    void isCountedByLines()
    {
        QFETCH(const QByteArray, text);
        const TextCost samples{.perByte = 1, .perSample = 1000};
        const TextCost families{.perByte = 1, .perFamily = 1000};
        QTEST(int((samples.of(text, "app") - text.size()) / 1000), "samples");
        QTEST(int((families.of(text, "app") - text.size()) / 1000), "families");
    }

    void countsALabelForEachSample()
    {
        const TextCost cost{.perByte = 1, .perSample = 0, .perFamily = 0, .perLabelByte = 1, .labelName = 2};
        // Such as la="\"\"", of a name of two quotes.
        QCOMPARE(cost.of("# x\na 1\nb 2\n", "\"\""), 12 + 2 * 10);
    }

    void costsNothingAsItIs()
    {
        QCOMPARE(textCostOf({}), TextCost{});
        QCOMPARE(textCostOf({}).of("up 1\n", "app"), 0);
    }

    /// Two texts, one after the other, of two applications each: what they take, at any moment, is at most
    /// what they are charged with.
    void isWhatIsTaken_data()
    {
        QTest::addColumn<bool>("isMerged");
        QTest::addColumn<QByteArray>("label");
        QTest::addColumn<QByteArray>("app");
        QTest::addColumn<Lines>("first");
        QTest::addColumn<Lines>("second");

        const QByteArray shortName = "a";
        const QByteArray longName(MaxAppNameSize, '"'); // each is escaped
        const auto row = [](const QByteArray &what, bool isMerged, const QByteArray &label,
                            const QByteArray &app, const Lines &first, const Lines &second = {}) {
            QTest::newRow(what.constData()) << isMerged << label << app << first << (second ? second : first);
        };
        const Lines shortSamples = [](int i) { return "a{b=\"" + number(i) + "\"} 1\n"; };
        const Lines shortFamilies = [](int i) { return "a" + number(i) + " 1\n"; };
        const Lines backslashes = [](int i) {
            return "a{b=\"" + number(i) + QByteArray("\\x").repeated(2000) + "\"} 1\n";
        };
        const Lines times = [](int i) { return "a{b=\"" + number(i) + "\"} 1 1795819800000\n"; };
        const Lines ownLabel = [](int i) { return "a{app=\"" + number(i) + "\"} 1\n"; };
        const Lines longValues = [](int i) {
            return "a{b=\"" + number(i) + QByteArray(2000, 'x') + "\"} 1\n";
        };
        const Lines ordinary = [](int i) {
            const QByteArray name = "http_requests_" + number(i / 10) + "_total";
            return (i % 10 == 0 ? "# HELP " + name + " How many requests were answered.\n# TYPE " + name
                            + " counter\n"
                                : QByteArray())
                + name + "{code=\"200\",handler=\"/api/v1/query_range\",instance=\"" + number(i)
                + "\"} 12345.678\n";
        };

        for (const bool isMerged : {false, true}) {
            const QByteArray mode = isMerged ? "merged, " : "labelled, ";
            const QByteArray label = "app";
            const auto both = [&](const char *what, const QByteArray &app, const Lines &lines) {
                row(mode + what, isMerged, label, app, lines);
            };
            both("long name", longName, shortSamples);
            both("long name, families", longName, shortFamilies);
            both("short series", shortName, shortSamples);
            both("backslashes", shortName, backslashes);
            both("times", shortName, times);
            both("label of that name", shortName, ownLabel);
            both("long values", shortName, longValues);
            both("ordinary", shortName, ordinary);
        }
        const auto merged = [&](const char *what, const Lines &first, const Lines &second = {}) {
            row(what, true, {}, shortName, first, second);
        };
        merged("merged without a label", shortSamples);
        merged("merged, short families", shortFamilies);
        merged("merged, ordinary without a label", ordinary);
        merged("merged, other series", shortSamples, [](int i) { return "a{c=\"" + number(i) + "\"} 1\n"; });
        merged("merged, other families", shortFamilies, [](int i) { return "b" + number(i) + " 1\n"; });
        merged(
            "merged, types in conflict",
            [](int i) {
                return "# TYPE a" + number(i) + " gauge\n# HELP a" + number(i) + " x\na" + number(i) + " 1\n";
            },
            [](int i) {
                return "# TYPE a" + number(i) + " counter\n# HELP a" + number(i) + " y\na" + number(i)
                    + " 1\n";
            });
        merged("merged, types alone", [](int i) { return "# TYPE a" + number(i) + " gauge\n"; });
        merged("merged, helps alone",
               [](int i) { return "# HELP a" + number(i) + ' ' + QByteArray("\\x").repeated(20) + '\n'; });
        merged("merged, out of order",
               [](int i) { return (i % 2 == 0 ? "a{b=\"" : "b{b=\"") + number(i) + "\"} 1\n"; });
        merged("merged, histograms", [](int i) {
            const QByteArray name = "h" + number(i);
            return "# TYPE " + name + " histogram\n" + name + "_bucket{le=\"+Inf\"} 1\n" + name + "_sum 1\n"
                + name + "_count 1\n";
        });
        merged("merged, children of others", [](int i) {
            const QByteArray name = "h" + number(i);
            return "# TYPE " + name + " histogram\n# TYPE " + name + "_count gauge\n" + name + "_count 1\n";
        });
        merged(
            "merged, long names", [](int i) { return QByteArray(MiB, 'a') + number(i) + " 1\n"; },
            [](int i) { return "# TYPE " + QByteArray(MiB, 'a') + number(i) + " counter\n"; });
        merged("merged, repeated", [](int) { return QByteArray("a 1\n"); });
    }

    void isWhatIsTaken()
    {
        QFETCH(const bool, isMerged);
        QFETCH(const QByteArray, label);
        QFETCH(const QByteArray, app);
        QFETCH(const Lines, first);
        QFETCH(const Lines, second);
        const PageRules rules{isMerged ? ExpositionMode::Merge : ExpositionMode::Concatenate, label, true};
        const TextCost cost = textCostOf(rules);
        const QByteArray other = app.chopped(1) + 'b';
        const QByteArray texts[] = {textOf(first, cost, app), textOf(second, cost, app)};
        AppModel model({.maxTotalSize = 1024 * MiB});
        model.setTextCost(cost);
        PageStore store(model.pending(), [] {});
        const std::unique_ptr<PageBody> body = makePageBody(rules, store);
        const auto show = [&] {
            PageBuilder page;
            store.append(*body->follow(model.view(), {}), {}, page);
        };
        show();

        const MemoryMark mark;
        // The order has each application change while the other one has the same series, and other ones.
        for (const auto &[name, text] : {std::pair{&app, &texts[0]}, std::pair{&other, &texts[1]},
                                         std::pair{&app, &texts[1]}, std::pair{&other, &texts[0]}}) {
            push(model, *name, QByteArray(text->constData(), text->size())); // not shared with this function
            show();
        }
        const qint64 grown = mark.grownAtMost();
        const auto view = model.view();
        qInfo("text %lld KiB, charged %.1f times that, taken %.1f times", qlonglong(texts[0].size() / 1024),
              double(view->charged) / double(view->totalSize), double(grown) / double(view->totalSize));
        QCOMPARE_GE(view->charged, Charged);
        if (!mark.isMeasured())
            QSKIP("memory cannot be measured here");
        QCOMPARE_LE(grown, view->charged + Tolerance);
    }
};

QTEST_GUILESS_MAIN(TestTextCost)

#include "tst_textcost.moc"
