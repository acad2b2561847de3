// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/wire/textcopy.h"

#include <QByteArray>
#include <QTest>

using namespace ExporterProxy;

class TestTextCopy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
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

QTEST_APPLESS_MAIN(TestTextCopy)
#include "tst_textcopy.moc"
