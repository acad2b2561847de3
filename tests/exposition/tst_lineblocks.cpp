// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/lineblocks.h"

#include <QTest>
#include <zlib.h>

using namespace ExporterProxy;

namespace {

/// Lines of which one may differ.
QByteArray lines(int count, int other = -1, const QByteArray &value = "12345678901")
{
    QByteArray text;
    for (int i = 0; i < count; ++i)
        text += "line " + QByteArray::number(i) + ' ' + (i == other ? value : QByteArray("1")) + '\n';
    return text;
}

QByteArray gunzipped(const LineBlocks &blocks, qsizetype size)
{
    PageBuilder page;
    GzipMember member;
    page.append(GzipMember::header());
    blocks.appendTo(page, member);
    page.append(member.trailer());
    QByteArray compressed;
    const std::shared_ptr<const Page> whole = page.take();
    for (const QByteArray &part : whole->parts)
        compressed += part;
    QByteArray text(size + 1, '\0');
    z_stream stream{};
    inflateInit2(&stream, 16 + MAX_WBITS);
    stream.next_in = reinterpret_cast<Bytef *>(compressed.data());
    stream.avail_in = uInt(compressed.size());
    stream.next_out = reinterpret_cast<Bytef *>(text.data());
    stream.avail_out = uInt(text.size());
    const bool isWhole = inflate(&stream, Z_FINISH) == Z_STREAM_END; // and the checksum is right
    text.truncate(qsizetype(stream.total_out));
    inflateEnd(&stream);
    return isWhole ? text : QByteArray();
}

} // namespace

class TestLineBlocks : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void holdsTheText_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("a line") << lines(1);
        QTest::newRow("a block") << lines(LineBlocks::BlockLines);
        QTest::newRow("a line more") << lines(LineBlocks::BlockLines + 1);
        QTest::newRow("many blocks") << lines(10'000);
        QTest::newRow("without its newline") << lines(1'000).chopped(1);
    }

    void holdsTheText()
    {
        QFETCH(const QByteArray, text);
        Deflater deflater;
        LineBlocks blocks(deflater);
        QCOMPARE(blocks.follow(text), text.size());
        QCOMPARE(gunzipped(blocks, text.size()), text);
        QCOMPARE(blocks.follow(text), 0);
        QCOMPARE(gunzipped(blocks, text.size()), text);
    }

    void aChangeCostsItsBlock()
    {
        Deflater deflater;
        LineBlocks blocks(deflater);
        blocks.follow(lines(10'000));
        const QByteArray longer = lines(10'000, 5'000);
        const qint64 deflated = blocks.follow(longer);
        QVERIFY2(deflated > 0 && deflated < longer.size() / 10, QByteArray::number(deflated).constData());
        QCOMPARE(gunzipped(blocks, longer.size()), longer);
        const QByteArray asLong = lines(10'000, 5'000, "12345678902");
        QVERIFY(blocks.follow(asLong) > 0);
        QCOMPARE(gunzipped(blocks, asLong.size()), asLong);
    }

    void linesComeAndGo()
    {
        Deflater deflater;
        LineBlocks blocks(deflater);
        for (const int count : {10'000, 100, 0, 5'000, 5'001, 512, 513}) {
            const QByteArray text = lines(count);
            blocks.follow(text);
            QCOMPARE(gunzipped(blocks, text.size()), text);
        }
        const QByteArray shifted = "another\n" + lines(10'000);
        blocks.follow(shifted);
        QCOMPARE(gunzipped(blocks, shifted.size()), shifted);
    }
};

QTEST_GUILESS_MAIN(TestLineBlocks)

#include "tst_lineblocks.moc"
