// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/details/cellline.h"

#include <QTest>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;

namespace {

/// Returns what is painted, cell by cell: a wide character fills two, the second shown as '_'.
QString shown(QByteArrayView line)
{
    const CellLine cells(line);
    std::vector<CellLine::Piece> pieces;
    cells.pieces(0, line.size(), 0, cells.cells(), pieces);
    QString all;
    int cell = 0;
    for (const CellLine::Piece &piece : pieces) {
        for (; cell < piece.cell; ++cell)
            all += u'_';
        all += piece.text;
        bool first = true;
        for (const char32_t c : piece.text.toUcs4()) {
            if (first || c < 0x7F)
                ++cell;
            first = false;
        }
    }
    return all;
}

} // namespace

class TestCellLine : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyCharacterStaysInItsPlace_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QString>("cells");
        const auto row = [](const char *name, const QByteArray &line, const QString &cells) {
            QTest::newRow(name) << line << cells;
        };
        row("plain ASCII", "up 1", QStringLiteral("up 1"));
        row("a tab is a blank", "a\tb", QStringLiteral("a b"));
        row("controls have pictures", QByteArray("a\0\x1b\x7f", 4), QStringLiteral("a\u2400\u241b\u2421"));
        row("a direction override is replaced",
            "a\xe2\x80\xae"
            "b",
            QStringLiteral("a\ufffd"
                           "b"));
        row("a line separator is replaced",
            "a\xe2\x80\xa8"
            "b",
            QStringLiteral("a\ufffd"
                           "b"));
        row("what is not UTF-8 is replaced", "a\xff\xc3", QStringLiteral("a\ufffd\ufffd"));
        row("right-to-left letters come in the order of the bytes", "\xd7\xa9\xd7\x9c",
            QStringLiteral("\u05e9\u05dc"));
        row("wide characters take two cells", "\xe6\xbc\xa2x", QStringLiteral("\u6f22_x"));
        row("accents combine", "e\xcc\x81x", QStringLiteral("e\u0301x"));
    }

    void everyCharacterStaysInItsPlace()
    {
        QFETCH(QByteArray, line);
        QFETCH(QString, cells);
        QCOMPARE(shown(line), cells);
    }

    void eachRightToLeftLetterIsPaintedByItself()
    {
        const QByteArray line = "x\xd7\xa9\xd7\x9cy";
        const CellLine cells(line);
        std::vector<CellLine::Piece> pieces;
        cells.pieces(0, line.size(), 0, cells.cells(), pieces);
        QCOMPARE(pieces.size(), 4u);
        for (int i = 0; i < 4; ++i) {
            QCOMPARE(pieces[std::size_t(i)].text.size(), 1);
            QCOMPARE(pieces[std::size_t(i)].cell, i);
        }
    }

    void bytesAndCellsFindEachOther()
    {
        const QByteArray line = "a\xe6\xbc\xa2"
                                "e\xcc\x81z"; // a, a wide one, e with an accent, z
        const CellLine cells(line);
        QCOMPARE(cells.cells(), 5);
        QCOMPARE(cells.cellOf(0), 0);
        QCOMPARE(cells.cellOf(1), 1);
        QCOMPARE(cells.cellOf(3), 1); // within the wide one
        QCOMPARE(cells.cellOf(4), 3);
        QCOMPARE(cells.cellOf(7), 4);
        QCOMPARE(cells.cellOf(99), 5);
        QCOMPARE(cells.byteAt(2), 1);
        QCOMPARE(cells.byteAt(3), 4);
        QCOMPARE(cells.byteAt(4), 7);
        QCOMPARE(cells.byteAt(99), line.size());
        QCOMPARE(cells.byteAt(-1), 0);
    }

    void theCursorStepsOverWholeCharacters()
    {
        const QByteArray line = "a\xe6\xbc\xa2"
                                "e\xcc\x81z";
        const CellLine cells(line);
        QList<qsizetype> there;
        for (qsizetype at = 0; at < line.size(); at = cells.nextByte(at))
            there << at;
        QCOMPARE(there, (QList<qsizetype>{0, 1, 4, 7}));
        QList<qsizetype> back;
        for (qsizetype at = line.size(); at > 0; at = cells.previousByte(at))
            back.prepend(cells.previousByte(at));
        QCOMPARE(back, there);
    }

    void onlyWhatIsVisibleIsPainted()
    {
        const QByteArray plain(1000, 'x');
        std::vector<CellLine::Piece> pieces;
        CellLine(plain).pieces(0, plain.size(), 100, 109, pieces);
        QCOMPARE(pieces.size(), 1u);
        QCOMPARE(pieces.front().cell, 100);
        QCOMPARE(pieces.front().text.size(), 10);

        const QByteArray wide = QByteArray("\xe6\xbc\xa2").repeated(1000);
        CellLine(wide).pieces(0, wide.size(), 101, 104, pieces);
        QCOMPARE(pieces.front().cell, 100); // half of it is visible
        QCOMPARE(pieces.back().cell, 104);
    }

    void aVeryLongLineIsCutBetweenCharacters()
    {
        const QByteArray line = 'a' + QByteArray("\xe6\xbc\xa2").repeated(500'000);
        const CellLine cells(line);
        QVERIFY(cells.shownBytes() <= MaxShownLine);
        QVERIFY(cells.shownBytes() > MaxShownLine - 4);
        QCOMPARE((cells.shownBytes() - 1) % 3, 0);
        QCOMPARE(cells.shownBytes() + cells.hiddenBytes(), line.size());
        QCOMPARE(cells.cellOf(line.size()), cells.cells());
    }
};

QTEST_MAIN(TestCellLine)
#include "tst_cellline.moc"
