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

    void stepsJudgeAsAWholeDoes_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("good") << QByteArray("# TYPE a gauge\na{b=\"c\"} 1\n\n  \na 2");
        QTest::newRow("to be repaired") << QByteArray("\xEF\xBB\xBF# HELP a b\r\na 1\r\n\r\r\n#\r\na 2\r");
        QTest::newRow("bad") << QByteArray("a 1\r\nb\n");
        QTest::newRow("large") << QByteArray("a 1\r\n").repeated(20'000);
    }
    void stepsJudgeAsAWholeDoes()
    {
        QFETCH(const QByteArray, text);
        constexpr TextCost Cost{.perByte = 1, .perSample = 100, .perFamily = 1000};
        for (const TextRules rules : {Quarantine, TextRules{}}) {
            for (const qsizetype size : {1, 2, 3, 100, 100'000}) {
                RepairCounters counters;
                const TextGate gate(counters, rules);
                std::array whole = {AppUpdate{"first", "x 1\r\n"}, AppUpdate{"a", text}};
                std::array steps = whole;
                const std::optional<Rejection> rejection = gate.judge(whole);
                const quint64 repaired = counters.crlf.exchange(0);
                TextJudging judging(gate, steps, Cost);
                for (qsizetype rest = 10 * text.size() + 1000; !judging.proceed(size); --rest)
                    QVERIFY(rest > 0); // each step goes on
                QVERIFY(judging.rejection().has_value() == rejection.has_value());
                QCOMPARE(counters.crlf.load(), repaired);
                if (rejection) {
                    QCOMPARE(judging.rejection()->message, rejection->message);
                    continue;
                }
                QCOMPARE(steps[1].text, whole[1].text);
                const QByteArray &judged = steps[1].text;
                const bool getsNewline = !judged.isEmpty() && !judged.endsWith('\n');
                // A family that goes on behind the end of a piece counts twice.
                QVERIFY(steps[1].pageCost >= Cost.of(judged + (getsNewline ? "\n" : ""), "a"));
                QVERIFY(steps[1].pageCost <= Cost.of(judged + (getsNewline ? "\n" : ""), "a") + 10 * 1000);
            }
        }
    }

    void aStepIsShort()
    {
        RepairCounters counters;
        const TextGate gate(counters, Quarantine);
        std::array updates = {AppUpdate{"a", QByteArray("a 1\r\n").repeated(200'000)}};
        TextJudging judging(gate, updates, TextCost{.perByte = 1});
        int steps = 1;
        while (!judging.proceed(10'000))
            ++steps;
        QVERIFY2(steps >= 100 + 80, qPrintable(QString::number(steps))); // to repair, to parse
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
