// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/textparser.h"

#include <QTest>

using namespace ExporterProxy;

namespace {

using Event = ExpositionParser::Event;

QByteArray bytes(QByteArrayView view)
{
    return view.toByteArray();
}

/// The events of a text as one line each: what a reader of them gets to see.
QByteArrayList events(const QByteArray &text, ExpositionDialect dialect = ExpositionDialect::Prometheus)
{
    QByteArrayList all;
    ExpositionParser parser(text, dialect);
    for (;;) {
        const Event event = parser.next();
        const QByteArray at = QByteArray::number(parser.line()) + ' ';
        switch (event) {
        case Event::Help:
            all << at + "HELP [" + bytes(parser.name()) + "] [" + bytes(parser.text()) + ']';
            break;
        case Event::Type:
            all << at + "TYPE [" + bytes(parser.name()) + "] [" + bytes(parser.text()) + ']';
            break;
        case Event::Unit:
            all << at + "UNIT [" + bytes(parser.name()) + "] [" + bytes(parser.text()) + ']';
            break;
        case Event::Comment:
            all << at + "comment [" + bytes(parser.text()) + ']';
            break;
        case Event::EndMarker:
            all << at + "EOF";
            break;
        case Event::Blank:
            all << at + "blank";
            break;
        case Event::Sample: {
            QByteArray line = at + '[' + bytes(parser.name()) + ']';
            if (parser.hasLabelBlock())
                line += " {" + bytes(parser.labelBlock()) + '}';
            for (const ExpositionLabel &label : parser.labels())
                line += ' ' + bytes(label.name) + "=[" + bytes(label.value) + ']';
            line += " = [" + bytes(parser.value()) + ']';
            if (!parser.timestamp().isEmpty())
                line += " at [" + bytes(parser.timestamp()) + ']';
            if (!parser.exemplar().isEmpty())
                line += " exemplar [" + bytes(parser.exemplar()) + ']';
            all << line;
            break;
        }
        case Event::End:
            return all;
        case Event::Fault:
            return all << parser.fault().message();
        }
    }
}

QByteArray verdict(const QByteArray &text, ExpositionDialect dialect = ExpositionDialect::Prometheus)
{
    const std::optional<ExpositionFault> fault = expositionFault(text, dialect);
    return fault ? fault->message() : QByteArray("taken");
}

} // namespace

class TestTextParser : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eventsOfAPage()
    {
        const QByteArray page = "# HELP http_requests_total How many \\\\ were \\n there.\n"
                                "# TYPE http_requests_total counter\n"
                                "http_requests_total{method=\"get\",code=\"200\"} 1027 1395066363000\n"
                                "http_requests_total {path=\"C:\\\\DIR\\n\\\"x\\\"\",} 3\n"
                                "\n"
                                "# just a comment\n"
                                "#HELP is a comment too\n"
                                " \t\n"
                                "up 1.5e-3\t\n"
                                "# UNIT up seconds\n"
                                "empty{} +Inf\n"
                                "# EOF\n"
                                "last NaN";
        const QByteArrayList expected = {
            "1 HELP [http_requests_total] [How many \\\\ were \\n there.]",
            "2 TYPE [http_requests_total] [counter]",
            "3 [http_requests_total] {method=\"get\",code=\"200\"} method=[get] code=[200] = [1027] at "
            "[1395066363000]",
            "4 [http_requests_total] {path=\"C:\\\\DIR\\n\\\"x\\\"\",} path=[C:\\\\DIR\\n\\\"x\\\"] = [3]",
            "5 blank",
            "6 comment [ just a comment]",
            "7 comment [HELP is a comment too]",
            "8 blank",
            "9 [up] = [1.5e-3]",
            "10 UNIT [up] [seconds]",
            "11 [empty] {} = [+Inf]",
            "12 EOF",
            "13 [last] = [NaN]",
        };
        QCOMPARE(events(page), expected);
        QCOMPARE(verdict(page), QByteArray("taken"));
    }

    void rawIsTheWholeEvent()
    {
        ExpositionParser parser("# c\na{x=\"1\n2\"} 3 4\n\nb 1");
        QByteArrayList raw;
        while (parser.next() != Event::End)
            raw << bytes(parser.raw());
        QCOMPARE(raw, (QByteArrayList{"# c", "a{x=\"1\n2\"} 3 4", "", "b 1"}));
        QCOMPARE(parser.next(), Event::End);
        QCOMPARE(parser.line(), 5);
    }

    void nothingIsAPage()
    {
        QCOMPARE(events(""), QByteArrayList());
        QCOMPARE(ExpositionParser(QByteArrayView()).next(), Event::End);
    }

    void aFaultStays()
    {
        ExpositionParser parser("a 1\nb\nc 1\n");
        QCOMPARE(parser.next(), Event::Sample);
        QCOMPARE(parser.next(), Event::Fault);
        QCOMPARE(parser.next(), Event::Fault);
        QCOMPARE(parser.fault().offset, 5);
    }

    /// What the server does with each of these is compared by the end-to-end test of the verdicts; here it is
    /// what is said, and where.
    void verdicts_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("expected");
        const QByteArray taken = "taken";
        const auto row = [](const char *name, const QByteArray &text, const QByteArray &expected) {
            QTest::newRow(name) << text << expected;
        };
        row("no value", "up\n", "line 1, column 3: expected a value after the metric name");
        row("no value at the end of the text", "a 1\nup",
            "line 2, column 3: expected a value after the metric name");
        row("no value after labels", "up{a=\"1\"}\n", "line 1, column 10: expected a value after the labels");
        row("two label blocks", "up{a=\"1\"}{} 1\n", "line 1, column 10: expected a value after the labels");
        row("a word for a value", "up ok\n",
            "line 1, column 4: \"ok\" is not a number that a sample can have");
        row("a comma for a point", "up 1,5\n",
            "line 1, column 4: \"1,5\" is not a number that a sample can have");
        row("two samples fused", "a 1b 2\n",
            "line 1, column 3: \"1b\" is not a number that a sample can have");
        row("CR LF on a sample", "a 1\r\n",
            "line 1, column 3: \"1\\r\" is not a number that a sample can have");
        row("CR LF on a sample with a time", "a 1 2\r\n",
            "line 1, column 6: expected the end of the line after the timestamp");
        row("CR LF on a TYPE", "# TYPE a gauge\r\n",
            "line 1, column 10: \"gauge\\r\" is not a metric type: counter, gauge, histogram, summary or "
            "untyped");
        row("CR LF on a HELP", "# HELP a b\r\n", taken);
        row("CR LF on a comment", "# a\r\n", taken);
        row("CR LF alone", "\r\n",
            "line 1, column 1: a carriage return where a metric name or a comment is expected");
        row("blanks before a name", "  a 1\n", "line 1, column 1: blanks before the metric name");
        row("blanks before a comment", "  # HELP a b\n", taken);
        row("a digit first", "9a 1\n", "line 1, column 1: expected a metric name, a comment or a blank line");
        row("a name that is quoted", "{\"a.b\"} 1\n",
            "line 1, column 1: a name in quotes, which only Prometheus 3 reads");
        row("a name that is quoted, with blanks", "{ \t\"a.b\",c=\"d\"} 1\n",
            "line 1, column 1: a name in quotes, which only Prometheus 3 reads");
        row("a label's name that is quoted", "a{b=\"\", \"c.d\"=\"e\"} 1\n",
            "line 1, column 9: a name in quotes, which only Prometheus 3 reads");
        row("TYPE of a name that is quoted", "# TYPE \"a.b\" gauge\n",
            "line 1, column 8: a name in quotes, which only Prometheus 3 reads");
        row("HELP of a name that is quoted", "# HELP \"a.b\" c\n",
            "line 1, column 8: a name in quotes, which only Prometheus 3 reads");
        row("labels without a name", "{a=\"b\"} 1\n",
            "line 1, column 1: expected a metric name before the labels");
        row("a byte-order mark",
            "\xEF\xBB\xBF"
            "a 1\n",
            "line 1, column 1: expected a metric name, a comment or a blank line");
        row("a point in a name, which is a value", "a.5\n", taken);
        row("a minus in a name, which is a value", "a-1 5\n", taken);
        row("a minus in a name", "a-b 1\n",
            "line 1, column 2: \"-b\" is not a number that a sample can have");
        row("values that are no numbers are cut in what is said", "a " + QByteArray(50, 'x') + " 1\n",
            "line 1, column 3: \"" + QByteArray(40, 'x') + "...\" is not a number that a sample can have");
        row("what is said is ASCII", "a 1\xC3\xA4\x1b\n",
            "line 1, column 3: \"1\\xc3\\xa4\\x1b\" is not a number that a sample can have");
        row("a timestamp with a sign", "a 1 -5\n",
            "line 1, column 5: expected a timestamp or the end of the line after the value");
        row("a timestamp with a fraction", "a 1 5.5\n",
            "line 1, column 6: expected the end of the line after the timestamp");
        row("the largest timestamp", "a 1 9223372036854775807\n", taken);
        row("a timestamp too large", "a 1 9223372036854775808\n",
            "line 1, column 5: \"9223372036854775808\" is not a timestamp in milliseconds");
        row("a third number", "a 1 2 3\n",
            "line 1, column 7: expected the end of the line after the timestamp");
        row("a brace after the value", "a 1{\n",
            "line 1, column 4: expected a timestamp or the end of the line after the value");

        row("an open brace", "a{\n", "line 1, column 3: expected a label name or a closing brace");
        row("an open brace at the end", "a{", "line 1, column 3: expected a label name or a closing brace");
        row("a comma first", "a{,} 1\n", "line 1, column 3: expected a label name or a closing brace");
        row("two commas", "a{b=\"\",,} 1\n", "line 1, column 8: expected a label name or a closing brace");
        row("a label's name with a point", "a{b.c=\"\"} 1\n",
            "line 1, column 4: expected = after the label name");
        row("a label's name with a colon", "a{b:c=\"\"} 1\n",
            "line 1, column 4: expected = after the label name");
        row("a label without a value", "a{b} 1\n", "line 1, column 4: expected = after the label name");
        row("a label's value in single quotes", "a{b='c'} 1\n",
            "line 1, column 5: expected a label value in double quotes");
        row("a label's value without quotes", "a{b=c} 1\n",
            "line 1, column 5: expected a label value in double quotes");
        row("no closing quote", "a{b=\"c} 1\n", "line 1, column 5: the label value has no closing quote");
        row("no closing quote, and more lines with quotes", "a{b=\"c} 1\nd{e=\"f\"} 2\n",
            "line 2, column 7: expected = after the label name (a label's value goes on over the end of "
            "line 1: is its closing quote missing?)");
        row("a backslash before the end of the line", "a{b=\"c\\\n\"} 1\n",
            "line 1, column 7: a backslash at the end of a line");
        row("a backslash at the end", "a{b=\"c\\", "line 1, column 7: a backslash at the end of a line");
        row("labels without commas, with blanks, with one comma too many", "a { b = \"1\"c=\"2\" , } 1\n",
            taken);
        row("no blank before the value", "a{b=\"1\"}1\n", taken);
        row("a newline in a label's value", "a{b=\"1\n2\"} 1\n", taken);
        row("an escape that is none", "a{b=\"\\x\"} 1\n", taken);
        row("a label twice", "a{b=\"1\",c=\"\",b=\"2\"} 1\n",
            "line 1, column 14: the label \"b\" is there twice");
        row("a label twice, once empty", "a{b=\"\",b=\"2\"} 1\n", taken);
        row("a label twice, once empty with blanks", "a{b=\"2\",b \t= \"\"} 1\n", taken);
        row("the metric's name as a label", "a{__name__=\"b\"} 1\n",
            "line 1, column 3: __name__ as a label: it is the metric's name");
        row("the metric's name as an empty label", "a{x=\"\",__name__=\"\"} 1\n",
            "line 1, column 8: __name__ as a label: it is the metric's name");

        row("HELP twice, TYPE twice and after samples",
            "a 1\n# HELP a b\n# HELP a c\n# TYPE a gauge\n# TYPE a counter\n", taken);
        row("HELP without a text", "# HELP a\n# HELP a \n", taken);
        row("HELP without a name", "# HELP \n", "line 1, column 8: expected a metric name after HELP");
        row("HELP of what is no name", "# HELP 9 x\n", "line 1, column 8: expected a metric name after HELP");
        row("HELP alone", "# HELP\n", taken);
        row("HELP fused with what follows", "# HELPa b\n", taken);
        row("HELP with a character beyond ASCII behind the name", "# HELP a\xC3\xA4 b\n",
            "line 1, column 9: expected a blank after the metric name, not a character beyond ASCII");
        row("HELP with anything else behind the name", "# HELP a.b c\n", taken);
        row("TYPE without a type", "# TYPE a\n", "line 1, column 9: expected a metric type after the name");
        row("TYPE without a name", "# TYPE \n", "line 1, column 8: expected a metric name after TYPE");
        row("TYPE with another byte for the blank", "# TYPE a=gauge\n", taken);
        row("TYPE with two blanks", "# TYPE a  gauge\n",
            "line 1, column 10: \" gauge\" is not a metric type: counter, gauge, histogram, summary or "
            "untyped");
        row("TYPE with a blank at its end", "# TYPE a gauge \n",
            "line 1, column 10: \"gauge \" is not a metric type: counter, gauge, histogram, summary or "
            "untyped");
        row("TYPE in capitals", "# TYPE a Gauge\n",
            "line 1, column 10: \"Gauge\" is not a metric type: counter, gauge, histogram, summary or "
            "untyped");

        row("OpenMetrics: EOF, and samples behind it", "# EOF\na 1\n", taken);
        row("OpenMetrics: UNIT", "# UNIT a seconds\n", taken);
        row("OpenMetrics: UNIT of what is no name", "# UNIT 9\n", taken);
        const QByteArray openMetricsAlone =
            " is a metric type that only OpenMetrics has, a text that ends in # EOF";
        row("OpenMetrics: a stateset", "# TYPE a stateset\n",
            "line 1, column 10: \"stateset\"" + openMetricsAlone);
        row("OpenMetrics: a type of its own", "# TYPE a info\n",
            "line 1, column 10: \"info\"" + openMetricsAlone);
        row("OpenMetrics: unknown for untyped", "# TYPE a unknown\n",
            "line 1, column 10: \"unknown\"" + openMetricsAlone);
        row("OpenMetrics: an exemplar", "a 1 # {b=\"c\"} 1\n",
            "line 1, column 5: an exemplar, which only OpenMetrics has");
        row("OpenMetrics: an exemplar after a timestamp", "a 1 2 # {b=\"c\"} 1\n",
            "line 1, column 7: expected the end of the line after the timestamp");
        row("OpenMetrics: created", "# TYPE a counter\na_total 1\na_created 1.5e9\n# EOF\n", taken);
    }
    void verdicts()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, expected);
        QCOMPARE(verdict(text), expected);
        // The text in a place of exactly its size, so that a sanitizer sees a step too far; and with a good
        // line before it and behind it.
        const std::vector<char> exact(text.begin(), text.end());
        const auto fault = expositionFault(QByteArrayView(exact.data(), qsizetype(exact.size())));
        QCOMPARE(fault ? fault->message() : QByteArray("taken"), expected);
        const QByteArray after = verdict("good{a=\"b\"} 1\n" + text);
        QCOMPARE(after == "taken", expected == "taken");
        QVERIFY2(after == "taken" || after.startsWith("line 2,") || text.trimmed().contains('\n'),
                 after.constData());
    }

    void openMetricsWhereItIsTaken()
    {
        const QByteArray page = "# TYPE a info\n"
                                "# UNIT a seconds\n"
                                "a_total{x=\"y\"} 1 1520879607.789 # {id=\"K\",b=\"\"} 0.67 1.5e9\n"
                                "a_total 1 # {} 2\n"
                                "a_created -1 -5\n"
                                "# EOF\n";
        const QByteArrayList expected = {
            "1 TYPE [a] [info]",
            "2 UNIT [a] [seconds]",
            "3 [a_total] {x=\"y\"} x=[y] = [1] at [1520879607.789] exemplar [{id=\"K\",b=\"\"} 0.67 1.5e9]",
            "4 [a_total] = [1] exemplar [{} 2]",
            "5 [a_created] = [-1] at [-5]",
            "6 EOF",
        };
        QCOMPARE(events(page, ExpositionDialect::WithOpenMetrics), expected);
        QCOMPARE(verdict("a 1 # 5\n", ExpositionDialect::WithOpenMetrics),
                 QByteArray("line 1, column 7: expected the labels of an exemplar"));
        QCOMPARE(verdict("a 1 # {} x\n", ExpositionDialect::WithOpenMetrics),
                 QByteArray("line 1, column 10: expected a number after the labels of the exemplar"));
        QCOMPARE(verdict("a 1 # {} 1 2 3\n", ExpositionDialect::WithOpenMetrics),
                 QByteArray("line 1, column 14: expected the end of the line after the timestamp"));
        QCOMPARE(verdict("a 1 x\n", ExpositionDialect::WithOpenMetrics),
                 QByteArray("line 1, column 5: \"x\" is not a timestamp in seconds"));
    }

    void sixteenBytesAtATimeIsTheSameAsOne()
    {
        // Every length of a name and of a value, with what ends it at every place of a step of sixteen.
        for (int size = 1; size < 70; ++size) {
            const QByteArray name = QByteArray("az09AZ_:").repeated(9).first(size);
            const QByteArray value = QByteArray("az 09{}=,\xC3\xA4#").repeated(9).first(size);
            const QByteArray text = name + "{x=\"" + value + "\"} 1\n" + name + "@ 1";
            ExpositionParser parser(text);
            QCOMPARE(parser.next(), Event::Sample);
            QCOMPARE(bytes(parser.name()), name);
            QCOMPARE(bytes(parser.labels()[0].value), value);
            QCOMPARE(parser.next(), Event::Fault);
            QCOMPARE(parser.fault().column, size + 1);
        }
        for (int c = 0; c < 256; ++c) {
            const bool isOfName = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                || c == '_' || c == ':';
            const QByteArray text = "name" + QByteArray(1, char(c)) + "name_that_goes_on_for_more 1\n";
            ExpositionParser parser(text);
            parser.next();
            QCOMPARE(parser.name().size() > 4, isOfName);
        }
    }

    void manyLabels()
    {
        QByteArray text = "a{";
        for (int i = 0; i < 9'990; ++i)
            text += 'l' + QByteArray::number(i) + "=\"v\",";
        QCOMPARE(verdict(text + "} 1\n"), QByteArray("taken"));
        QCOMPARE(verdict(text + "l1=\"\"} 1\n"), QByteArray("taken"));
        const QByteArray most = QByteArray("l=\"\",").repeated(10'000);
        QCOMPARE(verdict("a{" + most + "} 1\n"), QByteArray("taken"));
        QCOMPARE(verdict("a{" + most + "m=\"\"} 1\n"),
                 QByteArray("line 1, column 50003: more than 10000 labels"));
        const QByteArray name(1000, 'n');
        QCOMPARE(verdict("a{" + name + "=\"1\"," + name + "=\"2\"} 1\n"),
                 "line 1, column 1008: the label \"" + name.first(40) + "...\" is there twice");
        QCOMPARE(verdict(text + "l7=\"x\",l1=\"x\"} 1\n"),
                 "line 1, column " + QByteArray::number(text.size() + 1)
                     + ": the label \"l7\" is there twice");
    }

    void longLines_data()
    {
        QTest::addColumn<QByteArray>("begin");
        QTest::addColumn<QByteArray>("filling");
        QTest::addColumn<QByteArray>("end");
        const auto row = [](const char *name, const char *begin, const char *filling, const char *end) {
            QTest::newRow(name) << QByteArray(begin) << QByteArray(filling) << QByteArray(end);
        };
        row("a name", "a", "b", " 1");
        row("a value", "a 0.", "1", "");
        row("a label's value", "a{b=\"", "c", "\"} 1");
        row("a label's value over many lines", "a{b=\"", "c\n", "\"} 1");
        row("blanks", "", " ", "");
        row("a comment", "#", "c", "");
        row("a HELP", "# HELP a ", "c", "");
    }
    void longLines()
    {
        QFETCH(const QByteArray, begin);
        QFETCH(const QByteArray, filling);
        QFETCH(const QByteArray, end);
        const qsizetype most = ExpositionParser::MaxEventSize - begin.size() - end.size();
        const QByteArray line = begin + filling.repeated(most / filling.size()) + end;
        const QByteArray reason("more than 1048576 bytes in a line or sample");
        for (const char *before : {"", "x 1\n"}) {
            for (const char *after : {"\n", "\nx 1\n", ""})
                QCOMPARE(verdict(before + line + after), QByteArray("taken"));
            const QByteArray longer = begin + filling + line.sliced(begin.size());
            if (longer.size() > ExpositionParser::MaxEventSize + 1)
                QVERIFY(verdict(before + longer + "\nx 1\n").contains(reason));
            QVERIFY(verdict(before + begin + filling.repeated(3'000'000) + end + "\nx 1\n").contains(reason));
        }
    }

    void aFaultInALongLineThatEndsIsNamed()
    {
        QVERIFY(verdict("x 1\n1 " + QByteArray(1'000'000, 'x') + "\n" + QByteArray(2'000'000, '#'))
                    .startsWith("line 2, column 1: expected a metric name"));
    }

    void values_data()
    {
        QTest::addColumn<bool>("taken");
        for (const char *good : {"0",
                                 "-0",
                                 "+1",
                                 "00012",
                                 "1.",
                                 ".5",
                                 "-.5",
                                 "1e3",
                                 "1E+3",
                                 "1e-3",
                                 "1e0000000000003",
                                 "1e308",
                                 "1.7976931348623157e308",
                                 "179769313486231570000e288",
                                 "0.00000017976931348623157e315",
                                 "1.797693134862315807e308",
                                 "1e-999",
                                 "0e999999999999",
                                 "1e-99999999999999999999",
                                 "NaN",
                                 "nan",
                                 "nAN",
                                 "Inf",
                                 "+inf",
                                 "-INF",
                                 "infinity",
                                 "-Infinity"})
            QTest::newRow(good) << true;
        for (const char *bad : {"",
                                "+",
                                "-",
                                ".",
                                "e",
                                "1e",
                                "1e+",
                                "e5",
                                "1e5.0",
                                "1.2.3",
                                "--1",
                                "+-1",
                                "1-",
                                "0x1",
                                "0x1p4",
                                "0b1",
                                "0o7",
                                "1_000",
                                "1e309",
                                "-1e309",
                                "1.797693134862315808e308",
                                "1e999999999999999999999",
                                "17976931348623159e292",
                                "+NaN",
                                "-nan",
                                "nanx",
                                "in",
                                "infi",
                                "infinit",
                                "infinityx",
                                "1f",
                                "1d",
                                "1,5",
                                "1\r",
                                "\xEF\xBC\x91"})
            QTest::newRow(bad) << false;
    }
    void values()
    {
        QFETCH(bool, taken);
        const QByteArrayView text(QTest::currentDataTag());
        QCOMPARE(isSampleValue(text), taken);
        QCOMPARE(isSampleValue(QByteArray(1, ' ') + bytes(text)), false);
    }

    void longValues()
    {
        const QByteArray zeros(100'000, '0');
        QVERIFY(isSampleValue(zeros + '1'));
        QVERIFY(isSampleValue("0." + zeros + '1'));
        QVERIFY(isSampleValue(QByteArray(308, '1') + '.' + QByteArray(100'000, '9')));
        QVERIFY(!isSampleValue(QByteArray(310, '1')));
        QVERIFY(isTimestamp(zeros + "9223372036854775807"));
        QVERIFY(!isTimestamp(zeros + "9223372036854775808"));
        QVERIFY(isTimestamp(zeros));
        QVERIFY(!isTimestamp(""));
    }
};

QTEST_APPLESS_MAIN(TestTextParser)
#include "tst_textparser.moc"
