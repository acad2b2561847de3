// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/appexport.h"

#include <QTest>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;

class TestCsv : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aRecordIsWrittenAsRfc4180Says_data()
    {
        QTest::addColumn<QStringList>("cells");
        QTest::addColumn<QByteArray>("record");
        const auto row = [](const char *name, const QStringList &cells, const QByteArray &record) {
            QTest::newRow(name) << cells << record;
        };
        row("plain cells are bare", {QStringLiteral("a b"), QStringLiteral("c")}, "a b,c\r\n");
        row("an empty cell is empty", {QString(), QStringLiteral("c")}, ",c\r\n");
        row("a comma wants quotes", {QStringLiteral("a,b")}, "\"a,b\"\r\n");
        row("a quote is doubled", {QStringLiteral("a\"b")}, "\"a\"\"b\"\r\n");
        row("a line break wants quotes", {QStringLiteral("a\nb")}, "\"a\nb\"\r\n");
        row("UTF-8 without a mark", {QStringLiteral("ä€")}, "ä€\r\n");
        row("numbers stay numbers", {QStringLiteral("-1.5"), QStringLiteral("+3")}, "-1.5,+3\r\n");
        row("a formula is made text", {QStringLiteral("=1+1")}, "'=1+1\r\n");
        row("a minus formula too", {QStringLiteral("-1+cmd|' /C calc'!A0")}, "'-1+cmd|' /C calc'!A0\r\n");
        row("an at sign too", {QStringLiteral("@SUM(A1)")}, "'@SUM(A1)\r\n");
        row("a tab before it hides nothing", {QStringLiteral("\t=1")}, "'\t=1\r\n");
        row("a formula with a comma is both", {QStringLiteral("=A(1,2)")}, "\"'=A(1,2)\"\r\n");
    }
    void aRecordIsWrittenAsRfc4180Says()
    {
        QFETCH(QStringList, cells);
        QFETCH(QByteArray, record);
        QCOMPARE(csvRecord(cells), record);
    }

    void aTabbedLineIsOneLine()
    {
        QCOMPARE(tabbedLine({QStringLiteral("a\tb"), QStringLiteral("c\r\nd"), QString()}),
                 QStringLiteral("a b\tc  d\t"));
    }
};

QTEST_GUILESS_MAIN(TestCsv)
#include "tst_csv.moc"
