// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/appstable.h"

#include "tests/exposition/views.h"

#include <QTest>

using namespace ExporterProxy;
using namespace std::chrono_literals;

namespace {

constexpr AppModel::Limits Roomy{10'000, 1 << 30};
constexpr Timestamp WholeSecond = inTheExample(7'000'000'000);

} // namespace

class TestAppsTable : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theExampleOfTheDesignToTheCharacter()
    {
        AppModel model(Roomy);
        const QByteArray polled = "external_poll: 127.0.0.1:1027";
        AppUpdate update{polled, "x 1\n"};
        QVERIFY(!model.apply({&update, 1}, polled, SourceKind::Poll, inTheExample(47'971'181'300)));
        push(model, "foo_bar_app1_metrics", "x 1\n", inTheExample(7'406'709'200),
             "/var/run/exporter-proxy-receiver.sock");
        const QByteArray expected = R"(
+---------------------------------------------------------------------------------------------------------------+
| Current time: 2022-05-22 23:51:52.939898700 UTC                                                               |
+---------------------------------------------------------------------------------------------------------------+
| +-------------------------------+-----------------------------------+---------------------------------------+ |
| | App Name                      | Last Update Time (UTC)            | Source                                | |
| +-------------------------------+-----------------------------------+---------------------------------------+ |
| | external_poll: 127.0.0.1:1027 | 2022-05-22 23:51:47.971181300 UTC | external_poll: 127.0.0.1:1027         | |
| +-------------------------------+-----------------------------------+---------------------------------------+ |
| | foo_bar_app1_metrics          | 2022-05-22 23:51:07.406709200 UTC | /var/run/exporter-proxy-receiver.sock | |
| +-------------------------------+-----------------------------------+---------------------------------------+ |
+---------------------------------------------------------------------------------------------------------------+
)";
        QCOMPARE('\n' + renderAppsTable(*model.view(), inTheExample(52'939'898'700)), expected);
    }

    void withoutApplicationsThereIsTheHeaderOnly()
    {
        AppModel model(Roomy);
        const QByteArray expected = R"(
+------------------------------------------------+
| Current time: 2022-05-22 23:51:07 UTC          |
+------------------------------------------------+
| +----------+------------------------+--------+ |
| | App Name | Last Update Time (UTC) | Source | |
| +----------+------------------------+--------+ |
+------------------------------------------------+
)";
        QCOMPARE('\n' + renderAppsTable(*model.view(), WholeSecond), expected);
    }

    void theOuterBoxIsWideEnoughForTheTime()
    {
        AppModel model(Roomy);
        const QByteArray expected = R"(
+-------------------------------------------------+
| Current time: 2022-05-22 23:51:07.000000001 UTC |
+-------------------------------------------------+
| +----------+------------------------+--------+  |
| | App Name | Last Update Time (UTC) | Source |  |
| +----------+------------------------+--------+  |
+-------------------------------------------------+
)";
        QCOMPARE('\n' + renderAppsTable(*model.view(), WholeSecond + 1ns), expected);
    }

    void anApplicationThatNeverSentReadsNever()
    {
        AppModel model(Roomy);
        model.addConfigured("p", "external_poll: a:1", SourceKind::Poll, 5s);
        const QByteArray expected = R"(
+------------------------------------------------------------+
| Current time: 2022-05-22 23:51:07 UTC                      |
+------------------------------------------------------------+
| +----------+------------------------+--------------------+ |
| | App Name | Last Update Time (UTC) | Source             | |
| +----------+------------------------+--------------------+ |
| | p        | never                  | external_poll: a:1 | |
| +----------+------------------------+--------------------+ |
+------------------------------------------------------------+
)";
        QCOMPARE('\n' + renderAppsTable(*model.view(), WholeSecond), expected);
    }

    void timesOfDifferentLengthsAndNamesOfDifferentScripts()
    {
        AppModel model(Roomy);
        push(model, "größe", "x 1\n", WholeSecond, "s");
        push(model, "测试应用", "x 1\n", WholeSecond + 25ms, "s");
        push(model, "e\u0301tat", "x 1\n", WholeSecond + 1us, "s"); // e and a combining accent
        push(model, "🚀", "x 1\n", WholeSecond + 1ns, "s");
        const QByteArray expected = R"(
+-----------------------------------------------------------+
| Current time: 2022-05-22 23:51:07 UTC                     |
+-----------------------------------------------------------+
| +----------+-----------------------------------+--------+ |
| | App Name | Last Update Time (UTC)            | Source | |
| +----------+-----------------------------------+--------+ |
| | état     | 2022-05-22 23:51:07.000001 UTC    | s      | |
| +----------+-----------------------------------+--------+ |
| | größe    | 2022-05-22 23:51:07 UTC           | s      | |
| +----------+-----------------------------------+--------+ |
| | 测试应用 | 2022-05-22 23:51:07.025 UTC       | s      | |
| +----------+-----------------------------------+--------+ |
| | 🚀       | 2022-05-22 23:51:07.000000001 UTC | s      | |
| +----------+-----------------------------------+--------+ |
+-----------------------------------------------------------+
)";
        QCOMPARE('\n' + renderAppsTable(*model.view(), WholeSecond), expected);
    }

    void aHostileSourceCannotBreakTheTable_data()
    {
        QTest::addColumn<QByteArray>("source");
        QTest::addColumn<QByteArray>("shown");
        QTest::newRow("a newline and a forged row") << QByteArray("a\n| | b") << QByteArray("a\uFFFD| | b");
        QTest::newRow("an escape sequence") << QByteArray("\x1b[2J") << QByteArray("\uFFFD[2J");
        QTest::newRow("a C1 control") << QByteArray("\u009B2J") << QByteArray("\uFFFD2J");
        QTest::newRow("invalid UTF-8") << QByteArray("a\xFF\xC3") << QByteArray("a\uFFFD\uFFFD");
        QTest::newRow("a right-to-left override") << QByteArray("a\u202Eb") << QByteArray("a\uFFFDb");
        QTest::newRow("an isolate") << QByteArray("a\u2066b\u2069") << QByteArray("a\uFFFDb\uFFFD");
        QTest::newRow("a line separator") << QByteArray("a\u2028b") << QByteArray("a\uFFFDb");
        QTest::newRow("nothing") << QByteArray() << QByteArray();
        QTest::newRow("NUL") << QByteArray("a\0b", 3) << QByteArray("a\uFFFDb");
    }
    void aHostileSourceCannotBreakTheTable()
    {
        QFETCH(QByteArray, source);
        QFETCH(QByteArray, shown);
        AppModel model(Roomy);
        push(model, "app", "x 1\n", WholeSecond, source);
        const QByteArray table = renderAppsTable(*model.view(), WholeSecond);
        const QByteArrayList lines = table.split('\n');
        QCOMPARE(lines.size(), 10);
        QVERIFY(lines[6].contains("| " + shown + " "));
        QCOMPARE(QString::fromUtf8(lines[6]).size(), lines[0].size()); // all of these take one column each
    }

    void aLongNameWidensBothBoxes()
    {
        AppModel model(Roomy);
        const QByteArray name(MaxAppNameSize, 'n');
        push(model, name, "x 1\n", WholeSecond);
        push(model, "b", "x 1\n", WholeSecond);
        const QByteArray table = renderAppsTable(*model.view(), WholeSecond);
        QVERIFY(table.contains("| | " + name + " | "));
        QVERIFY(table.contains("| | b" + QByteArray(255, ' ') + " | "));
        for (const QByteArrayList lines = table.trimmed().split('\n'); const QByteArray &line : lines)
            QCOMPARE(line.size(), lines[0].size());
    }

    void tenThousandApplications()
    {
        AppModel model(Roomy);
        for (int i = 0; i < 10'000; ++i)
            push(model, "application_" + QByteArray::number(100'000 + i), "x 1\n", WholeSecond + i * 1ns);
        const auto view = model.view();
        QByteArray table;
        QBENCHMARK
        {
            table = renderAppsTable(*view, WholeSecond);
        }
        QCOMPARE(table.count('\n'), 20'007);
        QVERIFY(table.indexOf("application_100000 ") < table.indexOf("application_109999 "));
    }
};

QTEST_APPLESS_MAIN(TestAppsTable)
#include "tst_appstable.moc"
