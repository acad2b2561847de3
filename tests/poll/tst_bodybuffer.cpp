// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/bodybuffer.h"
#include "tests/poll/gzip.h"

#include <QTest>

using namespace ExporterProxy;

namespace {

using Status = BodyBuffer::Status;
using Encoding = BodyBuffer::Encoding;

/// Feeds in pieces; the first status that is not good, or that of the end.
Status feed(BodyBuffer &body, const QByteArray &bytes, qsizetype piece)
{
    for (qsizetype at = 0; at < bytes.size(); at += piece) {
        const Status status =
            body.append(QByteArrayView(bytes).sliced(at, std::min(piece, bytes.size() - at)));
        if (status != Status::Good)
            return status;
    }
    return body.finish();
}

QByteArray someText(qsizetype size)
{
    QByteArray text;
    for (int i = 0; text.size() < size; ++i)
        text +=
            "metric{number=\"" + QByteArray::number(i) + "\"} " + QByteArray::number(i * 7919 % 1009) + '\n';
    return text.first(size);
}

} // namespace

class TestBodyBuffer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void bodiesComeOutAsTheyWere_data()
    {
        QTest::addColumn<Encoding>("encoding");
        QTest::addColumn<QByteArray>("wire");
        QTest::addColumn<QByteArray>("text");
        const QByteArray page = someText(300'000);
        QTest::newRow("plain") << Encoding::Identity << page << page;
        QTest::newRow("plain and empty") << Encoding::Identity << QByteArray() << QByteArray();
        QTest::newRow("gzip") << Encoding::Gzip << gzip(page) << page;
        QTest::newRow("gzip of nothing") << Encoding::Gzip << gzip({}) << QByteArray();
        QTest::newRow("gzip in two members")
            << Encoding::Gzip << gzip(page) + gzip("x 1\n") << page + "x 1\n";
        QTest::newRow("gzip with an empty member") << Encoding::Gzip << gzip(page) + gzip({}) << page;
        QTest::newRow("gzip that expands to the limit")
            << Encoding::Gzip << gzip(QByteArray(1 << 20, '\n')) << QByteArray(1 << 20, '\n');
    }
    void bodiesComeOutAsTheyWere()
    {
        QFETCH(Encoding, encoding);
        QFETCH(QByteArray, wire);
        QFETCH(QByteArray, text);
        BodyBuffer body(1 << 20);
        for (const qsizetype piece : {qsizetype(1), qsizetype(1000), qsizetype(1 << 20)}) {
            for (const qint64 expected : {qint64(0), qint64(10), qint64(text.size()), qint64(1) << 40}) {
                body.start(encoding, expected);
                QCOMPARE(feed(body, wire, piece), Status::Good);
                const QByteArray out = body.take();
                QVERIFY(out == text);
                QVERIFY2(out.capacity() <= out.size() + out.size() / 8 + 64,
                         QByteArray::number(out.capacity()).constData());
            }
        }
    }

    void aByteOverTheLimitIsTooMuch_data()
    {
        QTest::addColumn<Encoding>("encoding");
        QTest::addColumn<QByteArray>("wire");
        const QByteArray text(100'001, '\n');
        QTest::newRow("plain") << Encoding::Identity << text;
        QTest::newRow("gzip") << Encoding::Gzip << gzip(text);
        QTest::newRow("the member after the last that fits")
            << Encoding::Gzip << gzip(text.first(100'000)) + gzip("x");
        QTest::newRow("bomb") << Encoding::Gzip << gzipBomb();
    }
    void aByteOverTheLimitIsTooMuch()
    {
        QFETCH(Encoding, encoding);
        QFETCH(QByteArray, wire);
        BodyBuffer body(100'000);
        for (const qsizetype piece : {qsizetype(100), wire.size()}) {
            body.start(encoding, 0);
            QCOMPARE(feed(body, wire, piece), Status::TooLarge);
            QVERIFY(body.take().capacity() <= 101'000);
        }
    }

    void brokenCompressionIsNoticed_data()
    {
        QTest::addColumn<QByteArray>("wire");
        const QByteArray good = gzip(someText(100'000));
        QByteArray wrongSum = good;
        wrongSum[wrongSum.size() - 6] = char(wrongSum[wrongSum.size() - 6] + 1);
        QTest::newRow("not gzip") << QByteArray("x 1\n");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("ends in the middle") << good.first(good.size() / 2);
        QTest::newRow("lacks the last byte") << good.chopped(1);
        QTest::newRow("wrong checksum") << wrongSum;
        QTest::newRow("something after the end") << good + "x 1\n";
    }
    void brokenCompressionIsNoticed()
    {
        QFETCH(QByteArray, wire);
        for (const qsizetype piece : {qsizetype(1), qsizetype(1 << 20)}) {
            BodyBuffer body(1 << 20);
            body.start(Encoding::Gzip, 0);
            QCOMPARE(feed(body, wire, piece), Status::Corrupt);
        }
    }
};

QTEST_APPLESS_MAIN(TestBodyBuffer)
#include "tst_bodybuffer.moc"
