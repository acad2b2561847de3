// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/settingsloader.h"

#include <QElapsedTimer>
#include <QRegularExpression>
#include <QTest>

using namespace ExporterProxy;

namespace {

constexpr int Many = 500'000;

QStringList errorsOf(const QByteArray &toml, const QList<SettingOverride> &overrides = {})
{
    const Result<Settings> loaded = loadSettings(toml, QStringLiteral("c"), overrides);
    return loaded ? QStringList() : loaded.error().split(u'\n');
}

} // namespace

/// Whatever a file holds, it ends in settings or in errors: soon, and not in a crash.
class TestHostileConfig : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void files_data()
    {
        QTest::addColumn<QByteArray>("toml");
        QTest::addColumn<QString>("begin"); // of the first error
        const auto row = [](const char *name, const QByteArray &toml, const char *begin) {
            QTest::newRow(name) << toml << QString::fromUtf8(begin);
        };
        row("inline tables of many parts", "a = " + QByteArray("{a.a.a.a.a.a.a.a = ").repeated(20'000),
            "c:1:");
        row("as deep as the parser takes",
            "a = " + QByteArray("{a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a = ").repeated(254) + "1"
                + QByteArray("}").repeated(254),
            "c:1:1: unknown section \"a\"");
        row("nested arrays", "a = " + QByteArray("[").repeated(Many), "c:1:");
        row("nested inline tables", "a = " + QByteArray("{a = ").repeated(100'000), "c:1:");
        row("tables in tables", QByteArray("[[a]]\n").repeated(100'000), "c:1:3: unknown section \"a\"");
        row("a huge integer", "[exporter]\nworker_threads = " + QByteArray("9").repeated(10'000), "c:2:");
        row("a huge exponent", "[receiver]\nmessage_timeout = 1e999999", "c:2:");
        row("a huge hexadecimal integer", "[limits]\nmax_apps = 0xFFFFFFFFFFFFFFFFFFFF", "c:2:");
        row("the largest integer", "[limits]\nmax_apps = 9223372036854775807", "c:2:12: limits.max_apps: ");
        row("the smallest integer", "[limits]\nmax_total_size = -9223372036854775808",
            "c:2:18: limits.max_total_size: ");
        row("a surrogate as an escape", "[log]\nlevel = \"\\uD800\"", "c:2:");
        row("invalid UTF-8", "[log]\nlevel = \"\xFF\xFE\"", "c:2:");
        row("invalid UTF-8 in a comment", "# \xC3\x28\n", "c:1:");
        row("UTF-16", QByteArray("\xFF\xFE[\0l\0o\0g\0]\0", 12), "c:1:");
        row("a NUL in a string", QByteArray("[log]\nlevel = \"in\0fo\"", 21), "c:2:");
        row("a NUL between lines", QByteArray("[log]\n\0level = \"info\"", 21), "c:2:1: ");
        row("a NUL as an escape", "[receiver]\nunix_socket_user = \"root\\u0000\"",
            "c:2:20: receiver.unix_socket_user: has a control character");
        row("a carriage return alone", "[log]\rlevel = \"info\"", "c:1:");
        row("a key twice", "[log]\nlevel = 'info'\nlevel = 'debug'", "c:3:");
        row("a section twice", "[log]\nlevel = 'info'\n[log]\nlevel = 'debug'", "c:3:");
        row("a section as a key and as a header", "log.level = 'info'\n[log]\n", "c:2:");
        row("a string that is not closed", "[log]\nlevel = \"info", "c:2:");
        row("a string of many lines that is not closed", "[log]\nlevel = \"\"\"info\n\n", "c:");
        row("a header that is not closed", "[log\n", "c:1:");
        row("a key without a value", "[log]\nlevel\n", "c:2:");
        row("a value without quotes", "[log]\nlevel = info\n", "c:2:");
        row("a value that is not closed", "[poll_external]\nother_scrape_endpoints = ['http://h',", "c:2:");
        row("quotes and nothing else", QByteArray("\"").repeated(1'000'000), "c:1:");
        row("not TOML at all", QByteArray("\x7f\x45\x4c\x46\x02\x01\x01", 7), "c:1:");
        row("a line of a megabyte as a key", QByteArray("k").repeated(1'000'000) + " = 1",
            "c:1:1: unknown key \"kkk");
        row("a line of a megabyte as a value", "[log]\nlevel = '" + QByteArray("v").repeated(1'000'000) + "'",
            "c:2:9: log.level: \"vvv");
        row("a line of a megabyte as a path",
            "[receiver]\nreceiver_unix_socket = '" + QByteArray("v").repeated(1'000'000) + "'",
            "c:2:24: receiver.receiver_unix_socket: the path has 1000000 bytes");
        row("a line of a megabyte as a URL",
            "[poll_external]\nother_scrape_endpoints = ['http://" + QByteArray("h").repeated(1'000'000)
                + "']",
            "c:2:27: poll_external");
        row("a line of a megabyte as a comment", "#" + QByteArray(" x").repeated(Many) + "\nx = 1",
            "c:2:1: unknown key \"x\"");
        row("larger than a configuration", QByteArray(MaxConfigSize + 1, '\n'),
            "c: has more than the 1048576 bytes of a configuration");
        QByteArray unknown;
        for (int i = 0; i < 50'000; ++i)
            unknown += "banana" + QByteArray::number(i) + " = 1\n";
        row("unknown keys without end", unknown, "c:");
        row("unknown keys without end in a section", "[receiver]\n" + unknown, "c:");
        row("wrong URLs without end",
            "[poll_external]\nother_scrape_endpoints = [" + QByteArray("'x',").repeated(200'000) + "]",
            "c:2:");
    }
    void files()
    {
        QFETCH(QByteArray, toml);
        QFETCH(QString, begin);
        QElapsedTimer timer;
        timer.start();
        const QStringList errors = errorsOf(toml);
        QVERIFY(timer.elapsed() < 30'000);
        QVERIFY(!errors.isEmpty());
        QVERIFY2(errors.front().startsWith(begin), qPrintable(errors.front()));
        QVERIFY(errors.size() <= 101);
        QCOMPARE(errors.back() == u"there are more errors; the first 100 are shown", errors.size() == 101);
        QCOMPARE(errors.size() == 101, QByteArray(QTest::currentDataTag()).contains("without end"));
        for (const QString &error : errors) {
            QVERIFY2(error.size() < 1000, qPrintable(error));
            static const QRegularExpression control(QStringLiteral("[\\x00-\\x1f\\x7f-\\x9f]"));
            QVERIFY2(!error.contains(control), qPrintable(error));
        }
    }

    void overrides_data()
    {
        QTest::addColumn<QString>("value");
        QTest::newRow("nested arrays") << QStringLiteral("[").repeated(Many);
        QTest::newRow("long") << QStringLiteral("x").repeated(Many);
        QTest::newRow("half a character") << QString(QChar(0xD800));
    }
    void overrides()
    {
        QFETCH(QString, value);
        const QStringList errors =
            errorsOf({}, {SettingOverride::fromAssignment(QStringLiteral("log.level=") + value)});
        QCOMPARE(errors.size(), 1);
        QVERIFY(errors.front().startsWith(u"--set log.level="));
        QVERIFY(errors.front().size() < 1000);
    }

    void cutAnywhere()
    {
        const QByteArray toml =
            "[exporter]\nworker_threads = 2\nscrape_expose_endpoint = \"[::1]:1\"\n"
            "[poll_external]\nother_scrape_endpoints = [\"http://h\", 'https://[::1]/ä']\n"
            "[[poll_external.endpoint]]\nurl = \"\"\"http://x\"\"\"\nheaders = { a.b = 1 }\n";
        int failures = 0;
        for (qsizetype size = 0; size <= toml.size(); ++size)
            failures += errorsOf(toml.left(size)).isEmpty() ? 0 : 1;
        QVERIFY(failures > toml.size() / 2);
    }
};

QTEST_APPLESS_MAIN(TestHostileConfig)
#include "tst_hostileconfig.moc"
