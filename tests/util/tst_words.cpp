// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/words.h"

#include <QDateTime>
#include <QTest>

using namespace ExporterProxy;

Q_DECLARE_METATYPE(std::chrono::nanoseconds)

class TestWords : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void moments_data()
    {
        using namespace std::chrono;
        QTest::addColumn<nanoseconds>("time");
        QTest::addColumn<QByteArray>("table");
        QTest::addColumn<QByteArray>("rfc3339");
        const nanoseconds example = (sys_days{year{2022} / 5 / 22} + 23h + 51min + 52s).time_since_epoch();
        QTest::newRow("a whole second")
            << example << QByteArray("2022-05-22 23:51:52 UTC") << QByteArray("2022-05-22T23:51:52Z");
        QTest::newRow("milliseconds") << example + 20ms << QByteArray("2022-05-22 23:51:52.020 UTC")
                                      << QByteArray("2022-05-22T23:51:52.020Z");
        QTest::newRow("microseconds") << example + 939'810us << QByteArray("2022-05-22 23:51:52.939810 UTC")
                                      << QByteArray("2022-05-22T23:51:52.939810Z");
        QTest::newRow("one microsecond") << example + 1us << QByteArray("2022-05-22 23:51:52.000001 UTC")
                                         << QByteArray("2022-05-22T23:51:52.000001Z");
        QTest::newRow("nanoseconds") << example + 939'898'700ns
                                     << QByteArray("2022-05-22 23:51:52.939898700 UTC")
                                     << QByteArray("2022-05-22T23:51:52.939898700Z");
        QTest::newRow("the epoch") << 0ns << QByteArray("1970-01-01 00:00:00 UTC")
                                   << QByteArray("1970-01-01T00:00:00Z");
        QTest::newRow("just before the epoch") << -1ns << QByteArray("1969-12-31 23:59:59.999999999 UTC")
                                               << QByteArray("1969-12-31T23:59:59.999999999Z");
        QTest::newRow("a leap day") << nanoseconds((sys_days{year{2024} / 2 / 29} + 1s).time_since_epoch())
                                    << QByteArray("2024-02-29 00:00:01 UTC")
                                    << QByteArray("2024-02-29T00:00:01Z");
        QTest::newRow("the earliest that can be held")
            << nanoseconds::min() << QByteArray("1677-09-21 00:12:43.145224192 UTC")
            << QByteArray("1677-09-21T00:12:43.145224192Z");
        QTest::newRow("the latest that can be held")
            << nanoseconds::max() << QByteArray("2262-04-11 23:47:16.854775807 UTC")
            << QByteArray("2262-04-11T23:47:16.854775807Z");
    }
    void moments()
    {
        QFETCH(std::chrono::nanoseconds, time);
        QFETCH(QByteArray, table);
        QFETCH(QByteArray, rfc3339);
        QByteArray out = "before ";
        appendUtcTime(out, Timestamp{time}, UtcForm::Table);
        QCOMPARE(out, "before " + table);
        out.clear();
        appendUtcTime(out, Timestamp{time}, UtcForm::Rfc3339);
        QCOMPARE(out, rfc3339);
        QCOMPARE(qsizetype(utcTimeSize(Timestamp{time}, UtcForm::Table)), table.size());
        QCOMPARE(qsizetype(utcTimeSize(Timestamp{time}, UtcForm::Rfc3339)), rfc3339.size());
        QVERIFY(std::size_t(table.size()) <= UtcTimeMaxSize);
        QVERIFY(readUtcTime(rfc3339) == Timestamp{time});
    }

    void whatIsNoMomentIsNotRead_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("the table's form") << QByteArray("2022-05-22 23:51:52 UTC");
        QTest::newRow("no Z") << QByteArray("2022-05-22T23:51:52");
        QTest::newRow("another zone") << QByteArray("2022-05-22T23:51:52+02:00");
        QTest::newRow("a point without digits") << QByteArray("2022-05-22T23:51:52.Z");
        QTest::newRow("ten digits of fraction") << QByteArray("2022-05-22T23:51:52.1234567890Z");
        QTest::newRow("a letter in the fraction") << QByteArray("2022-05-22T23:51:52.1x3Z");
        QTest::newRow("a comma for the point") << QByteArray("2022-05-22T23:51:52,123Z");
        QTest::newRow("a letter in the year") << QByteArray("20x2-05-22T23:51:52Z");
        QTest::newRow("a letter in the month") << QByteArray("2022-x5-22T23:51:52Z");
        QTest::newRow("a sign in the hour") << QByteArray("2022-05-22T-1:51:52Z");
        QTest::newRow("month 13") << QByteArray("2022-13-22T23:51:52Z");
        QTest::newRow("no leap day") << QByteArray("2023-02-29T23:51:52Z");
        QTest::newRow("hour 24") << QByteArray("2022-05-22T24:00:00Z");
        QTest::newRow("second 60") << QByteArray("2022-05-22T23:59:60Z");
        QTest::newRow("a nanosecond too early") << QByteArray("1677-09-21T00:12:43.145224191Z");
        QTest::newRow("a nanosecond too late") << QByteArray("2262-04-11T23:47:16.854775808Z");
        QTest::newRow("the year 9999") << QByteArray("9999-12-31T23:59:59Z");
        QTest::newRow("the year 0") << QByteArray("0000-01-01T00:00:00Z");
    }
    void whatIsNoMomentIsNotRead()
    {
        QFETCH(QByteArray, text);
        QVERIFY(!readUtcTime(text));
    }

    void everyDayOfFourHundredYearsAsQtSeesIt()
    {
        for (qint64 day = -100 * 365; day < 290 * 365; ++day) {
            const std::chrono::milliseconds time{day * 86'400'000 + 45'296'007};
            QByteArray out;
            appendUtcTime(out, Timestamp{time}, UtcForm::Rfc3339);
            QCOMPARE(
                out,
                QDateTime::fromMSecsSinceEpoch(time.count()).toUTC().toString(Qt::ISODateWithMs).toLatin1());
        }
    }

    void seconds_data()
    {
        QTest::addColumn<qint64>("milliseconds");
        QTest::addColumn<QByteArray>("written");
        QTest::newRow("none") << qint64{0} << QByteArray("0");
        QTest::newRow("whole") << qint64{5000} << QByteArray("5");
        QTest::newRow("a half") << qint64{2500} << QByteArray("2.5");
        QTest::newRow("a millisecond") << qint64{1} << QByteArray("0.001");
        QTest::newRow("trailing zeros go, inner ones stay")
            << qint64{1653263467050} << QByteArray("1653263467.05");
        QTest::newRow("negative") << qint64{-1} << QByteArray("-0.001");
        QTest::newRow("the least") << std::numeric_limits<qint64>::min()
                                   << QByteArray("-9223372036854775.808");
        QTest::newRow("the most") << std::numeric_limits<qint64>::max() << QByteArray("9223372036854775.807");
    }
    void seconds()
    {
        QFETCH(qint64, milliseconds);
        QFETCH(QByteArray, written);
        char out[SecondsMaxSize];
        QCOMPARE(QByteArray(out, writeSeconds(out, std::chrono::milliseconds{milliseconds}) - out), written);
    }

    void momentsInWords()
    {
        using namespace std::chrono_literals;
        const Timestamp moment{784'111'777s};
        QCOMPARE(httpDateText(moment + 999ms), "Sun, 06 Nov 1994 08:49:37 GMT");
        QCOMPARE(httpDateText(Timestamp(951'782'400s)), "Tue, 29 Feb 2000 00:00:00 GMT");
        QCOMPARE(utcText(moment + 999'999'999ns, 1s), "1994-11-06 08:49:37 UTC");
        QCOMPARE(utcText(moment + 999'999'999ns, 1ms), "1994-11-06 08:49:37.999 UTC");
        QCOMPARE(utcText(Timestamp::min(), 1ms), "1677-09-21 00:12:43.146 UTC"); // towards the epoch
    }

    void durationsInWords()
    {
        using namespace std::chrono_literals;
        QCOMPARE(durationText(-5s), "0 s");
        QCOMPARE(durationText(59s), "59 s");
        QCOMPARE(durationText(60s), "1 min 0 s");
        QCOMPARE(durationText(185s), "3 min 5 s");
        QCOMPARE(durationText(3'599s), "59 min 59 s");
        QCOMPARE(durationText(2h + 5min + 59s), "2 h 5 min");
        QCOMPARE(durationText(24h * 12 + 3h + 59min), "12 d 3 h");
    }

    void sizesInWords()
    {
        QCOMPARE(sizeText(0), "0 B");
        QCOMPARE(sizeText(1023), "1023 B");
        QCOMPARE(sizeText(12'595), "12.3 KiB");
        QCOMPARE(sizeText(qint64{5} << 30), "5120.0 MiB");
        QCOMPARE(exactSizeText(0), "0 bytes");
        QCOMPARE(exactSizeText(1000), "1000 bytes");
        QCOMPARE(exactSizeText(3 << 10), "3 KiB");
        QCOMPARE(exactSizeText(64 << 20), "64 MiB");
    }
};

QTEST_APPLESS_MAIN(TestWords)
#include "tst_words.moc"
