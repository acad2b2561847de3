// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/textgate.h"

#include <array>
#include <QTest>
#include <thread>

using namespace ExporterProxy;

namespace {

constexpr ExpositionValidation Quarantine = ExpositionValidation::Quarantine;
constexpr Timestamp Now{std::chrono::seconds{1'795'819'800}};

} // namespace

class TestTextGate : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void offLetsEverythingThroughAsItIs()
    {
        RepairCounters counters;
        const TextGate gate(counters, {});
        std::array updates = {AppUpdate{"a", "\xEF\xBB\xBFnot a page\r\n"}};
        QVERIFY(!gate.judge(updates, Now));
        QCOMPARE(updates[0].text, QByteArray("\xEF\xBB\xBFnot a page\r\n"));
        QCOMPARE(counters.crlf.load() + counters.bom.load(), 0u);
    }

    void quarantineRefusesAndSaysWhere()
    {
        RepairCounters counters;
        const TextGate gate(counters, Quarantine);
        std::array updates = {AppUpdate{"good", "a 1\r\n"}, AppUpdate{"bad", "b 1\r\nb{ 2\r\n"},
                              AppUpdate{"worse", "\xEF\xBB\xBF!"}};
        const std::optional<Rejection> rejection = gate.judge(updates, Now);
        QVERIFY(rejection);
        QCOMPARE(rejection->reason, RejectReason::InvalidExposition);
        QCOMPARE(rejection->app, QByteArray("bad"));
        QCOMPARE(rejection->message,
                 QByteArray("line 2, column 4: expected a label name or a closing brace"));
        QCOMPARE(counters.crlf.load(), 0u); // nothing of this message is stored
    }

    void repairsAreCountedByText()
    {
        RepairCounters counters;
        const TextGate gate(counters, Quarantine);
        std::array updates = {AppUpdate{"a", "a 1\r\na{x=\"y\"} 2\r\n"},
                              AppUpdate{"b",
                                        "\xEF\xBB\xBF"
                                        "b 1\r\n"},
                              AppUpdate{"c", "c 1\n"}, AppUpdate{"d", ""}};
        QVERIFY(!gate.judge(updates, Now));
        QCOMPARE(updates[0].text, QByteArray("a 1\na{x=\"y\"} 2\n"));
        QCOMPARE(updates[1].text, QByteArray("b 1\n"));
        QCOMPARE(updates[2].text, QByteArray("c 1\n"));
        QCOMPARE(counters.crlf.load(), 2u);
        QCOMPARE(counters.bom.load(), 1u);
    }

    void aMetricOfTheProxysOwnIsRejected_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("line"); // 0: it is accepted
        const auto row = [](const char *name, const QByteArray &text, int line) {
            QTest::newRow(name) << text << line;
        };
        row("a sample", "a 1\nexporter_proxy_app_up{app=\"db\"} 1\n", 2);
        row("without a last newline", "exporter_proxy_apps 1", 1);
        row("behind blanks", "a 1\n\n \t exporter_proxy_apps 1\n", 3);
        row("its type", "# TYPE exporter_proxy_apps counter\n", 1);
        row("its help behind many blanks", " #  HELP\t  exporter_proxy_apps Forged.\n", 1);
        row("its unit, in quotes", "# UNIT \"exporter_proxy_apps\" apps\n", 1);
        row("in quotes", "{\"exporter_proxy_app_up\", app=\"db\"} 1\n", 1);
        row("in quotes, behind blanks", " { \t\"exporter_proxy_app_up\"} 1\n", 1);
        row("in quotes, behind a label", "{app=\"db\", \"exporter_proxy_app_up\"} 1\n", 1);
        row("behind one that is none", "a{b=\"exporter_proxy_\"} 1\nexporter_proxy_apps 1\n", 2);
        row("only a part of a name", "my_exporter_proxy_apps 1\nexporter_prox_y 1\n", 0);
        row("a label value", "a{b=\"exporter_proxy_apps\"} 1\n{\"a\",b=\"exporter_proxy_apps\"} 1\n", 0);
        row("a label value with quotes", "{\"a\",b=\"x,\\\"exporter_proxy_apps\\\"\"} 1\n", 0);
        row("a comment",
            "# exporter_proxy_apps\n#TYPES exporter_proxy_apps\n# See TYPE exporter_proxy_apps\n", 0);
        row("a help that names it", "# HELP a Like exporter_proxy_apps, {\"exporter_proxy_apps\"}\n", 0);
    }

    void aMetricOfTheProxysOwnIsRejected()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, line);
        RepairCounters counters;
        TextGate gate(counters, {ExpositionValidation::Off, true});
        std::array updates = {AppUpdate{"a", text}};
        const std::optional<Rejection> rejection = gate.judge(updates, Now);
        QCOMPARE(rejection.has_value(), line > 0);
        if (rejection) {
            QCOMPARE(rejection->reason, RejectReason::Reserved);
            QCOMPARE(rejection->app, QByteArray("a"));
            QVERIFY2(rejection->message.startsWith("line " + QByteArray::number(line) + ": "),
                     rejection->message.constData());
            QVERIFY(rejection->message.contains("exporter.self_metrics = false"));
        }
        gate.setRules({});
        QVERIFY(!gate.judge(updates, Now));
    }

    void aMetricOfTheProxysOwnIsFoundBehindAByteOrderMark()
    {
        RepairCounters counters;
        const TextGate gate(counters, {ExpositionValidation::Quarantine, true});
        std::array updates = {AppUpdate{"a",
                                        "\xEF\xBB\xBF"
                                        "exporter_proxy_apps 1\r\n"}};
        const std::optional<Rejection> rejection = gate.judge(updates, Now);
        QVERIFY(rejection);
        QCOMPARE(rejection->reason, RejectReason::Reserved);
    }

    void rulesCanBeChangedWhileOthersJudge()
    {
        RepairCounters counters;
        TextGate gate(counters, {});
        constexpr int Rounds = 2000;
        std::atomic<bool> hasRefused = false;
        std::atomic<bool> hasTaken = false;
        std::thread judge([&] {
            for (int i = 0; i < Rounds || !hasRefused || !hasTaken; ++i) {
                std::array updates = {AppUpdate{"a", "!"}};
                (gate.judge(updates, Now) ? hasRefused : hasTaken) = true;
            }
        });
        while (!hasRefused || !hasTaken) {
            gate.setRules(Quarantine);
            std::this_thread::yield();
            gate.setRules({});
            std::this_thread::yield();
        }
        judge.join();
        QVERIFY(hasRefused && hasTaken);
    }

    void stepsJudgeAsAWholeDoes_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("good") << QByteArray("# TYPE a gauge\na{b=\"c\"} 1\n\n  \na 2");
        QTest::newRow("to be repaired") << QByteArray("\xEF\xBB\xBF# HELP a b\r\na 1\r\n\r\r\n#\r\na 2\r");
        QTest::newRow("bad") << QByteArray("a 1\r\nb\n");
        QTest::newRow("OpenMetrics") << QByteArray(
            "# TYPE a counter\r\na_total{b=\"c\"} 1 # {} 2\r\nc 2 1e9\n# EOF\r\n");
        QTest::newRow("bad OpenMetrics") << QByteArray("# TYPE a counter\na_total{b=\"c\" 1\n# EOF\n");
        QTest::newRow("large") << QByteArray("a 1\r\n").repeated(20'000);
    }
    void stepsJudgeAsAWholeDoes()
    {
        QFETCH(const QByteArray, text);
        constexpr TextCost Cost{.perByte = 1, .perSample = 100, .perFamily = 1000};
        for (const ExpositionValidation validation : {Quarantine, ExpositionValidation::Off}) {
            for (const qsizetype size : {1, 2, 3, 100, 100'000}) {
                RepairCounters counters;
                const TextGate gate(counters, validation);
                std::array whole = {AppUpdate{"first", "x 1\r\n"}, AppUpdate{"a", text}};
                std::array steps = whole;
                const std::optional<Rejection> rejection = gate.judge(whole, Now);
                const quint64 repaired = counters.crlf.exchange(0);
                TextJudging judging(gate, steps, Now, Cost);
                for (qsizetype rest = 10 * text.size() + 1000; !judging.proceed(size); --rest)
                    QVERIFY(rest > 0); // each step goes on
                QVERIFY(judging.rejection().has_value() == rejection.has_value());
                QCOMPARE(counters.crlf.load(), repaired);
                if (rejection) {
                    QCOMPARE(judging.rejection()->message, rejection->message);
                    continue;
                }
                QCOMPARE(steps[1].text, whole[1].text);
                QCOMPARE(steps[1].original, whole[1].original);
                QCOMPARE(steps[1].notes, whole[1].notes);
                const QByteArray &judged = steps[1].text;
                const bool getsNewline = !judged.isEmpty() && !judged.endsWith('\n');
                // A family that goes on behind the end of a piece counts twice.
                QVERIFY(steps[1].pageCost - steps[1].original.size()
                        >= Cost.of(judged + (getsNewline ? "\n" : ""), "a"));
                QVERIFY(steps[1].pageCost - steps[1].original.size()
                        <= Cost.of(judged + (getsNewline ? "\n" : ""), "a") + 10 * 1000);
            }
        }
    }

    void aStepIsShort()
    {
        for (const QByteArray &end : {QByteArray(), QByteArray("# EOF\n")}) {
            RepairCounters counters;
            const TextGate gate(counters, Quarantine);
            std::array updates = {AppUpdate{"a", QByteArray("a 1\r\n").repeated(200'000) + end}};
            TextJudging judging(gate, updates, Now, TextCost{.perByte = 1});
            int steps = 1;
            while (!judging.proceed(10'000))
                ++steps;
            // To repair, to parse, to write.
            QVERIFY2(steps >= 100 + 80 + (end.isEmpty() ? 0 : 12), qPrintable(QString::number(steps)));
        }
    }

    void openMetricsIsConvertedAlways()
    {
        RepairCounters counters;
        for (const ExpositionValidation validation : {ExpositionValidation::Off, Quarantine}) {
            const TextGate gate(counters, validation);
            std::array updates = {
                AppUpdate{"exact", "# TYPE a info\na_info 1 1795819791 # {} 1\n# EOF\n"},
                AppUpdate{"windows", "# TYPE a info\r\na_info 1\r\n# EOF\r\n \r\n"},
                AppUpdate{"loose", "# TYPE a info\na_info  1\n\n# EOF"},
                AppUpdate{"by its header", "# TYPE a info\na_info 1\n", Format::OpenMetrics},
                AppUpdate{"text", "# EOF\na 1\n"},
            };
            const std::optional<Rejection> rejection = gate.judge(updates, Now);
            QVERIFY2(!rejection, rejection ? rejection->message.constData() : "");
            QCOMPARE(updates[0].text, QByteArray("# TYPE a_info gauge\na_info 1 1795819791000\n"));
            QCOMPARE(updates[0].original, QByteArray("# TYPE a info\na_info 1 1795819791 # {} 1\n# EOF\n"));
            QCOMPARE(updates[1].text, QByteArray("# TYPE a_info gauge\na_info 1\n"));
            QCOMPARE(updates[1].original, QByteArray("# TYPE a info\na_info 1\n# EOF\n"));
            QCOMPARE(updates[2].text, QByteArray("# TYPE a_info gauge\na_info  1\n"));
            QCOMPARE(updates[2].original, QByteArray()); // no server would take it
            QCOMPARE(updates[3].text, QByteArray("# TYPE a_info gauge\na_info 1\n"));
            QCOMPARE(updates[3].original, QByteArray());
            for (std::size_t i = 0; i < 4; ++i)
                QCOMPARE(updates[i].format, Format::OpenMetrics);
            QCOMPARE(updates[4].text, QByteArray("# EOF\na 1\n"));
            QCOMPARE(updates[4].format, Format::Text);
        }
    }

    void whatCannotBeConvertedIsRefusedAlways()
    {
        RepairCounters counters;
        for (const ExpositionValidation validation : {ExpositionValidation::Off, Quarantine}) {
            const TextGate gate(counters, validation);
            std::array updates = {AppUpdate{"good", "a 1\n"},
                                  AppUpdate{"bad", "# TYPE a info\na{ 1\n# EOF\n"}};
            const std::optional<Rejection> rejection = gate.judge(updates, Now);
            QVERIFY(rejection);
            QCOMPARE(rejection->app, QByteArray("bad"));
            QCOMPARE(rejection->message,
                     QByteArray("line 2, column 4: expected a label name or a closing brace"));
        }
    }

    void timesOfText_data()
    {
        QTest::addColumn<QByteArray>("time");
        QTest::addColumn<QByteArray>("fault");
        QTest::addColumn<QByteArray>("note");
        const auto row = [](const char *what, const QByteArray &time, const QByteArray &fault,
                            const QByteArray &note) { QTest::newRow(what) << time << fault << note; };
        row("now", "1795819800000", "", "");
        row("an hour ago", "1795816200000", "", "");
        row("longer ago", "1795816199999", "",
            "one sample (line 2) had a time more than an hour old when the text arrived: a server drops "
            "that, "
            "unless its out_of_order_time_window reaches so far back");
        row("in ten minutes", "1795820400000", "", "");
        row("later", "1795820400001", "",
            "one sample (line 2) had a time more than ten minutes ahead of this host's clock when the text "
            "arrived: a server drops that");
        row("seconds", "1795819800",
            "line 2, column 12: \"1795819800\" in milliseconds is before March 1973: a server would drop the "
            "sample",
            "");
        row("nothing", "0",
            "line 2, column 12: \"0\" in milliseconds is before March 1973: a server would drop the sample",
            "");
        row("microseconds", "1795819800000000",
            "line 2, column 12: \"1795819800000000\" in milliseconds is beyond the year 5138: a server would "
            "drop the sample",
            "");
    }
    void timesOfText()
    {
        QFETCH(QByteArray, time);
        QFETCH(QByteArray, fault);
        QFETCH(QByteArray, note);
        const QByteArray text = "a 1\na{x=\"2\"} 2 " + time + '\n';
        RepairCounters counters;
        std::array updates = {AppUpdate{"a", text}};
        const std::optional<Rejection> rejection = TextGate(counters, Quarantine).judge(updates, Now);
        QCOMPARE(rejection ? rejection->message : QByteArray(), fault);
        QCOMPARE(updates[0].notes, note.isEmpty() ? QByteArrayList() : QByteArrayList{note});
        updates = {AppUpdate{"a", text}};
        QVERIFY(!TextGate(counters, {}).judge(updates, Now)); // where nothing is read, nothing is found
        QCOMPARE(updates[0].text, text);
        QCOMPARE(updates[0].notes, QByteArrayList());
    }
};

QTEST_APPLESS_MAIN(TestTextGate)
#include "tst_textgate.moc"
