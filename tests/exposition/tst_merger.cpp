// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/merge/merger.h"

#include "tests/exposition/mergecases.h"
#include "tests/exposition/views.h"

#include <QTest>

using namespace ExporterProxy;

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
        merger.follow(*model.view());
        return pageOf(merger);
    }
    const MergeReport &report(const QByteArray &app)
    {
        merger.follow(*model.view());
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
            << QByteArray("B 2\n_ 3\na 6\na:b 5\na_b 7\nab 4\nb 1\n");
        QTest::newRow("comments and blank lines are left out")
            << Texts{"# a comment\n\nx 1\n  \n#\n# HELPX x\n"} << QByteArray("x 1\n");
        QTest::newRow("a family in pieces becomes one")
            << Texts{"x 1\ny 2\nx{a=\"1\"} 3\n"} << QByteArray("x 1\nx{a=\"1\"} 3\ny 2\n");
        QTest::newRow("a TYPE after its samples comes before them")
            << Texts{"x 1\n# TYPE x counter\n# HELP x Late\n"}
            << QByteArray("# HELP x Late\n# TYPE x counter\nx 1\n");
        QTest::newRow("of two TYPEs in one text the first counts")
            << Texts{"# TYPE x counter\n# TYPE x gauge\nx 1\n"} << QByteArray("# TYPE x counter\nx 1\n");
        QTest::newRow("a family that only has a HELP and TYPE stays")
            << Texts{"# HELP x Things\n# TYPE x gauge\n"} << QByteArray("# HELP x Things\n# TYPE x gauge\n");
        QTest::newRow("a histogram keeps its children together")
            << Texts{"# TYPE x histogram\nx_bucket{le=\"+Inf\"} 1\nx_sum 2\nx_count 1\nx_a 3\n"}
            << QByteArray("# TYPE x histogram\nx_bucket{le=\"+Inf\"} 1\nx_sum 2\nx_count 1\nx_a 3\n");
        QTest::newRow("a summary has no buckets")
            << Texts{"# TYPE x summary\nx{quantile=\"0.5\"} 1\nx_sum 2\nx_count 1\nx_bucket 4\n"}
            << QByteArray("# TYPE x summary\nx{quantile=\"0.5\"} 1\nx_sum 2\nx_count 1\nx_bucket 4\n");
        QTest::newRow("a gauge has no children") << Texts{"# TYPE x gauge\nx 1\nx_a 2\nx_count 3\n"}
                                                 << QByteArray("# TYPE x gauge\nx 1\nx_a 2\nx_count 3\n");
        QTest::newRow("children before the TYPE of their histogram")
            << Texts{"x_count 1\ny 2\n# TYPE x histogram\nx_sum 3\n"}
            << QByteArray("# TYPE x histogram\nx_count 1\nx_sum 3\ny 2\n");
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
            << QByteArray("# HELP x One\nx 1\nx{a=\"1\"} 2\nx{a=\"2\"} 3\n");
        QTest::newRow("a child of another's histogram stands with it and says nothing of itself")
            << Texts{"# TYPE x histogram\nx_bucket{le=\"+Inf\"} 1\nx_sum 2\nx_count 1\n",
                     "# HELP x_count Mine\n# TYPE x_count counter\nx_count{a=\"1\"} 5\nx_a 6\n"}
            << QByteArray("# TYPE x histogram\nx_bucket{le=\"+Inf\"} 1\nx_sum 2\nx_count 1\n"
                          "x_count{a=\"1\"} 5\nx_a 6\n");
        QTest::newRow("even where the histogram is shown as a gauge")
            << Texts{"# TYPE x gauge\nx 7\n", "# TYPE x histogram\nx_count 1\n",
                     "# TYPE x_count counter\nx_count{a=\"1\"} 5\n"}
            << QByteArray("# TYPE x gauge\nx 7\nx_count 1\nx_count{a=\"1\"} 5\n");
        QTest::newRow("a histogram with an le that is no number has no type")
            << Texts{"# HELP x Odd\n# TYPE x histogram\nx_bucket{le=\"much\"} 1\n"}
            << QByteArray("# HELP x Odd\nx_bucket{le=\"much\"} 1\n");
        QTest::newRow("also if another's child has it")
            << Texts{"# TYPE x histogram\nx_bucket{le=\"1\"} 1\n", "x_bucket{le=\"much\"} 1\n"}
            << QByteArray("x_bucket{le=\"1\"} 1\nx_bucket{le=\"much\"} 1\n");
        QTest::newRow("a summary with a quantile that is no number has no type")
            << Texts{"# TYPE x summary\nx{quantile=\"median\"} 1\n"}
            << QByteArray("x{quantile=\"median\"} 1\n");
        QTest::newRow("the same series from two is that of the later")
            << Texts{"x{a=\"1\",b=\"2\"} 1\ny 1\n", "x{b=\"2\",a=\"1\"} 2\n"}
            << QByteArray("x{b=\"2\",a=\"1\"} 2\ny 1\n");
        QTest::newRow("however its labels are written")
            << Texts{"x{a=\"\\n\\\\\\q\",c=\"\"} 1\n", "x { a = \"\n\\\\\\\\q\" , } 2\n"}
            << QByteArray("x{a=\"\\n\\\\\\\\q\"} 2\n");
        QTest::newRow("also if it is a child here and a family there")
            << Texts{"# TYPE x histogram\nx_count 1\n", "x_count 2\n"}
            << QByteArray("# TYPE x histogram\nx_count 2\n");
        QTest::newRow("the same series twice in one text is the first")
            << Texts{"x 1\nx 2\nx{} 3\n"} << QByteArray("x 1\n");
        QTest::newRow("but at several times it is all of them")
            << Texts{"x 1 1000\nx 2 2000\nx 3 1000\n"} << QByteArray("x 1 1000\nx 2 2000\n");
        QTest::newRow("empty labels stay, each once")
            << Texts{"x{a=\"\",b=\"1\"} 1\nx{d=\"2\",c=\"1\",c=\"\",c=\"\"} 2\n"}
            << QByteArray("x{a=\"\",b=\"1\"} 1\nx{d=\"2\",c=\"\"} 2\n");
        QTest::newRow("an empty label makes no other series")
            << Texts{"x{a=\"\"} 1\n", "x 2\n"} << QByteArray("x 2\n");
        QTest::newRow("but one that the server would add does")
            << Texts{"x{instance=\"\"} 1\nx{job=\"\"} 2\nx 3\n"}
            << QByteArray("x{instance=\"\"} 1\nx{job=\"\"} 2\nx 3\n");
        QTest::newRow("what is written generously becomes strict")
            << Texts{"a-1\nb{x=\"1\"y=\"2\",}3\nc\t4\t5\t\n"}
            << QByteArray("a -1\nb{x=\"1\",y=\"2\"} 3\nc 4 5\n");
        QTest::newRow("a HELP with odd escapes becomes strict")
            << Texts{"# HELP x a\\b\\\\c\\nd\\\nx 1\n"} << QByteArray("# HELP x a\\\\b\\\\c\\nd\\\\\nx 1\n");
        QTest::newRow("a text that cannot be parsed is left out")
            << Texts{"x 1\n", "x{ 2\ny 1\n", "z 3\n"} << QByteArray("x 1\nz 3\n");
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
        QTest::newRow("is at each sample") << QByteArray("a") << QByteArray("x 1\ny{b=\"2\"} 2 3\n")
                                           << QByteArray("x{app=\"a\"} 1\ny{app=\"a\",b=\"2\"} 2 3\n");
        QTest::newRow("is escaped") << QByteArray("a\"\\ ä") << QByteArray("x 1\n")
                                    << QByteArray("x{app=\"a\\\"\\\\ ä\"} 1\n");
        QTest::newRow("does not break one that is there")
            << QByteArray("a") << QByteArray("x{app=\"b\"} 1\n")
            << QByteArray("x{app=\"a\",exported_app=\"b\"} 1\n");
        QTest::newRow("nor two of them")
            << QByteArray("a") << QByteArray("x{exported_app=\"c\",app=\"b\"} 1\n")
            << QByteArray("x{app=\"a\",exported_app=\"c\",exported_exported_app=\"b\"} 1\n");
        QTest::newRow("takes the place of an empty one")
            << QByteArray("a") << QByteArray("x{app=\"\"} 1\n") << QByteArray("x{app=\"a\"} 1\n");
        QTest::newRow("leaves other empty ones") << QByteArray("a") << QByteArray("x{instance=\"\"} 1\n")
                                                 << QByteArray("x{app=\"a\",instance=\"\"} 1\n");
        QTest::newRow("takes the place of an empty exported one")
            << QByteArray("a") << QByteArray("x{exported_app=\"\",app=\"b\"} 1\n")
            << QByteArray("x{app=\"a\",exported_app=\"b\"} 1\n");
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
        QCOMPARE(it.page(), "x{app=\"a\"} 1\nx{app=\"b\"} 2\n");
        QVERIFY(it.merger.reports().empty());
    }

    void theLaterUpdateOfASeriesIsShown()
    {
        Merging it;
        push(it.model, "a", "x 1\nmine 1\n");
        push(it.model, "b", "x 2\n");
        QCOMPARE(it.page(), "mine 1\nx 2\n");
        QCOMPARE(it.report("a").hidden, std::size_t(1));
        QVERIFY(it.report("a").notes.first().contains("\"b\""));
        QVERIFY(it.report("b").isClean());
        push(it.model, "a", "x 1\nmine 1\n"); // the same bytes, but later
        QCOMPARE(it.page(), "mine 1\nx 1\n");
        QVERIFY(it.report("a").isClean());
        QCOMPARE(it.report("b").hidden, std::size_t(1));
        push(it.model, "c", "x 3\n");
        push(it.model, "b", "x 4\n");
        QCOMPARE(it.page(), "mine 1\nx 4\n");
        push(it.model, "b", "");
        QCOMPARE(it.page(), "mine 1\nx 3\n");
        push(it.model, "c", "y 1\n");
        QCOMPARE(it.page(), "mine 1\nx 1\ny 1\n");
        QVERIFY(it.merger.reports().empty());
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
        QCOMPARE(it.page(), "x 1\ny 1\n");
        push(it.model, "b", "y 1\ny{ 1\n");
        QCOMPARE(it.page(), "x 1\n");
        QVERIFY(it.report("b").fault.startsWith("line 2, column "));
        push(it.model, "b", "y 1\n");
        QCOMPARE(it.page(), "x 1\ny 1\n");
        QVERIFY(it.report("b").isClean());
    }

    void theProxysOwnNamesAreLeftOut()
    {
        Merging it({.appLabel = {}, .reservedPrefix = "exporter_proxy_"});
        push(it.model, "a", "# TYPE exporter_proxy_apps gauge\nexporter_proxy_apps 1\nexporter 2\n");
        QCOMPARE(it.page(), "exporter 2\n");
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
                scratch.follow(*it.model.view());
                QCOMPARE(page, pageOf(scratch));
                QCOMPARE(summaryOf(it.merger.reports()), summaryOf(scratch.reports()));
                QCOMPARE(samplesOf(page), unionOf(*it.model.view(), options.appLabel));
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
