// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/details/metricslexer.h"

#include <QTest>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;

namespace {

/// One letter for each kind, one for each byte: "MMMpLLLpVVV".
QByteArray kindsOf(QByteArrayView line)
{
    static constexpr char letters[] = ".#KTMLSVt";
    std::vector<Token> tokens;
    lexMetricsLine(line, tokens);
    QByteArray kinds;
    qsizetype at = 0;
    for (const Token &token : tokens) {
        if (token.from != at || token.to <= token.from)
            return QByteArrayLiteral("(a gap)");
        kinds += QByteArray(token.to - token.from, letters[std::size_t(token.kind)]);
        at = token.to;
    }
    return at == line.size() ? kinds : QByteArrayLiteral("(not to the end)");
}

} // namespace

class TestMetricsLexer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachPartOfALineHasItsKind_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QByteArray>("kinds");
        const auto row = [](const char *name, const char *line, const char *kinds) {
            QTest::newRow(name) << QByteArray(line) << QByteArray(kinds);
        };
        row("an empty line has none", "", "");
        row("a sample", "up 1", "MM.V");
        row("a sample with a time", "up 1 99", "MM.V.tt");
        row("labels", "m{a=\"x\",b=\"\"} 2.5", "M.L.SSS.L.SS..VVV");
        row("quotes and braces in a value are of the value", "m{a=\"}\\\"\"} 1", "M.L.SSSSS..V");
        row("blanks between all parts", " m { a = \"x\" } 1 ", ".M...L...SSS...V.");
        row("a HELP line", "# HELP m text", "KKKKKK.M.####");
        row("a TYPE line", "# TYPE m gauge", "KKKKKK.M.TTTTT");
        row("a comment", "# anything", "##########");
        row("what only begins like a keyword is a comment", "# HELPER m", "##########");
        row("the end of OpenMetrics", "# EOF", "KKKKK");
        row("an exemplar", "m 1 # {a=\"x\"} 1", "M.V.###########");
        row("a quoted metric name", "{\"my.m\",a=\"x\"} 1", ".MMMMMM.L.SSS..V");
        row("a value that is not closed reaches to the end", "m{a=\"x} 1", "M.L.SSSSS");
        row("a backslash at the end", "m{a=\"\\", "M.L.SS");
        row("braces that are not closed", "m{", "M.");
        row("only punctuation", "}}==,,", "VVVVVV");
    }

    void eachPartOfALineHasItsKind()
    {
        QFETCH(QByteArray, line);
        QFETCH(QByteArray, kinds);
        QCOMPARE(kindsOf(line), kinds);
    }

    void anyBytesAreCoveredWithoutGaps()
    {
        // Each string of up to five of the characters that mean something.
        static constexpr char alphabet[] = {'a', '{', '}', '=', '"', '\\', ',', ' ', '#', '\0', '\xff'};
        constexpr int count = int(sizeof alphabet);
        int checked = 0;
        for (int number = 0; number < count * count * count * count * count; ++number) {
            QByteArray line = "m{";
            for (int rest = number; rest > 0; rest /= count)
                line += alphabet[rest % count];
            const QByteArray kinds = kindsOf(line);
            if (kinds.size() != line.size() || kinds.contains('('))
                QFAIL(line.toPercentEncoding().constData());
            ++checked;
        }
        QCOMPARE(checked, 161051);
    }

    void aLineNamesItsFamily_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("a sample") << QByteArray("up{a=\"b\"} 1") << QByteArray("up");
        QTest::newRow("a HELP line") << QByteArray("# HELP up text") << QByteArray("up");
        QTest::newRow("a TYPE line") << QByteArray("#TYPE  up gauge") << QByteArray("up");
        QTest::newRow("a quoted name") << QByteArray("{\"a.b\"} 1") << QByteArray("a.b");
        QTest::newRow("a comment names none") << QByteArray("# up") << QByteArray();
        QTest::newRow("an empty line names none") << QByteArray(" ") << QByteArray();
        QTest::newRow("HELP without a name") << QByteArray("# HELP") << QByteArray();
    }

    void aLineNamesItsFamily()
    {
        QFETCH(QByteArray, line);
        QFETCH(QByteArray, name);
        QCOMPARE(summarizeMetricsLine(line).name.toByteArray(), name);
    }

    void suffixesOfHistogramsBelongToTheirFamily()
    {
        QVERIFY(belongsToFamily("rpc", "rpc"));
        QVERIFY(belongsToFamily("rpc_bucket", "rpc"));
        QVERIFY(belongsToFamily("rpc_sum", "rpc"));
        QVERIFY(!belongsToFamily("rpc_errors", "rpc"));
        QVERIFY(!belongsToFamily("rp", "rpc"));
    }
};

QTEST_MAIN(TestMetricsLexer)
#include "tst_metricslexer.moc"
