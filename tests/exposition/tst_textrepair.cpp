// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/textgate.h"

#include <QTest>

using namespace ExporterProxy;

class TestTextRepair : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void repairs_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("expected");
        QTest::addColumn<bool>("crlf");
        QTest::addColumn<bool>("bom");
        const QByteArray bom = "\xEF\xBB\xBF";
        const auto row = [](const char *name, const QByteArray &text, const QByteArray &expected, bool crlf,
                            bool hasBom) { QTest::newRow(name) << text << expected << crlf << hasBom; };
        row("nothing", "", "", false, false);
        row("a clean text", "a 1\nb 2\n", "a 1\nb 2\n", false, false);
        row("CR LF", "a 1\r\nb 2\r\n", "a 1\nb 2\n", true, false);
        row("one CR LF among others", "a 1\nb 2\r\nc 3\n", "a 1\nb 2\nc 3\n", true, false);
        row("CR LF alone", "\r\n\r\n", "\n\n", true, false);
        row("a CR at the very end", "a 1\r\nb 2\r", "a 1\nb 2", true, false);
        row("two CR before the LF: one stays", "a 1\r\r\n", "a 1\r\n", true, false);
        row("a CR within a line stays", "a\r1\nb\r", "a\r1\nb", true, false);
        row("only CR, as long ago on a Mac", "a 1\rb 2\rc", "a 1\rb 2\rc", false, false);
        row("a byte-order mark", bom + "a 1\n", "a 1\n", false, true);
        row("a byte-order mark and nothing else", bom, "", false, true);
        row("two byte-order marks: one stays", bom + bom + "a", bom + "a", false, true);
        row("a byte-order mark elsewhere stays", "a 1\n" + bom + "b 2\n", "a 1\n" + bom + "b 2\n", false,
            false);
        row("half a byte-order mark", bom.first(2), bom.first(2), false, false);
        row("both", bom + "a 1\r\nb 2", "a 1\nb 2", true, true);
    }
    void repairs()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, expected);
        QFETCH(bool, crlf);
        QFETCH(bool, bom);
        const QByteArray original(text.constData(), text.size());
        const QByteArray shared = text;
        QCOMPARE(repairText(text), (TextRepairs{crlf, bom}));
        QCOMPARE(text, expected);
        QCOMPARE(shared, original); // another holder of the text keeps what it has
    }

    void aCleanTextIsNotCopied()
    {
        QByteArray text = QByteArray("a 1\n").repeated(1000);
        const QByteArray shared = text;
        QCOMPARE(repairText(text), TextRepairs());
        QVERIFY(text.constData() == shared.constData());
    }

    void whatIsMendedIsMendedInPlace()
    {
        QByteArray text = QByteArray("a 1\r\n").repeated(1000);
        text.detach();
        const char *const before = text.constData();
        QCOMPARE(repairText(text), (TextRepairs{true, false}));
        QVERIFY(text.constData() == before);
        QCOMPARE(text, QByteArray("a 1\n").repeated(1000));
    }
};

QTEST_APPLESS_MAIN(TestTextRepair)
#include "tst_textrepair.moc"
