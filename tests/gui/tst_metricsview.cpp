// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/details/metricsview.h"

#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;

namespace {

/// Families of 12 lines: HELP, TYPE and ten samples, each with its number as value.
QByteArray families(int count, int value = 1)
{
    QByteArray text;
    for (int i = 0; i < count; ++i) {
        const QByteArray name = "family_" + QByteArray::number(i);
        text += "# HELP " + name + " Something\n# TYPE " + name + " gauge\n";
        for (int k = 0; k < 10; ++k)
            text += name + "{k=\"" + QByteArray::number(k) + "\"} " + QByteArray::number(value) + '\n';
    }
    return text;
}

class View : public MetricsView
{
public:
    View()
    {
        resize(600, 300);
        show();
        activateWindow();
        setFocus();
    }
};

} // namespace

class TestMetricsView : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aNewerTextLeavesWhatIsReadInItsPlace()
    {
        View view;
        view.setText(families(100));
        view.goToLine(500);
        QTest::keyClick(&view, Qt::Key_Down, Qt::ShiftModifier);
        const int top = view.topRow();
        QVERIFY(top > 0);
        const qsizetype selected = view.selectedText().size();
        QVERIFY(selected > 0);
        view.updateText(families(100, 23456));
        QCOMPARE(view.topRow(), top);
        QCOMPARE(view.cursorLine(), 501);
        QVERIFY(view.hasSelection());
    }

    void aNewerTextWithMoreBeforeStaysOnItsFamily()
    {
        View view;
        view.setText(families(100));
        view.verticalScrollBar()->setValue(12 * 50 + 3); // within the family 50
        view.updateText("# TYPE first gauge\nfirst 1\n" + families(100));
        QCOMPARE(view.topRow(), 12 * 50 + 3 + 2);
    }

    void anotherTextBeginsAtItsTop()
    {
        View view;
        view.setText(families(100));
        view.goToLine(500);
        view.setText(families(90));
        QCOMPARE(view.topRow(), 0);
        QVERIFY(!view.hasSelection());
    }

    void aShorterTextIsNoHarm()
    {
        View view;
        view.setText(families(100));
        view.setSearch(QStringLiteral("family"), Qt::CaseInsensitive);
        view.goToLine(1100);
        view.selectAll();
        view.updateText("a 1\n");
        QCOMPARE(view.matchCount(), 0);
        view.updateText({});
        QTest::keyClick(&view, Qt::Key_Down);
        QTest::keyClick(&view, Qt::Key_Return);
        view.updateText(families(2));
        QCOMPARE(view.document().families(), 2);
        QVERIFY(!view.grab().isNull());
    }

    void matchesAreCountedAndWrapAround()
    {
        View view;
        view.setText(families(3));
        const QSignalSpy changed(&view, &MetricsView::matchesChanged);
        view.setSearch(QStringLiteral("K=\"7\""), Qt::CaseInsensitive);
        QVERIFY(changed.size() > 0);
        QCOMPARE(view.matchCount(), 3);
        QCOMPARE(view.currentMatch(), 1);
        QCOMPARE(view.cursorLine(), 9);
        QTest::keyClick(&view, Qt::Key_F3);
        QTest::keyClick(&view, Qt::Key_F3);
        QCOMPARE(view.currentMatch(), 3);
        QTest::keyClick(&view, Qt::Key_F3);
        QCOMPARE(view.currentMatch(), 1);
        QTest::keyClick(&view, Qt::Key_F3, Qt::ShiftModifier);
        QCOMPARE(view.currentMatch(), 3);
        view.setSearch(QStringLiteral("K=\"7\""), Qt::CaseSensitive);
        QCOMPARE(view.matchCount(), 0);
        QCOMPARE(view.currentMatch(), 0);
    }

    void aMatchInAFoldedFamilyUnfoldsIt()
    {
        View view;
        view.setText(families(3));
        view.foldAll();
        QCOMPARE(view.document().rows(), 3);
        view.setSearch(QStringLiteral("family_1{k=\"3\""), Qt::CaseInsensitive);
        QCOMPARE(view.document().rows(), 3 + 11);
        QVERIFY(!view.document().family(1).folded);
    }

    void familiesFoldByKeyboardAndMouse()
    {
        View view;
        view.setText(families(3));
        QTest::keyClick(&view, Qt::Key_Minus);
        QVERIFY(view.document().family(0).folded);
        QTest::keyClick(&view, Qt::Key_Plus);
        QVERIFY(!view.document().family(0).folded);
        QTest::keyClick(&view, Qt::Key_Return);
        QVERIFY(view.document().family(0).folded);
        QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, QPoint(8, 5));
        QVERIFY(!view.document().family(0).folded);
    }

    void whatIsSelectedIsCopiedAsItWasSent()
    {
        View view;
        view.setText("a 1\nb \xe2\x80\xae 2\n");
        QTest::keyClick(&view, Qt::Key_Down);
        QTest::keyClick(&view, Qt::Key_End, Qt::ShiftModifier);
        QCOMPARE(view.selectedText(), "b \xe2\x80\xae 2");
        QTest::keySequence(&view, QKeySequence::Copy);
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("b \u202e 2"));
        QTest::keySequence(&view, QKeySequence::SelectAll);
        QCOMPARE(view.selectedText(), view.document().text());
        view.copyAll();
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("a 1\nb \u202e 2\n"));
    }

    void theCursorReachesEveryPlace()
    {
        View view;
        view.setText("ab\n\n\xe6\xbc\xa2z\n");
        QList<int> lines;
        for (int i = 0; i < 8; ++i) {
            lines << view.cursorLine();
            QTest::keyClick(&view, Qt::Key_Right);
        }
        QCOMPARE(lines, (QList<int>{0, 0, 0, 1, 2, 2, 2, 2}));
        QTest::keyClick(&view, Qt::Key_Home, Qt::ControlModifier);
        QCOMPARE(view.cursorLine(), 0);
        QTest::keyClick(&view, Qt::Key_End, Qt::ControlModifier);
        QCOMPARE(view.cursorLine(), 2);
    }

    void coloursFollowThePalette()
    {
        View view;
        view.setText(families(3));
        const QImage light = view.grab().toImage();
        QPalette dark;
        dark.setColor(QPalette::Base, QColor(0x1b, 0x1e, 0x20));
        dark.setColor(QPalette::Text, Qt::white);
        view.setPalette(dark);
        const QImage after = view.viewport()->grab().toImage();
        QCOMPARE(after.pixelColor(after.width() - 5, after.height() - 5), QColor(0x1b, 0x1e, 0x20));
        QVERIFY(light != view.grab().toImage());
    }

    void hostileTextNeitherFreezesNorCrashes_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("one line of a megabyte") << QByteArray(1'000'000, 'x');
        QTest::newRow("lines of a megabyte of wide characters and overrides")
            << ("a{b=\"" + QByteArray("\xe6\xbc\xa2\xe2\x80\xae").repeated(160'000) + "\"} 1\n").repeated(10);
        QTest::newRow("a megabyte of quotes and braces") << QByteArray("{\"\\}").repeated(250'000);
        QTest::newRow("NUL and controls") << QByteArray("\0\1\2\x1b[2J\x7f\r\n", 10).repeated(10'000);
        QTest::newRow("not UTF-8") << QByteArray("\xff\xfe\xc3(\n").repeated(10'000);
        QTest::newRow("nothing but newlines") << QByteArray(1'000'000, '\n');
        QTest::newRow("combining marks without an end") << QByteArray("\xcc\x81").repeated(500'000);
    }

    void hostileTextNeitherFreezesNorCrashes()
    {
        QFETCH(QByteArray, text);
        View view;
        view.setText(text);
        QElapsedTimer time;
        time.start();
        QVERIFY(!view.grab().isNull());
        view.setSearch(QStringLiteral("x"), Qt::CaseInsensitive);
        for (const auto key : {Qt::Key_End, Qt::Key_PageDown, Qt::Key_Left, Qt::Key_Down, Qt::Key_Home}) {
            QTest::keyClick(&view, key);
            view.viewport()->repaint();
        }
        QTest::keyClick(&view, Qt::Key_End, Qt::ControlModifier);
        QVERIFY(!view.grab().isNull());
        view.foldAll();
        QVERIFY(!view.grab().isNull());
        // It takes some hundredths of a second; a quadratic way of it takes minutes.
        QVERIFY2(time.elapsed() < 20'000, qPrintable(QString::number(time.elapsed())));
    }

    void theLargestTextOpensAtOnce()
    {
        const QByteArray text = families(int(MaxShownText / families(1).size()) + 1000);
        View view;
        QElapsedTimer time;
        time.start();
        view.setText(text);
        QVERIFY(view.document().isCut());
        QVERIFY(!view.grab().isNull());
        QTest::keyClick(&view, Qt::Key_End, Qt::ControlModifier);
        QVERIFY(!view.grab().isNull());
        QVERIFY(view.topRow() > 100'000);
        QVERIFY2(time.elapsed() < 10'000, qPrintable(QString::number(time.elapsed())));
    }
};

QTEST_MAIN(TestMetricsView)
#include "tst_metricsview.moc"
