// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/merge/merger.h"

#include "tests/exposition/mergecases.h"
#include "tests/exposition/views.h"

#include <QTest>

using namespace ExporterProxy;
using namespace std::chrono_literals;

namespace {

constexpr AppModel::Limits Roomy{100'000, 1 << 30};

/// A model with a merger over it.
struct Merging
{
    explicit Merging(MergeReader::Options options = {})
        : merger(std::move(options), store)
    {
    }

    QByteArray page()
    {
        merger.follow(model.view());
        return pageOf(merger);
    }
    /// The page without its HELP and TYPE lines.
    QByteArray samples()
    {
        QByteArrayList lines = page().split('\n');
        lines.removeIf([](const QByteArray &line) { return line.startsWith('#'); });
        return lines.join('\n');
    }
    const MergeReport &report(const QByteArray &app)
    {
        merger.follow(model.view());
        for (const MergeReport &report : merger.reports()) {
            if (report.app == app)
                return report;
        }
        static const MergeReport none;
        return none;
    }

    bool deflate(qint64 bytesOfText)
    {
        DeflateBudget budget(bytesOfText);
        return store.deflate({merger.sections(), {}}, Format::Text, budget);
    }

    AppModel model{Roomy};
    PageStore store{model.pending(), [] {}};
    Merger merger;
};

using Texts = QList<QByteArray>;

} // namespace

class TestMerger : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aPage_data()
    {
        QTest::addColumn<Texts>("texts"); // of the applications a, b, c in this order of time
        QTest::addColumn<QByteArray>("page");
        QTest::newRow("one HELP and TYPE for what two applications have")
            << Texts{"# HELP x Things\n# TYPE x gauge\nx{a=\"1\"} 1\n",
                     "# HELP x Things\n# TYPE x gauge\nx{a=\"2\"} 2\n"}
            << QByteArray("# HELP x Things\n# TYPE x gauge\nx{a=\"1\"} 1\nx{a=\"2\"} 2\n");
        QTest::newRow("families in the order of their bytes")
            << Texts{"b 1\nB 2\n", "_ 3\nab 4\na:b 5\na 6\na_b 7\n"}
            << QByteArray("# TYPE B untyped\nB 2\n# TYPE _ untyped\n_ 3\n# TYPE a untyped\na 6\n# TYPE a:b "
                          "untyped\na:b 5\n# TYPE a_b untyped\na_b 7\n# TYPE ab untyped\nab 4\n# TYPE b "
                          "untyped\nb 1\n");
        QTest::newRow("comments and blank lines are left out")
            << Texts{"# a comment\n\nx 1\n  \n#\n# HELPX x\n"} << QByteArray("# TYPE x untyped\nx 1\n");
        QTest::newRow("a family in pieces becomes one")
            << Texts{"x 1\ny 2\nx{a=\"1\"} 3\n"}
            << QByteArray("# TYPE x untyped\nx 1\nx{a=\"1\"} 3\n# TYPE y untyped\ny 2\n");
        QTest::newRow("a TYPE after its samples comes before them")
            << Texts{"x 1\n# TYPE x counter\n# HELP x Late\n"}
            << QByteArray("# HELP x Late\n# TYPE x counter\nx 1\n");
        QTest::newRow("of two TYPEs in one text the first counts")
            << Texts{"# TYPE x counter\n# TYPE x gauge\nx 1\n"} << QByteArray("# TYPE x counter\nx 1\n");
        QTest::newRow("a family that only has a HELP and TYPE stays")
            << Texts{"# HELP x Things\n# TYPE x gauge\n"} << QByteArray("# HELP x Things\n# TYPE x gauge\n");
        QTest::newRow("a histogram keeps its children together")
            << Texts{"# TYPE x histogram\nx_bucket{le=\"+Inf\"} 1\nx_sum 2\nx_count 1\nx_a 3\n"}
            << QByteArray("# TYPE x histogram\nx_bucket{le=\"+Inf\"} 1\nx_sum 2\nx_count 1\n# TYPE x_a "
                          "untyped\nx_a 3\n");
        QTest::newRow("a summary has no buckets")
            << Texts{"# TYPE x summary\nx{quantile=\"0.5\"} 1\nx_sum 2\nx_count 1\nx_bucket 4\n"}
            << QByteArray("# TYPE x summary\nx{quantile=\"0.5\"} 1\nx_sum 2\nx_count 1\n# TYPE x_bucket "
                          "untyped\nx_bucket 4\n");
        QTest::newRow("a gauge has no children")
            << Texts{"# TYPE x gauge\nx 1\nx_a 2\nx_count 3\n"}
            << QByteArray(
                   "# TYPE x gauge\nx 1\n# TYPE x_a untyped\nx_a 2\n# TYPE x_count untyped\nx_count 3\n");
        QTest::newRow("children before the TYPE of their histogram")
            << Texts{"x_count 1\ny 2\n# TYPE x histogram\nx_sum 3\n"}
            << QByteArray("# TYPE x histogram\nx_count 1\nx_sum 3\n# TYPE y untyped\ny 2\n");
        QTest::newRow("of two types that of the first application counts")
            << Texts{"x 1\n", "# TYPE x counter\nx{a=\"1\"} 2\n", "# TYPE x gauge\nx{a=\"2\"} 3\n"}
            << QByteArray("# TYPE x counter\nx 1\nx{a=\"1\"} 2\nx{a=\"2\"} 3\n");
        QTest::newRow("untyped only counts if nobody knows better")
            << Texts{"# TYPE x untyped\nx 1\n", "# TYPE x gauge\nx{a=\"1\"} 2\n"}
            << QByteArray("# TYPE x gauge\nx 1\nx{a=\"1\"} 2\n");
        QTest::newRow("untyped is said where it was")
            << Texts{"# TYPE x untyped\nx 1\n"} << QByteArray("# TYPE x untyped\nx 1\n");
        QTest::newRow("of two HELPs that of the first application counts")
            << Texts{"x 1\n", "# HELP x One\nx{a=\"1\"} 2\n", "# HELP x Two\nx{a=\"2\"} 3\n"}
            << QByteArray("# HELP x One\n# TYPE x untyped\nx 1\nx{a=\"1\"} 2\nx{a=\"2\"} 3\n");
        QTest::newRow("a child of another's histogram stands with it and says nothing of itself")
            << Texts{"# TYPE x histogram\nx_bucket{le=\"+Inf\"} 1\nx_sum 2\nx_count 1\n",
                     "# HELP x_count Mine\n# TYPE x_count counter\nx_count{a=\"1\"} 5\nx_a 6\n"}
            << QByteArray("# TYPE x histogram\nx_bucket{le=\"+Inf\"} 1\nx_sum 2\nx_count 1\nx_count{a=\"1\"} "
                          "5\n# TYPE x_a untyped\nx_a 6\n");
        QTest::newRow("even where the histogram is shown as a gauge")
            << Texts{"# TYPE x gauge\nx 7\n", "# TYPE x histogram\nx_count 1\n",
                     "# TYPE x_count counter\nx_count{a=\"1\"} 5\n"}
            << QByteArray("# TYPE x gauge\nx 7\nx_count 1\nx_count{a=\"1\"} 5\n");
        QTest::newRow("a histogram with an le that is no number is untyped")
            << Texts{"# HELP x Odd\n# TYPE x histogram\nx_bucket{le=\"much\"} 1\n"}
            << QByteArray("# HELP x Odd\n# TYPE x untyped\nx_bucket{le=\"much\"} 1\n");
        QTest::newRow("also if another's child has it")
            << Texts{"# TYPE x histogram\nx_bucket{le=\"1\"} 1\n", "x_bucket{le=\"much\"} 1\n"}
            << QByteArray("# TYPE x untyped\nx_bucket{le=\"1\"} 1\n");
        QTest::newRow("a histogram with a negative bucket is untyped")
            << Texts{"# TYPE x histogram\nx_bucket{le=\"1\"} -1\nx_sum 2\n"}
            << QByteArray("# TYPE x untyped\nx_bucket{le=\"1\"} -1\nx_sum 2\n");
        QTest::newRow("or a negative count, also another's child")
            << Texts{"# TYPE x histogram\nx_count 1\n", "x_count{a=\"1\"} -1\n"}
            << QByteArray("# TYPE x untyped\nx_count 1\nx_count{a=\"1\"} -1\n");
        QTest::newRow("but not with a negative sum")
            << Texts{"# TYPE x histogram\nx_bucket{le=\"-1\"} 1\nx_sum -2\n"}
            << QByteArray("# TYPE x histogram\nx_bucket{le=\"-1\"} 1\nx_sum -2\n");
        QTest::newRow("a TYPE without samples does not decide that of another's")
            << Texts{"# TYPE x counter\n", "# TYPE x gauge\nx 1\n"} << QByteArray("# TYPE x gauge\nx 1\n");
        QTest::newRow("nor where the other has none")
            << Texts{"# TYPE x histogram\n", "x 1\n"} << QByteArray("# TYPE x untyped\nx 1\n");
        QTest::newRow("nor that of what has the names of its lines")
            << Texts{"# TYPE x histogram\n", "# TYPE x_count counter\nx_count 1\n"}
            << QByteArray("# TYPE x_count counter\nx_count 1\n");
        QTest::newRow("a summary with a quantile that is no number is untyped")
            << Texts{"# TYPE x summary\nx{quantile=\"median\"} 1\n"}
            << QByteArray("# TYPE x untyped\nx{quantile=\"median\"} 1\n");
        QTest::newRow("the same series from two is that of the first by name")
            << Texts{"x{a=\"1\",b=\"2\"} 1\ny 1\n", "x{b=\"2\",a=\"1\"} 2\n"}
            << QByteArray("# TYPE x untyped\nx{a=\"1\",b=\"2\"} 1\n# TYPE y untyped\ny 1\n");
        QTest::newRow("however its labels are written")
            << Texts{"x{a=\"\\n\\\\\\q\",c=\"\"} 1\n", "x { a = \"\n\\\\\\\\q\" , } 2\n"}
            << QByteArray("# TYPE x untyped\nx{a=\"\\n\\\\\\\\q\",c=\"\"} 1\n");
        QTest::newRow("also if it is a child here and a family there")
            << Texts{"# TYPE x histogram\nx_count 1\n", "x_count 2\n"}
            << QByteArray("# TYPE x histogram\nx_count 1\n");
        QTest::newRow("the same series twice in one text is the first")
            << Texts{"x 1\nx 2\nx{} 3\n"} << QByteArray("# TYPE x untyped\nx 1\n");
        QTest::newRow("but at several times it is all of them")
            << Texts{"x 1 1000\nx 2 2000\nx 3 1000\n"}
            << QByteArray("# TYPE x untyped\nx 1 1000\nx 2 2000\n");
        QTest::newRow("empty labels stay, each once")
            << Texts{"x{a=\"\",b=\"1\"} 1\nx{d=\"2\",c=\"1\",c=\"\",c=\"\"} 2\n"}
            << QByteArray("# TYPE x untyped\nx{a=\"\",b=\"1\"} 1\nx{d=\"2\",c=\"\"} 2\n");
        QTest::newRow("an empty label makes no other series")
            << Texts{"x{a=\"\"} 1\n", "x 2\n"} << QByteArray("# TYPE x untyped\nx{a=\"\"} 1\n");
        QTest::newRow("but one that the server would add does")
            << Texts{"x{instance=\"\"} 1\nx{job=\"\"} 2\nx 3\n"}
            << QByteArray("# TYPE x untyped\nx{instance=\"\"} 1\nx{job=\"\"} 2\nx 3\n");
        QTest::newRow("what is written generously becomes strict")
            << Texts{"a-1\nb{x=\"1\"y=\"2\",}3\nc\t4\t5\t\n"}
            << QByteArray("# TYPE a untyped\na -1\n# TYPE b untyped\nb{x=\"1\",y=\"2\"} 3\n# TYPE c "
                          "untyped\nc 4 5\n");
        QTest::newRow("a HELP with odd escapes becomes strict")
            << Texts{"# HELP x a\\b\\\\c\\nd\\\nx 1\n"}
            << QByteArray("# HELP x a\\\\b\\\\c\\nd\\\\\n# TYPE x untyped\nx 1\n");
        QTest::newRow("a text that cannot be parsed is left out")
            << Texts{"x 1\n", "x{ 2\ny 1\n", "z 3\n"}
            << QByteArray("# TYPE x untyped\nx 1\n# TYPE z untyped\nz 3\n");
        QTest::newRow("empty texts") << Texts{"", "", ""} << QByteArray();
    }
    void aPage()
    {
        QFETCH(Texts, texts);
        QFETCH(QByteArray, page);
        Merging it;
        for (qsizetype i = 0; i < texts.size(); ++i)
            push(it.model, QByteArray(1, char('a' + i)), texts[i]);
        QCOMPARE(it.page(), page);
    }

    void anApplicationLabel_data()
    {
        QTest::addColumn<QByteArray>("app");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("page");
        QTest::newRow("is at each sample")
            << QByteArray("a") << QByteArray("x 1\ny{b=\"2\"} 2 3\n")
            << QByteArray("# TYPE x untyped\nx{app=\"a\"} 1\n# TYPE y untyped\ny{app=\"a\",b=\"2\"} 2 3\n");
        QTest::newRow("is escaped") << QByteArray("a\"\\ ä") << QByteArray("x 1\n")
                                    << QByteArray("# TYPE x untyped\nx{app=\"a\\\"\\\\ ä\"} 1\n");
        QTest::newRow("does not break one that is there")
            << QByteArray("a") << QByteArray("x{app=\"b\"} 1\n")
            << QByteArray("# TYPE x untyped\nx{app=\"a\",exported_app=\"b\"} 1\n");
        QTest::newRow("nor two of them")
            << QByteArray("a") << QByteArray("x{exported_app=\"c\",app=\"b\"} 1\n")
            << QByteArray(
                   "# TYPE x untyped\nx{app=\"a\",exported_app=\"c\",exported_exported_app=\"b\"} 1\n");
        QTest::newRow("takes the place of an empty one") << QByteArray("a") << QByteArray("x{app=\"\"} 1\n")
                                                         << QByteArray("# TYPE x untyped\nx{app=\"a\"} 1\n");
        QTest::newRow("leaves other empty ones")
            << QByteArray("a") << QByteArray("x{instance=\"\"} 1\n")
            << QByteArray("# TYPE x untyped\nx{app=\"a\",instance=\"\"} 1\n");
        QTest::newRow("takes the place of an empty exported one")
            << QByteArray("a") << QByteArray("x{exported_app=\"\",app=\"b\"} 1\n")
            << QByteArray("# TYPE x untyped\nx{app=\"a\",exported_app=\"b\"} 1\n");
    }
    void anApplicationLabel()
    {
        QFETCH(QByteArray, app);
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, page);
        Merging it({.appLabel = "app", .reservedPrefix = {}});
        push(it.model, app, text);
        QCOMPARE(it.page(), page);
    }

    void withALabelNothingIsHidden()
    {
        Merging it({.appLabel = "app", .reservedPrefix = {}});
        push(it.model, "a", "x 1\n");
        push(it.model, "b", "x 2\n");
        QCOMPARE(it.samples(), "x{app=\"a\"} 1\nx{app=\"b\"} 2\n");
        QVERIFY(it.merger.reports().empty());
    }

    void theFirstByNameOwnsASeriesUntilItHasItNoLonger()
    {
        Merging it;
        push(it.model, "b", "x 2\nmine 1\n");
        push(it.model, "c", "x 3\n");
        QCOMPARE(it.samples(), "mine 1\nx 2\n");
        QCOMPARE(it.report("c").hidden, std::size_t(1));
        QVERIFY(it.report("c").notes.first().startsWith("1 series are not shown"));
        QVERIFY(it.report("c").notes.first().contains("of x, \"b\""));
        QVERIFY(it.report("b").isClean());
        push(it.model, "c", "x 4\n"); // later, and hidden all the same
        QCOMPARE(it.samples(), "mine 1\nx 2\n");
        push(it.model, "a", "x 1\n");
        QCOMPARE(it.samples(), "mine 1\nx 1\n");
        QCOMPARE(it.report("b").hidden, std::size_t(1));
        QVERIFY(it.report("c").notes.first().contains("\"a\""));
        push(it.model, "a", "y 1\n");
        QCOMPARE(it.samples(), "mine 1\nx 2\ny 1\n");
        push(it.model, "b", "");
        QCOMPARE(it.samples(), "x 4\ny 1\n");
        QVERIFY(it.merger.reports().empty());
    }

    void aHistogramIsOwnedAsAWhole_data()
    {
        QTest::addColumn<Texts>("texts");
        QTest::addColumn<QByteArray>("page");
        QTest::newRow("however its bounds are written")
            << Texts{"# TYPE h histogram\nh_bucket{le=\"5\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count "
                     "2\n",
                     "# TYPE h histogram\nh_bucket{le=\"5.0\"} 4\nh_bucket{le=\"7.0\"} "
                     "5\nh_bucket{le=\"+Inf\"} "
                     "6\nh_sum 7\nh_count 6\n"}
            << QByteArray(
                   "# TYPE h histogram\nh_bucket{le=\"5\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n");
        QTest::newRow("but each for its other labels")
            << Texts{"# TYPE h histogram\nh_bucket{le=\"5\",a=\"1\"} 1\nh_count{a=\"1\"} 1\n",
                     "# TYPE h histogram\nh_bucket{le=\"5\",a=\"2\"} 2\nh_count{a=\"2\"} 2\nh_count{a=\"1\"} "
                     "3\n"}
            << QByteArray("# TYPE h histogram\nh_bucket{le=\"5\",a=\"1\"} 1\nh_count{a=\"1\"} 1\n"
                          "h_bucket{le=\"5\",a=\"2\"} 2\nh_count{a=\"2\"} 2\n");
        QTest::newRow("also from one that sends no TYPE")
            << Texts{"# TYPE h histogram\nh_bucket{le=\"5\"} 1\nh_count 1\n",
                     "h_bucket{le=\"7\"} 2\nh_sum 3\nh_sum{a=\"1\"} 4\n"}
            << QByteArray("# TYPE h histogram\nh_bucket{le=\"5\"} 1\nh_count 1\nh_sum{a=\"1\"} 4\n");
        QTest::newRow("also from one that comes before it and sends no TYPE")
            << Texts{"h_count 2\n", "# TYPE h histogram\nh_bucket{le=\"5\"} 1\nh_count 1\n"}
            << QByteArray("# TYPE h histogram\nh_count 2\n");
        QTest::newRow("a summary") << Texts{"# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 2\n",
                                            "# TYPE s summary\ns{quantile=\"0.50\"} 3\ns_count 4\n"}
                                   << QByteArray("# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 2\n");
        QTest::newRow("not what only has such names")
            << Texts{"x_sum 1\n", "x_count 2\nx_sum 3\n"}
            << QByteArray("# TYPE x_count untyped\nx_count 2\n# TYPE x_sum untyped\nx_sum 1\n");
    }
    void aHistogramIsOwnedAsAWhole() { aPage(); }

    void aHistogramThatGoesGivesFreeWhatHasItsNames()
    {
        Merging it;
        push(it.model, "a", "# TYPE h histogram\nh_count 1\n");
        push(it.model, "b", "h_sum 2\n");
        QCOMPARE(it.samples(), "h_count 1\n");
        push(it.model, "a", "# TYPE h_count counter\nh_count 1\n");
        QCOMPARE(it.samples(), "h_count 1\nh_sum 2\n");
        push(it.model, "a", "# TYPE h histogram\nh_count 1\n");
        QCOMPARE(it.samples(), "h_count 1\n");
    }

    void whatIsMuchIsDoneInSteps()
    {
        Merging it;
        QByteArray large;
        for (int i = 0; i < 5000; ++i)
            large += "large_" + QByteArray::number(i) + "{a=\"1\"} 1\n# TYPE large_" + QByteArray::number(i)
                + "_h histogram\nlarge_" + QByteArray::number(i) + "_h_count 1\n";
        for (int i = 0; i < 50; ++i)
            push(it.model, "app" + QByteArray::number(i), ownFamilies(i, 0) + "shared 1\n");
        push(it.model, "large", large + "shared 2\n");
        push(it.model, "twin", large);
        PageStore store(it.model.pending(), [] {});
        Merger scratch({}, store);
        // A clock that runs on with every look at it: the budget is spent with the first.
        std::chrono::steady_clock::time_point time;
        const std::function<std::chrono::steady_clock::time_point()> clock = [&] { return time += 1s; };
        const auto steps = [&](const std::shared_ptr<const AppView> &view) {
            int count = 1;
            while (!it.merger.follow(view, WorkBudget(clock, 1ns)))
                ++count;
            scratch.follow(view);
            return pageOf(it.merger) == pageOf(scratch)
                    && summaryOf(it.merger.reports()) == summaryOf(scratch.reports())
                ? count
                : 0;
        };
        QCOMPARE_GE(steps(it.model.view()), 500);
        QCOMPARE(steps(it.model.view()), 1);
        push(it.model, "app7", ownFamilies(7, 1));
        const int few = steps(it.model.view());
        QVERIFY(few > 0 && few < 5);
        // What changes meanwhile comes after what has been begun with.
        push(it.model, "twin", large + "shared 3\n");
        auto fewer = std::make_shared<AppView>(*it.model.view());
        std::erase_if(fewer->apps, [](const auto &app) { return app->name == "large"; });
        QVERIFY(!it.merger.follow(fewer, WorkBudget(clock, 1ns)));
        QVERIFY(!it.merger.isFinished());
        push(it.model, "large", "shared 4\n");
        auto others = std::make_shared<AppView>(*it.model.view());
        std::erase_if(others->apps, [](const auto &app) { return app->name == "app7"; });
        QCOMPARE_GE(steps(others), 100);
    }

    void aConflictNamesBothApplications()
    {
        Merging it;
        push(it.model, "first", "# HELP x One\n# TYPE x gauge\nx 1\n# TYPE h histogram\nh_count 1\n");
        push(it.model, "second",
             "# HELP x Two\n# TYPE x counter\nx{a=\"1\"} 1\n# TYPE h_count counter\nh_count{a=\"1\"} 1\n");
        it.page();
        const MergeReport &report = it.report("second");
        QCOMPARE(report.types, std::size_t(2));
        QCOMPARE(report.helps, std::size_t(1));
        QCOMPARE(report.notes.size(), 3);
        for (const QByteArray &note : report.notes)
            QVERIFY2(note.contains("\"first\""), note.constData());
        QVERIFY(it.report("first").isClean());
        push(it.model, "first", "y 1\n");
        QVERIFY(it.report("second").isClean());
    }

    void theSentencesOfAReportAreFew()
    {
        Merging it;
        for (int i = 0; i < 100; ++i) {
            push(it.model, "a",
                 it.model.view()->find("a")
                     ? it.model.view()->find("a")->text + "# TYPE x" + QByteArray::number(i) + " gauge\n"
                     : QByteArray("# TYPE x0 gauge\n"));
        }
        push(it.model, "b", QByteArray(it.model.view()->find("a")->text).replace("gauge", "counter"));
        const MergeReport &report = it.report("b");
        QCOMPARE(report.types, std::size_t(100));
        QCOMPARE(report.notes.size(), Merger::MaxNotes);
        QCOMPARE(report.notes.last(), "and 96 more");
    }

    void aTextThatCannotBeParsedSaysWhere()
    {
        Merging it;
        push(it.model, "a", "x 1\n");
        push(it.model, "b", "y 1\n");
        QCOMPARE(it.samples(), "x 1\ny 1\n");
        push(it.model, "b", "y 1\ny{ 1\n");
        QCOMPARE(it.samples(), "x 1\n");
        QVERIFY(it.report("b").fault.startsWith("line 2, column "));
        push(it.model, "b", "y 1\n");
        QCOMPARE(it.samples(), "x 1\ny 1\n");
        QVERIFY(it.report("b").isClean());
    }

    void theProxysOwnNamesAreLeftOut()
    {
        Merging it({.appLabel = {}, .reservedPrefix = "exporter_proxy_"});
        push(it.model, "a", "# TYPE exporter_proxy_apps gauge\nexporter_proxy_apps 1\nexporter 2\n");
        QCOMPARE(it.samples(), "exporter 2\n");
        QCOMPARE(it.report("a").reserved, std::size_t(1));
    }

    void aChangeCompressesItsOwnNeighbourhood()
    {
        Merging it;
        for (int i = 0; i < 1000; ++i)
            push(it.model, "app" + QByteArray::number(i), ownFamilies(i, 0));
        const QByteArray before = it.page();
        QVERIFY(!it.deflate(0));
        QVERIFY(it.deflate(before.size()));
        push(it.model, "app500", ownFamilies(500, 1));
        const QByteArray after = it.page();
        QVERIFY(after != before);
        QCOMPARE(after.size(), before.size());
        QVERIFY(it.deflate(60'000)); // of a page of over a megabyte
        QVERIFY(before.size() > 1'000'000);
    }

    void aFollowedChangeIsTheSameAsAFreshStart_data()
    {
        QTest::addColumn<bool>("labelled");
        QTest::newRow("without a label") << false;
        QTest::newRow("with a label") << true;
    }
    void aFollowedChangeIsTheSameAsAFreshStart()
    {
        QFETCH(bool, labelled);
        const MergeReader::Options options{labelled ? QByteArrayLiteral("app") : QByteArray(), {}};
        for (quint32 seed = 1; seed <= 20; ++seed) {
            RandomPages pages(seed);
            Merging it(options);
            for (int round = 0; round < 40; ++round) {
                for (int pushes = pages.upTo(4); pushes > 0; --pushes)
                    push(it.model, "app" + QByteArray::number(pages.upTo(12)), pages.page());
                const QByteArray page = it.page();
                PageStore store(it.model.pending(), [] {});
                Merger scratch(options, store);
                scratch.follow(it.model.view());
                QCOMPARE(page, pageOf(scratch));
                QCOMPARE(summaryOf(it.merger.reports()), summaryOf(scratch.reports()));
                QCOMPARE(samplesOf(page), Union(*it.model.view(), options.appLabel).samples);
                QCOMPARE(strictFault(page), QByteArray());
                // Compressed, it is the same.
                QVERIFY(it.deflate(1 << 30));
                PageBuilder builder(Encoding::Gzip);
                it.store.append({it.merger.sections(), {}}, Gzip, builder);
                QCOMPARE(gunzipped(bytesOfPage(builder.take())), page);
            }
        }
    }
};

QTEST_APPLESS_MAIN(TestMerger)
#include "tst_merger.moc"
