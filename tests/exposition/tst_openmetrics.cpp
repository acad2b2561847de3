// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/openmetrics.h"

#include <QTest>

using namespace ExporterProxy;

namespace {

using namespace std::chrono_literals;

constexpr Timestamp Now{1'795'819'800s};

struct Conversion
{
    QByteArray text;
    bool isStrict = false;
    QByteArray fault;
    QByteArrayList notes;
};

Conversion convert(const QByteArray &text, OddTimes oddTimes = OddTimes::LeaveOut, qsizetype step = 1 << 20)
{
    OpenMetricsConversion conversion(text, oddTimes, Now);
    while (!conversion.isDone())
        conversion.proceed(step);
    if (conversion.fault())
        return {{}, false, conversion.fault()->message(), conversion.notes()};
    const bool isStrict = conversion.isStrict();
    return {conversion.takeText(), isStrict, {}, conversion.notes()};
}

} // namespace

class TestOpenMetrics : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theEndSaysWhatItIs_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<qsizetype>("size");
        const auto row = [](const char *what, const QByteArray &text, qsizetype size) {
            QTest::newRow(what) << text << size;
        };
        row("the marker is the last line", "a 1\n# EOF\n", 9);
        row("or the only one", "# EOF\n", 5);
        row("its newline may be missing", "a 1\n# EOF", 9);
        row("it may end as on Windows", "a 1\r\n# EOF\r\n", 10);
        row("blanks may follow", "a 1\n# EOF \t\n", 9);
        row("and empty lines", "a 1\n# EOF\n\n \n\r\n", 9);
        row("a line before the end is none", "# EOF\na 1\n", 0);
        row("nor is a part of a line", "a 1 # EOF\n", 0);
        row("nor another comment", "a 1\n#EOF\n", 0);
        row("nor is it indented", "a 1\n # EOF\n", 0);
        row("nor in small letters", "# eof\n", 0);
        row("a text without samples has none", "\n\n", 0);
        row("nor has an empty one", "", 0);
    }
    void theEndSaysWhatItIs()
    {
        QFETCH(QByteArray, text);
        QTEST(openMetricsSize(text), "size");
    }

    void aConversion_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("page");
        const auto row = [](const char *what, const QByteArray &text, const QByteArray &page) {
            QTest::newRow(what) << text << page;
        };
        row("counters get their ending",
            "# HELP a Things\n# TYPE a counter\n# UNIT a things\na_total 1\na_created 5\n# EOF\n",
            "# HELP a_total Things\n# TYPE a_total counter\na_total 1\n"
            "# HELP a_created Things\n# TYPE a_created gauge\na_created 5\n");
        row("those that have it already do not",
            "# TYPE a_total counter\na_total 1\n# TYPE b counter\nb 2\nb_total 3\n# EOF\n",
            "# TYPE a_total counter\na_total 1\n# TYPE b counter\nb 2\n# TYPE b_total counter\nb_total 3\n");
        row("infos, state sets and unknown ones get a type that there is",
            "# TYPE i info\ni_info{v=\"1\"} 1\n# TYPE s stateset\ns{s=\"on\"} 1\n# TYPE u unknown\nu 1\n# "
            "EOF\n",
            "# TYPE i_info gauge\ni_info{v=\"1\"} 1\n# TYPE s gauge\ns{s=\"on\"} 1\n# TYPE u untyped\nu 1\n");
        row("exemplars go",
            "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1 # {trace=\"a b\"} 0.5 1.5\nh_sum 2\nh_count 1\n"
            "h_created 3\n# EOF\n",
            "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 2\nh_count 1\n"
            "# TYPE h_created gauge\nh_created 3\n");
        row("a gauge histogram is one with gauges beside it",
            "# HELP g Now\n# TYPE g gaugehistogram\ng_bucket{le=\"+Inf\"} 1\ng_gsum 2\ng_gcount 1\n# EOF\n",
            "# HELP g Now\n# TYPE g histogram\ng_bucket{le=\"+Inf\"} 1\n# HELP g_gsum Now\n"
            "# TYPE g_gsum gauge\ng_gsum 2\n# HELP g_gcount Now\n# TYPE g_gcount gauge\ng_gcount 1\n");
        row("summaries stay whole",
            "# TYPE s summary\ns_sum 2\ns_count 1\ns{quantile=\"0.5\"} 1\ns_created 4\ns_bucket 5\n# EOF\n",
            "# TYPE s summary\ns_sum 2\ns_count 1\ns{quantile=\"0.5\"} 1\n# TYPE s_created gauge\ns_created "
            "4\n"
            "# TYPE s_bucket untyped\ns_bucket 5\n");
        row("what has no type does not get its neighbour's",
            "# TYPE a gauge\na 1\nb_bucket{le=\"1\"} 2\nc_total 3\n# EOF\n",
            "# TYPE a gauge\na 1\n# TYPE b_bucket untyped\nb_bucket{le=\"1\"} 2\n"
            "# TYPE c_total untyped\nc_total 3\n");
        row("a type of its own comes first",
            "# TYPE a counter\n# TYPE a_created counter\na_created 5\n# EOF\n",
            "# TYPE a_created counter\na_created 5\n");
        row("a family is in one piece, in the order of the text",
            "# TYPE h histogram\nh_bucket{le=\"1\",x=\"1\"} 1\nh_count{x=\"1\"} 2\nother 1\n"
            "h_bucket{le=\"1\",x=\"2\"} 3\nh_count{x=\"2\"} 4\n# EOF\n",
            "# TYPE h histogram\nh_bucket{le=\"1\",x=\"1\"} 1\nh_count{x=\"1\"} 2\n"
            "h_bucket{le=\"1\",x=\"2\"} 3\nh_count{x=\"2\"} 4\n# TYPE other untyped\nother 1\n");
        row("a type that comes late counts too", "a_total 1\n# TYPE a counter\n# EOF\n",
            "# TYPE a_total counter\na_total 1\n");
        row("families without samples go", "# HELP a Nothing\n# TYPE a gauge\n# EOF\n", "");
        row("a HELP loses the escapes that the text format does not have",
            "# HELP a a \\\"b\\\" \\\\\" \\n \\x\n# TYPE a gauge\na 1\n# EOF\n",
            "# HELP a a \"b\" \\\\\" \\n \\x\n# TYPE a gauge\na 1\n");
        row("labels and values stay as they are written",
            "# TYPE a gauge\na{x=\"1\\\"\\\\\\n\",y=\"\"} +1.50e3\n# EOF\n",
            "# TYPE a gauge\na{x=\"1\\\"\\\\\\n\",y=\"\"} +1.50e3\n");
        row("seconds become milliseconds",
            "# TYPE a gauge\na{x=\"1\"} 1 1795819791\na{x=\"2\"} 1 1795819791.123\na{x=\"3\"} 1 "
            "+1.795819791e9 "
            "# {} 1\n# EOF\n",
            "# TYPE a gauge\na{x=\"1\"} 1 1795819791000\na{x=\"2\"} 1 1795819791123\n"
            "a{x=\"3\"} 1 1795819791000\n");
        row("less than a millisecond is cut off, as the server does it",
            "# TYPE a gauge\na 1 1795819791.0016\n# EOF\n", "# TYPE a gauge\na 1 1795819791001\n");
        row("the end may be missing", "# TYPE a info\na_info 1\n", "# TYPE a_info gauge\na_info 1\n");
        row("nothing but the end", "# EOF\n", "");
    }
    void aConversion()
    {
        QFETCH(QByteArray, text);
        const Conversion result = convert(text);
        QCOMPARE(result.fault, QByteArray());
        QTEST(result.text, "page");
        QVERIFY(!expositionFault(result.text));
        QCOMPARE(convert(text, OddTimes::LeaveOut, 1).text, result.text);
        QCOMPARE(result.notes, QByteArrayList());
    }

    void whatCannotBeConverted_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("fault");
        const auto row = [](const char *what, const QByteArray &text, const QByteArray &fault) {
            QTest::newRow(what) << text << fault;
        };
        row("a line that is none", "a 1\nb\n# EOF\n",
            "line 2, column 2: expected a value after the metric name");
        row("a type that is none", "# TYPE a things\n# EOF\n",
            "line 1, column 10: \"things\" is not a metric type: counter, gauge, histogram, summary or "
            "untyped");
        row("a name in quotes", "{\"a.b\"} 1\n# EOF\n",
            "line 1, column 1: a name in quotes, which only Prometheus 3 reads");
        row("an exemplar without a value", "a_total 1 # {}\n# EOF\n",
            "line 1, column 15: expected a number after the labels of the exemplar");
        row("no time", "a 1 NaN\n# EOF\n", "line 1, column 5: \"NaN\" is not a timestamp in seconds");
        row("no end of time", "a 1 -Inf\n# EOF\n",
            "line 1, column 5: \"-Inf\" is not a timestamp in seconds");
    }
    void whatCannotBeConverted()
    {
        QFETCH(QByteArray, text);
        const Conversion result = convert(text);
        QTEST(result.fault, "fault");
        QCOMPARE(result.text, QByteArray());
    }

    void timesThatNoServerStores_data()
    {
        QTest::addColumn<QByteArray>("time");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("before 1970") << QByteArray("-5") << QByteArray("before March 1973");
        QTest::newRow("1970") << QByteArray("5") << QByteArray("before March 1973");
        QTest::newRow("too small for a number") << QByteArray("1e-999") << QByteArray("before March 1973");
        QTest::newRow("milliseconds") << QByteArray("1795819791000") << QByteArray("beyond the year 5138");
        QTest::newRow("too large for a number of the page")
            << QByteArray("1e300") << QByteArray("beyond the year 5138");
    }
    void timesThatNoServerStores()
    {
        QFETCH(QByteArray, time);
        QFETCH(QByteArray, words);
        const QByteArray text = "# TYPE a gauge\na{x=\"1\"} 1 " + time + "\na{x=\"2\"} 2\n# EOF\n";
        QCOMPARE(convert(text, OddTimes::Refuse).fault,
                 "line 2, column 12: \"" + time + "\" in seconds is " + words
                     + ": a server would drop the sample");
        const Conversion kept = convert(text);
        QCOMPARE(kept.text, QByteArray("# TYPE a gauge\na{x=\"2\"} 2\n"));
        QCOMPARE(kept.notes,
                 QByteArrayList{"one sample (line 2) left out: a time before March 1973 or beyond the year "
                                "5138, which no server stores"});
    }

    void timesThatMostServersDrop()
    {
        const auto at = [](std::chrono::seconds before) {
            return QByteArray::number(qint64((Now - before).time_since_epoch() / 1s));
        };
        const QByteArray text = "a 1 " + at(3600s) + "\na 1 " + at(-600s) + "\na 1 " + at(3601s) + "\na 1 "
            + at(7200s) + "\na 1 " + at(-601s) + "\n# EOF\n";
        for (const OddTimes oddTimes : {OddTimes::Refuse, OddTimes::LeaveOut}) {
            const Conversion result = convert(text, oddTimes);
            QCOMPARE(result.fault, QByteArray());
            QCOMPARE(result.text.count('\n'), 6);
            QCOMPARE(result.notes.size(), 2);
            QVERIFY2(result.notes[0].startsWith(
                         "2 samples (the first on line 3) had a time more than an hour old"),
                     result.notes[0].constData());
            QVERIFY2(result.notes[1].startsWith("one sample (line 5) had a time more than ten minutes ahead"),
                     result.notes[1].constData());
        }
    }

    void whatTheServerTakesAsOpenMetrics_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("isStrict");
        const auto strict = [](const char *what, const QByteArray &lines) {
            QTest::newRow(what) << lines + "# EOF\n" << true;
        };
        const auto loose = [](const char *what, const QByteArray &lines) {
            QTest::newRow(what) << lines + "# EOF\n" << false;
        };
        strict("samples", "a 1\nb{} 2\nc{d=\"1\"} 3 4\nc{d=\"1\",e=\"{ # } \\\"\",} 3 4.5\n");
        strict("exemplars", "a_total 1 # {} 1\na_total{b=\"c\"} 1 2 # {d=\"e\",f=\"\"} 1 2\n");
        strict("metadata", "# HELP a_b Some  words\n# TYPE a_b gauge\n# UNIT a_b b\n# HELP c \n# UNIT c \n");
        loose("a blank line", "a 1\n\n");
        loose("a comment", "# a\na 1\n");
        loose("two blanks before the value", "a  1\n");
        loose("none", "a-1\n");
        loose("a tab", "a\t1\n");
        loose("a blank at the end", "a 1 \n");
        loose("a blank before the labels", "a {} 1\n");
        loose("blanks within the labels", "a{ b=\"c\"} 1\n");
        loose("blanks between them", "a{b=\"c\", d=\"e\"} 1\n");
        loose("no comma", "a{b=\"c\"d=\"e\"} 1\n");
        loose("no blank behind the labels", "a{}1\n");
        loose("a newline in a value", "a{b=\"c\nd\"} 1\n");
        loose("two blanks before an exemplar", "a 1  # {} 1\n");
        loose("none within one", "a 1 #{} 1\n");
        loose("two within one", "a 1 #  {} 1\n");
        loose("a type of the text format", "# TYPE a untyped\na 1\n");
        loose("blanks before metadata", " # TYPE a gauge\n");
        loose("blanks within", "#  TYPE a gauge\n");
        loose("blanks before the name", "# HELP  a b\n");
        loose("no blank behind it", "# HELP a\n");
        loose("another byte there", "# HELP a\tb\n");
        loose("a unit that is not in the name", "# UNIT a seconds\n");
        loose("a unit that is the name", "# UNIT _b b\n# UNIT b b\n");
        loose("something behind the end", "# EOF\na 1\n");
        loose("the end twice", "# EOF\n");
        QTest::newRow("no end") << QByteArray("a 1\n") << false;
        QTest::newRow("an end with more blanks") << QByteArray("a 1\n#  EOF\n") << false;
    }
    void whatTheServerTakesAsOpenMetrics()
    {
        QFETCH(QByteArray, text);
        const Conversion result = convert(text);
        QCOMPARE(result.fault, QByteArray());
        QTEST(result.isStrict, "isStrict");
    }
};

QTEST_APPLESS_MAIN(TestOpenMetrics)
#include "tst_openmetrics.moc"
