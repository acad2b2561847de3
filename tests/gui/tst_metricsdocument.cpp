// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/details/metricsdocument.h"

#include <QTest>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;

namespace {

const QByteArray ThreeFamilies = "# a comment before all\n" // 0
                                 "# HELP a first\n# TYPE a counter\na{x=\"1\"} 1\na{x=\"2\"} 2\n" // 1–4
                                 "lonely 1\n" // 5
                                 "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_sum 1\n\nh_count 1\n"; // 6–10

QByteArrayList familiesOf(const MetricsDocument &document)
{
    QByteArrayList families;
    for (int i = 0; i < document.families(); ++i) {
        const MetricsDocument::Family &family = document.family(i);
        families << document.familyName(i).toByteArray() + ' ' + QByteArray::number(family.firstLine) + '+'
                + QByteArray::number(family.lines) + ' ' + QByteArray::number(family.samples);
    }
    return families;
}

/// The lines that are shown, by their numbers.
QList<int> shownLines(const MetricsDocument &document)
{
    QList<int> lines;
    for (int row = 0; row < document.rows(); ++row)
        lines << document.lineOfRow(row);
    return lines;
}

} // namespace

class TestMetricsDocument : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anEmptyTextHasNoLines()
    {
        MetricsDocument document;
        document.setText({});
        QCOMPARE(document.lines(), 0);
        QCOMPARE(document.rows(), 0);
        QCOMPARE(document.families(), 0);
        QCOMPARE(document.lineOf(0), 0);
        document.setAllFolded(true);
        QCOMPARE(document.rows(), 0);
    }

    void linesComeWithoutTheirNewlines()
    {
        MetricsDocument document;
        document.setText("a 1\n\nb 2");
        QCOMPARE(document.lines(), 3);
        QCOMPARE(document.line(0).toByteArray(), "a 1");
        QCOMPARE(document.line(1).toByteArray(), "");
        QCOMPARE(document.line(2).toByteArray(), "b 2");
        QCOMPARE(document.lineOf(3), 0);
        QCOMPARE(document.lineOf(4), 1);
        QCOMPARE(document.lineOf(99), 2);
    }

    void familiesAreFoundWithTheirSamples()
    {
        MetricsDocument document;
        document.setText(ThreeFamilies);
        QCOMPARE(familiesOf(document), (QByteArrayList{" 0+1 0", "a 1+4 2", "lonely 5+1 1", "h 6+5 3"}));
        QCOMPARE(document.familyOf(0), 0);
        QCOMPARE(document.familyOf(4), 1);
        QCOMPARE(document.familyOf(10), 3);
        QCOMPARE(document.findFamily("h"), 3);
        QCOMPARE(document.findFamily("none"), -1);
    }

    void aSecondHelpOfAFamilyBeginsItAnew()
    {
        MetricsDocument document;
        document.setText("# HELP a x\n# TYPE a gauge\na 1\n# HELP a x\n# TYPE a gauge\na 2\n");
        QCOMPARE(familiesOf(document), (QByteArrayList{"a 0+3 1", "a 3+3 1"}));
    }

    void aFoldedFamilyIsOneRow()
    {
        MetricsDocument document;
        document.setText(ThreeFamilies);
        document.setFolded(1, true);
        QCOMPARE(shownLines(document), (QList<int>{0, 1, 5, 6, 7, 8, 9, 10}));
        QCOMPARE(document.rowOfLine(4), 1);
        QCOMPARE(document.rowOfLine(6), 3);
        document.setAllFolded(true);
        QCOMPARE(shownLines(document), (QList<int>{0, 1, 5, 6}));
        document.setFolded(3, false);
        QCOMPARE(shownLines(document), (QList<int>{0, 1, 5, 6, 7, 8, 9, 10}));
    }

    void aFamilyOfOneLineDoesNotFold()
    {
        MetricsDocument document;
        document.setText(ThreeFamilies);
        document.setFolded(2, true);
        QVERIFY(!document.family(2).folded);
        QCOMPARE(document.rows(), document.lines());
    }

    void foldingsStayWithTheNamesWhenTheTextChanges()
    {
        MetricsDocument document;
        document.setText(ThreeFamilies);
        document.setFolded(3, true);
        document.setText("# TYPE new gauge\nnew 1\n" + ThreeFamilies);
        QVERIFY(document.family(document.findFamily("h")).folded);
        QVERIFY(!document.family(document.findFamily("a")).folded);
        document.setAllFolded(true);
        document.setFolded(document.findFamily("h"), false);
        document.setText(ThreeFamilies);
        QVERIFY(!document.family(document.findFamily("h")).folded);
        QVERIFY(document.family(document.findFamily("a")).folded);
    }

    void aTextThatIsTooLargeIsCutBehindALine()
    {
        MetricsDocument document;
        const QByteArray line = QByteArray(99, 'x') + '\n';
        document.setText(line.repeated(MaxShownText / 100 + 1000));
        QVERIFY(document.isCut());
        QVERIFY(document.text().size() <= MaxShownText);
        QVERIFY(document.text().size() > MaxShownText - 100);
        QVERIFY(document.text().endsWith('\n'));
        document.setText(line);
        QVERIFY(!document.isCut());
    }

    void oneLineThatIsTooLargeIsCutWhereItMust()
    {
        MetricsDocument document;
        document.setText(QByteArray(MaxShownText + 5, 'x'));
        QVERIFY(document.isCut());
        QCOMPARE(document.text().size(), MaxShownText);
        QCOMPARE(document.lines(), 1);
    }
};

QTEST_MAIN(TestMetricsDocument)
#include "tst_metricsdocument.moc"
