// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/httptext.h"

#include <QTest>

using namespace ExporterProxy;

class TestContentNegotiation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void gzipByAcceptEncoding_data()
    {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<bool>("gzip");
        QTest::newRow("no header") << QByteArray() << false;
        QTest::newRow("what Prometheus sends") << QByteArray("gzip") << true;
        QTest::newRow("what curl sends") << QByteArray("deflate, gzip, br, zstd") << true;
        QTest::newRow("in capitals") << QByteArray("GZIP") << true;
        QTest::newRow("its old name") << QByteArray("x-gzip") << true;
        QTest::newRow("with a low weight") << QByteArray("br, gzip;q=0.001") << true;
        QTest::newRow("excluded") << QByteArray("gzip;q=0, *") << false;
        QTest::newRow("excluded with decimals") << QByteArray("gzip; q=0.000") << false;
        QTest::newRow("excluded with a space") << QByteArray("gzip ; q = 0") << false;
        QTest::newRow("any") << QByteArray("*") << true;
        QTest::newRow("none but identity") << QByteArray("identity, *;q=0") << false;
        QTest::newRow("another word that begins so") << QByteArray("gzipped") << false;
        QTest::newRow("an invalid weight over one") << QByteArray("gzip;q=2") << true;
        QTest::newRow("an unreadable weight") << QByteArray("gzip;q=abc") << false;
        QTest::newRow("an empty weight") << QByteArray("gzip;q=") << false;
        QTest::newRow("a negative weight") << QByteArray("gzip;q=-1") << false;
        QTest::newRow("a weight of many digits") << QByteArray("gzip;q=99999999999999999999") << false;
        QTest::newRow("empty elements") << QByteArray(",, ,gzip,") << true;
        QTest::newRow("only punctuation") << QByteArray(";;=,;q") << false;
    }
    void gzipByAcceptEncoding()
    {
        QFETCH(QByteArray, value);
        QFETCH(bool, gzip);
        QCOMPARE(acceptsGzip(value), gzip);
    }

    void jsonByAccept_data()
    {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<bool>("json");
        QTest::newRow("no header") << QByteArray() << false;
        QTest::newRow("JSON") << QByteArray("application/json") << true;
        QTest::newRow("JSON with a parameter") << QByteArray("application/json; charset=utf-8") << true;
        QTest::newRow("anything, as curl says") << QByteArray("*/*") << false;
        QTest::newRow("plain text") << QByteArray("text/plain") << false;
        QTest::newRow("a browser") << QByteArray(
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
                                   << false;
        QTest::newRow("a script's library") << QByteArray("application/json, text/plain, */*") << true;
        QTest::newRow("text before JSON") << QByteArray("text/plain, application/json;q=0.5") << false;
        QTest::newRow("JSON before text") << QByteArray("text/plain;q=0.5, application/json") << true;
        QTest::newRow("anything but JSON") << QByteArray("application/json;q=0, */*") << false;
        QTest::newRow("any application type") << QByteArray("application/*") << true;
        QTest::newRow("any application type, but text rather")
            << QByteArray("application/*;q=0.2, text/*") << false;
        QTest::newRow("the most specific range counts")
            << QByteArray("application/json;q=0.1, application/*, text/plain;q=0.5") << false;
        QTest::newRow("an invalid weight of two") << QByteArray("application/json;q=2") << true;
        QTest::newRow("an unreadable weight is passed over")
            << QByteArray("application/json;q=x, */*") << false;
        QTest::newRow("Prometheus 2.49 asking for metrics") << QByteArray(
            "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=2,*/*;q=0.1")
                                                            << false;
    }
    void jsonByAccept()
    {
        QFETCH(QByteArray, value);
        QFETCH(bool, json);
        QCOMPARE(prefersJson(value), json);
    }

    void openMetricsByAccept_data()
    {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<bool>("openMetrics");
        const auto row = [](const char *what, const char *value, bool openMetrics) {
            QTest::newRow(what) << QByteArray(value) << openMetrics;
        };
        row("no header", "", false);
        row("anything, as curl says", "*/*", false);
        row("any application type", "application/*", false);
        row("OpenMetrics", "Application/OpenMetrics-Text", true);
        row("Prometheus 2.42",
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
            "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            true);
        row("Prometheus 2.49, by whose weights text comes first",
            "application/openmetrics-text;version=1.0.0;q=0.5,application/"
            "openmetrics-text;version=0.0.1;q=0.4,"
            "text/plain;version=0.0.4;q=2,*/*;q=0.1",
            false);
        row("Prometheus 3",
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
            "application/openmetrics-text;version=0.0.1;q=0.5,text/"
            "plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
            "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            true);
        row("only text", "text/plain;version=0.0.4", false);
        row("text rather", "text/plain, application/openmetrics-text;q=0.9", false);
        row("anything rather", "*/*, application/openmetrics-text;q=0.9", false);
        row("never", "application/openmetrics-text;q=0", false);
    }
    void openMetricsByAccept()
    {
        QFETCH(QByteArray, value);
        QTEST(prefersOpenMetrics(value), "openMetrics");
    }

    void entityTags_data()
    {
        QTest::addColumn<QByteArray>("ifNoneMatch");
        QTest::addColumn<bool>("matches");
        QTest::newRow("no header") << QByteArray() << false;
        QTest::newRow("the same") << QByteArray("\"a1\"") << true;
        QTest::newRow("weak") << QByteArray("W/\"a1\"") << true;
        QTest::newRow("in a list") << QByteArray("\"x\", \"a1\"") << true;
        QTest::newRow("any") << QByteArray("*") << true;
        QTest::newRow("another") << QByteArray("\"a2\"") << false;
        QTest::newRow("without quotes") << QByteArray("a1") << false;
    }
    void entityTags()
    {
        QFETCH(QByteArray, ifNoneMatch);
        QFETCH(bool, matches);
        QCOMPARE(etagMatches(ifNoneMatch, "\"a1\""), matches);
    }
};

QTEST_APPLESS_MAIN(TestContentNegotiation)
#include "tst_contentnegotiation.moc"
