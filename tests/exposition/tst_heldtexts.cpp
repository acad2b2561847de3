// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/textgate.h"

#include <array>
#include <QTest>

using namespace ExporterProxy;

namespace {

constexpr ExpositionValidation Quarantine = ExpositionValidation::Quarantine;
const Timestamp Now = Timestamp() + std::chrono::hours(1);

void push(AppModel &model, const QByteArray &name, const QByteArray &text, SourceKind kind = SourceKind::Push)
{
    std::array updates = {AppUpdate{name, text}};
    QVERIFY(!model.apply(updates, "here", kind, Now));
}

} // namespace

class TestHeldTexts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatWouldFailTheScrapeLeaves()
    {
        AppModel model({});
        push(model, "bad", "a 1\nb two\n");
        push(model, "good", "c 3\n");
        push(model, "polled", "<html>\n", SourceKind::Poll);
        RepairCounters counters;
        const TextGate gate(counters, Quarantine);
        const Timestamp later = Now + std::chrono::seconds(1);

        const std::vector<WithdrawnText> withdrawn = judgeHeldTexts(gate, model, later);
        QCOMPARE(withdrawn.size(), 2u);
        QCOMPARE(withdrawn[0].app, QByteArray("bad"));
        QCOMPARE(withdrawn[0].fault,
                 QByteArray("line 2, column 3: \"two\" is not a number that a sample can have"));
        QCOMPARE(withdrawn[1].app, QByteArray("polled"));

        const std::shared_ptr<const AppView> view = model.view();
        QCOMPARE(view->totalSize, qint64(sizeof "c 3\n" - 1));
        const AppSnapshot *bad = view->find("bad");
        QVERIFY(bad);
        QVERIFY(bad->text.isEmpty());
        QCOMPARE(appStateAt(*bad, later), AppState::Rejected);
        QCOMPARE(bad->lastErrorReason, withdrawn[0].fault);
        QVERIFY(bad->lastErrorAt == later);
        QVERIFY(bad->lastUpdate == Now); // nothing has come since
        QCOMPARE(bad->rejected, 0u); // no push was refused
        QCOMPARE(appStateAt(*view->find("polled"), later), AppState::Failing);
        QCOMPARE(view->find("good")->text, QByteArray("c 3\n"));
        QCOMPARE(appStateAt(*view->find("good"), later), AppState::Fresh);

        push(model, "bad", "b 2\n");
        QCOMPARE(appStateAt(*model.view()->find("bad"), Now), AppState::Fresh);
    }

    void whatCanBeMendedIsMended()
    {
        AppModel model({});
        push(model, "windows",
             "\xEF\xBB\xBF"
             "a 1\r\nb 2\r\n");
        RepairCounters counters;
        const quint64 before = model.view()->find("windows")->textVersion;
        QVERIFY(judgeHeldTexts(TextGate(counters, Quarantine), model, Now).empty());
        const std::shared_ptr<const AppView> view = model.view();
        QCOMPARE(view->find("windows")->text, QByteArray("a 1\nb 2\n"));
        QVERIFY(view->find("windows")->textVersion != before); // what is kept of it is out of date
        QCOMPARE(view->totalSize, qint64(8));
        QCOMPARE(appStateAt(*view->find("windows"), Now), AppState::Fresh);
    }

    void withoutQuarantineNothingIsTouched()
    {
        AppModel model({});
        push(model, "bad", "b two\n");
        RepairCounters counters;
        const quint64 generation = model.generation();
        QVERIFY(judgeHeldTexts(TextGate(counters, {}), model, Now).empty());
        QCOMPARE(model.generation(), generation);
    }

    void openMetricsIsConvertedOnce()
    {
        AppModel model({});
        push(model, "open", "# TYPE a info\na_info{x=\"y\"} 1\n# EOF\n");
        push(model, "loose", "# TYPE a info\na_info  1\n# EOF\n");
        push(model, "bad", "# TYPE a info\na_info{ 1\n# EOF\n");
        RepairCounters counters;
        TextGate gate(counters, {});
        const std::vector<WithdrawnText> withdrawn = judgeHeldTexts(gate, model, Now);
        QCOMPARE(withdrawn.size(), 1u);
        QCOMPARE(withdrawn[0].app, QByteArray("bad"));
        const auto check = [&model] {
            const std::shared_ptr<const AppView> view = model.view();
            QCOMPARE(view->find("open")->text, QByteArray("# TYPE a_info gauge\na_info{x=\"y\"} 1\n"));
            QCOMPARE(view->find("open")->original, QByteArray("# TYPE a info\na_info{x=\"y\"} 1\n# EOF\n"));
            QCOMPARE(view->find("open")->format, Format::OpenMetrics);
            QCOMPARE(view->find("loose")->text, QByteArray("# TYPE a_info gauge\na_info  1\n"));
            QCOMPARE(view->find("loose")->format, Format::OpenMetrics);
            QCOMPARE(view->charged, view->totalSize + view->find("open")->original.size());
        };
        check();
        const quint64 generation = model.generation();
        gate.setRules(Quarantine);
        QVERIFY(judgeHeldTexts(gate, model, Now).empty());
        QCOMPARE(model.generation(), generation); // nothing is new
        check();
    }

    void timesAreThoseOfWhenTheTextArrived()
    {
        AppModel model({});
        const Timestamp arrived(std::chrono::seconds(1'795'819'800));
        std::array updates = {AppUpdate{"now", "a 1 1795819800000\n"},
                              AppUpdate{"old", "a 1 1795800000000\n"}};
        QVERIFY(!model.apply(updates, "here", SourceKind::Push, arrived));
        RepairCounters counters;
        QVERIFY(
            judgeHeldTexts(TextGate(counters, Quarantine), model, arrived + std::chrono::hours(5)).empty());
        QCOMPARE(model.view()->find("now")->notes.size(), 0);
        QCOMPARE(model.view()->find("old")->notes.size(), 1);
        push(model, "old", "a 1\n");
        QCOMPARE(model.view()->find("old")->notes.size(), 0);
    }

    void aTextThatHasComeMeanwhileStays()
    {
        AppModel model({});
        push(model, "app", "b two\n");
        const std::shared_ptr<const AppView> judged = model.view();
        push(model, "app", "b 2\n");
        QVERIFY(!model.replaceHeld(*judged->find("app"), {}, "why", Now));
        QCOMPARE(model.view()->find("app")->text, QByteArray("b 2\n"));
        QCOMPARE(appStateAt(*model.view()->find("app"), Now), AppState::Fresh);
    }
};

QTEST_APPLESS_MAIN(TestHeldTexts)
#include "tst_heldtexts.moc"
