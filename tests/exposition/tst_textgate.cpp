// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/textgate.h"

#include <array>
#include <QTest>
#include <thread>

using namespace ExporterProxy;

namespace {

constexpr TextRules Quarantine{.validation = ExpositionValidation::Quarantine};

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
        QVERIFY(!gate.judge(updates));
        QCOMPARE(updates[0].text, QByteArray("\xEF\xBB\xBFnot a page\r\n"));
        QCOMPARE(counters.crlf.load() + counters.bom.load(), 0u);
    }

    void quarantineRefusesAndSaysWhere()
    {
        RepairCounters counters;
        const TextGate gate(counters, Quarantine);
        std::array updates = {AppUpdate{"good", "a 1\r\n"}, AppUpdate{"bad", "b 1\r\nb{ 2\r\n"},
                              AppUpdate{"worse", "\xEF\xBB\xBF!"}};
        const std::optional<Rejection> rejection = gate.judge(updates);
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
        QVERIFY(!gate.judge(updates));
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
        TextGate gate(counters, {.rejectsOwnPrefix = true});
        std::array updates = {AppUpdate{"a", text}};
        const std::optional<Rejection> rejection = gate.judge(updates);
        QCOMPARE(rejection.has_value(), line > 0);
        if (rejection) {
            QCOMPARE(rejection->reason, RejectReason::Reserved);
            QCOMPARE(rejection->app, QByteArray("a"));
            QVERIFY2(rejection->message.startsWith("line " + QByteArray::number(line) + ": "),
                     rejection->message.constData());
            QVERIFY(rejection->message.contains("exporter.self_metrics = false"));
        }
        gate.setRules({});
        QVERIFY(!gate.judge(updates));
    }

    void aMetricOfTheProxysOwnIsFoundBehindAByteOrderMark()
    {
        RepairCounters counters;
        const TextGate gate(counters,
                            {.validation = ExpositionValidation::Quarantine, .rejectsOwnPrefix = true});
        std::array updates = {AppUpdate{"a",
                                        "\xEF\xBB\xBF"
                                        "exporter_proxy_apps 1\r\n"}};
        const std::optional<Rejection> rejection = gate.judge(updates);
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
                (gate.judge(updates) ? hasRefused : hasTaken) = true;
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

    void theDialectIsWhatThePageCanBear()
    {
        RepairCounters counters;
        TextGate gate(counters, Quarantine);
        std::array updates = {AppUpdate{"a", "# TYPE a info\na 1 # {} 1\n"}};
        QVERIFY(gate.judge(updates));
        gate.setRules({ExpositionValidation::Quarantine, ExpositionDialect::WithOpenMetrics});
        QVERIFY(gate.judge(updates)); // without its end it is no OpenMetrics
        updates[0].text += "# EOF\n";
        QVERIFY(!gate.judge(updates));
    }
};

QTEST_APPLESS_MAIN(TestTextGate)
#include "tst_textgate.moc"
