// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/showntext.h"

#include <QTest>

using namespace ExporterProxy;

class TestShownText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void texts_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("shown");
        const auto row = [](const char *name, const QString &text, const char *shown) {
            QTest::newRow(name) << text << QString::fromUtf8(shown);
        };
        row("nothing", {}, "");
        row("plain", QStringLiteral("größe"), "größe");
        row("lines", QStringLiteral("a\nb\r"), "a\\u000ab\\u000d");
        row("a terminal's escape", QStringLiteral("\x1b[31m"), "\\u001b[31m");
        row("a line separator", QString(QChar(0x2028)), "\\u2028");
        row("a URL", QStringLiteral("http://h:1/x"), "http://h:1/x");
        row("a URL with a password", QStringLiteral("http://u:secret@h:1/x"), "http://***@h:1/x");
        row("a password with an at sign", QStringLiteral("http://u:se@cret@h"), "http://***@h");
        row("a password with a slash", QStringLiteral("http://u:se/cret@h"), "http://***@h");
        row("several URLs", QStringLiteral("[\"http://u:secret@a\", \"http://v:secret@b\"]"),
            "[\"http://***@b\"]");
        row("an at sign and no URL", QStringLiteral("user@host"), "user@host");
    }
    void texts()
    {
        QFETCH(QString, text);
        QFETCH(QString, shown);
        QCOMPARE(shownText(text), shown);
        QCOMPARE(quotedText(text), u'"' + shown + u'"');
    }

    void longTextsAreCut()
    {
        QCOMPARE(shownText(QString(160, u'x')), QString(160, u'x'));
        QCOMPARE(shownText(QString(161, u'x')), QString(160, u'x') + QChar(0x2026));
        // Between the two halves of a character beyond the first plane nothing is cut.
        const QString astral = QString(159, u'x') + QString::fromUtf8("\xF0\x9F\x98\x80") + u'x';
        QCOMPARE(shownText(astral), QString(159, u'x') + QChar(0x2026));
    }
};

QTEST_APPLESS_MAIN(TestShownText)
#include "tst_showntext.moc"
