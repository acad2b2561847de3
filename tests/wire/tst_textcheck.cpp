// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/wire/textcheck.h"

#include <QRandomGenerator>
#include <QStringDecoder>
#include <QTest>

using namespace ExporterProxy;

namespace {

/// What Qt's own decoder says.
bool isUtf8(const QByteArray &text)
{
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    const QString decoded = decoder(text);
    return !decoder.hasError();
}

} // namespace

class TestTextCheck : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void faultsAreNamedWithTheirPlace_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("message");

        QTest::newRow("empty") << QByteArray() << QByteArray();
        QTest::newRow("plain") << QByteArray("a 1\nb 2\n") << QByteArray();
        QTest::newRow("characters of every length") << QByteArray("a ä € 😀 \U0010FFFF\n") << QByteArray();
        QTest::newRow("a byte-order mark") << QByteArray("\xEF\xBB\xBF"
                                                         "a 1\n")
                                           << QByteArray();
        QTest::newRow("carriage returns and other controls") << QByteArray("a 1\r\n\x01\x7F") << QByteArray();

        const auto utf8 = [](const char *place) { return QByteArray("invalid UTF-8 at byte ") + place; };
        QTest::newRow("Latin-1 in the third line")
            << QByteArray("a 1\nb 2\nc{x=\"gr\xFC\xDF\"} 1\n") << utf8("15 (line 3, column 8)");
        QTest::newRow("at the very front") << QByteArray("\x80") << utf8("0 (line 1, column 1)");
        QTest::newRow("first of a line") << QByteArray("a 1\n\xFF") << utf8("4 (line 2, column 1)");
        QTest::newRow("cut off at the end") << QByteArray("a \xE2\x82") << utf8("2 (line 1, column 3)");
        QTest::newRow("an overlong slash") << QByteArray("\xC0\xAF") << utf8("0 (line 1, column 1)");
        QTest::newRow("a surrogate") << QByteArray("x\xED\xA0\x80") << utf8("1 (line 1, column 2)");
        QTest::newRow("beyond U+10FFFF") << QByteArray("x\xF4\x90\x80\x80") << utf8("1 (line 1, column 2)");
        QTest::newRow("after many good lines") << QByteArray("metric{label=\"ä\"} 1\n").repeated(1000)
                + "\xC3(" << utf8("21000 (line 1001, column 1)");

        QTest::newRow("NUL") << QByteArray("a 1\nb\0c", 7)
                             << QByteArray("a NUL byte at byte 5 (line 2, column 2)");
        QTest::newRow("a lone NUL") << QByteArray("\0", 1)
                                    << QByteArray("a NUL byte at byte 0 (line 1, column 1)");
        QTest::newRow("NUL before invalid UTF-8")
            << QByteArray("a\0\xFF", 3) << QByteArray("a NUL byte at byte 1 (line 1, column 2)");
        QTest::newRow("invalid UTF-8 before NUL") << QByteArray("\xFF\0", 2) << utf8("0 (line 1, column 1)");
    }
    void faultsAreNamedWithTheirPlace()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, message);
        const std::optional<Rejection> fault = textFault(text);
        QCOMPARE(fault ? fault->message : QByteArray(), message);
        if (fault) {
            QCOMPARE(fault->reason,
                     message.startsWith("a NUL") ? RejectReason::NulByte : RejectReason::InvalidUtf8);
        }
    }

    void twoByteSequencesAreJudgedAsQtDoes()
    {
        for (int first = 1; first < 256; ++first) {
            for (int second = 1; second < 256; ++second) {
                const QByteArray text{char(first), char(second)};
                QCOMPARE(!textFault(text).has_value(), isUtf8(text));
            }
        }
    }

    void aFaultIsTheFirstOne()
    {
        // Bytes from the edges of the table of well-formed sequences, where the mistakes are.
        const QByteArray edges(
            "a\n\x7F\x80\x8F\x90\x9F\xA0\xBF\xC1\xC2\xDF\xE0\xEC\xED\xEE\xEF\xF0\xF3\xF4\xF5");
        QRandomGenerator random(42);
        int faults = 0;
        for (int round = 0; round < 50'000; ++round) {
            QByteArray text(random.bounded(1, 7), 'x');
            for (char &c : text)
                c = edges[random.bounded(int(edges.size()))];
            const std::optional<Rejection> fault = textFault(text);
            QCOMPARE(!fault.has_value(), isUtf8(text));
            if (!fault)
                continue;
            ++faults;
            const qsizetype at = fault->message.split(' ').at(4).toLongLong();
            QVERIFY2(isUtf8(text.first(at)), text.toHex(' ').constData());
            // No good character begins where the fault is.
            for (qsizetype length = 1; length <= std::min<qsizetype>(4, text.size() - at); ++length)
                QVERIFY2(!isUtf8(text.sliced(at, length)), text.toHex(' ').constData());
        }
        QVERIFY(faults > 1000);
    }

    void copiesAndSeesEveryByte()
    {
        for (const qsizetype size : {0, 1, 15, 16, 17, 4095, 4096, 4097, 10'000}) {
            const QByteArray plain(size, 'x');
            QByteArray out(size, Qt::Uninitialized);
            TextTraits traits = copyText(out.data(), plain);
            QCOMPARE(out, plain);
            QVERIFY(traits.ascii && !traits.hasNul);
            for (const qsizetype at : {qsizetype(0), size / 2, size - 1}) {
                if (at < 0 || at >= size)
                    continue;
                QByteArray odd = plain;
                odd[at] = '\0';
                traits = copyText(out.data(), odd);
                QCOMPARE(out, odd);
                QVERIFY(traits.ascii && traits.hasNul);
                odd[at] = '\x80';
                traits = copyText(out.data(), odd);
                QCOMPARE(out, odd);
                QVERIFY(!traits.ascii && !traits.hasNul);
            }
        }
    }
};

QTEST_APPLESS_MAIN(TestTextCheck)
#include "tst_textcheck.moc"
