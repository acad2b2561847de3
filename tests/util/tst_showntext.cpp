// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/showntext.h"
#include "common/util/utf8.h"

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
        row("an override of the direction", QString(QChar(0x202E)), "\\u202e");
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

    void linesOfBytes_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("line");
        QTest::newRow("nothing") << QByteArray() << QByteArray();
        QTest::newRow("plain") << QByteArray("größe 测试 \"\\") << QByteArray("größe 测试 \"\\");
        QTest::newRow("controls") << QByteArray("a\n\0\x1b[31m", 8)
                                  << QByteArray("a\\u000a\\u0000\\u001b[31m");
        QTest::newRow("a C1 control") << QByteArray("\u009B2J") << QByteArray("\\u009b2J");
        QTest::newRow("an override of the direction") << QByteArray("a\u202Eb") << QByteArray("a\\u202eb");
        QTest::newRow("not UTF-8") << QByteArray("a\xFF\xE6\xB5z") << QByteArray("a\\xff\\xe6\\xb5z");
    }
    void linesOfBytes()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, line);
        QCOMPARE(escapedLine(bytes), line);
        if (bytes.isValidUtf8())
            QCOMPARE(escapedLine(QString::fromUtf8(bytes)), QString::fromUtf8(line));
    }

    void characters_data()
    {
        QTest::addColumn<uint>("codePoint");
        QTest::addColumn<int>("width");
        QTest::newRow("a letter") << 0x41u << 1;
        QTest::newRow("an umlaut") << 0xF6u << 1;
        QTest::newRow("a soft hyphen") << 0xADu << 1;
        QTest::newRow("a combining accent") << 0x301u << 0;
        QTest::newRow("an enclosing circle") << 0x20DDu << 0;
        QTest::newRow("Cyrillic") << 0x416u << 1;
        QTest::newRow("a Devanagari vowel above") << 0x947u << 0;
        QTest::newRow("Hangul, a leading consonant") << 0x1100u << 2;
        QTest::newRow("Hangul, a vowel that joins it") << 0x1161u << 0;
        QTest::newRow("a zero-width space") << 0x200Bu << 0;
        QTest::newRow("a zero-width joiner") << 0x200Du << 0;
        QTest::newRow("a byte order mark") << 0xFEFFu << 0;
        QTest::newRow("a variation selector") << 0xFE0Fu << 0;
        QTest::newRow("an ambiguous one") << 0xB1u << 1;
        QTest::newRow("Hiragana") << 0x3042u << 2;
        QTest::newRow("a combining voiced sound mark among wide ones") << 0x3099u << 0;
        QTest::newRow("an ideographic space") << 0x3000u << 2;
        QTest::newRow("Han") << 0x6D4Bu << 2;
        QTest::newRow("Han of the second plane") << 0x20000u << 2;
        QTest::newRow("a Hangul syllable") << 0xAC00u << 2;
        QTest::newRow("just after the Hangul syllables") << 0xD7A4u << 1;
        QTest::newRow("a fullwidth letter") << 0xFF21u << 2;
        QTest::newRow("a halfwidth one") << 0xFF71u << 1;
        QTest::newRow("an emoji") << 0x1F680u << 2;
        QTest::newRow("a text symbol among emoji") << 0x1F336u << 1;
        QTest::newRow("a regional indicator") << 0x1F1E9u << 1;
        QTest::newRow("the replacement character") << uint(ReplacementCharacter) << 1;
    }
    void characters()
    {
        QFETCH(uint, codePoint);
        QFETCH(int, width);
        QCOMPARE(displayWidth(codePoint), width);
    }

    void textsOfAnyBytes()
    {
        for (const QByteArray &bytes : {QByteArray("plain"), QByteArray("größe 测试 🚀 e\u0301"), QByteArray(),
                                        QByteArray("\xFF\xFE\x80\n\r\t\0\x7F", 8), QByteArray("\xE6\xB5")}) {
            const DisplayText text(bytes);
            QByteArray shown(text.size + 1, '#');
            QCOMPARE(text.write(shown.data()) - shown.data(), text.size);
            QCOMPARE(shown.back(), '#');
            shown.chop(1);
            QVERIFY(shown.isValidUtf8());
            const DisplayText again(shown);
            QCOMPARE(again.size, text.size);
            QCOMPARE(again.width, text.width);
        }
    }

    void decodingAgreesWithQt()
    {
        // Every sequence of two bytes, and longer ones around the edges of what is valid.
        QByteArrayList samples{"\xE0\x9F\xBF",     "\xE0\xA0\x80",     "\xED\x9F\xBF",
                               "\xED\xA0\x80",     "\xEF\xBF\xBF",     "\xF0\x8F\xBF\xBF",
                               "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "\xF4\x90\x80\x80",
                               "\xF5\x80\x80\x80", "\xE6\xB5\x8B",     "\xF0\x9F\x9A\x80"};
        for (int first = 1; first < 256; ++first) {
            for (int second = 1; second < 256; ++second)
                samples << QByteArray(1, char(first)) + char(second);
        }
        for (const QByteArray &sample : samples) {
            bool valid = true;
            QString decoded;
            for (const char *at = sample.begin(); at != sample.end();) {
                const Utf8Char character = decodeUtf8(at, sample.end());
                valid = valid && character.valid;
                if (character.valid)
                    decoded += QString::fromUcs4(&character.codePoint, 1);
                at += character.size;
            }
            QCOMPARE(valid, sample.isValidUtf8());
            if (valid)
                QCOMPARE(decoded, QString::fromUtf8(sample));
        }
    }
};

QTEST_APPLESS_MAIN(TestShownText)
#include "tst_showntext.moc"
