// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/metricspages.h"

#include "tests/exposition/pagetexts.h"
#include "tests/exposition/views.h"

#include <QProcess>
#include <QRandomGenerator>
#include <QStandardPaths>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace ExporterProxy;
using namespace std::chrono_literals;

namespace {

constexpr AppModel::Limits Roomy{100'000, 1 << 30};

QByteArray filtered(const QString &program, const QStringList &arguments, const QByteArray &input)
{
    QProcess process;
    process.start(program, arguments);
    process.write(input);
    process.closeWriteChannel();
    if (!process.waitForFinished() || process.exitCode() != 0)
        return "(failed) " + process.readAllStandardError();
    return process.readAllStandardOutput();
}

/// A text that deflate can do next to nothing about.
QByteArray noise(qsizetype size)
{
    QByteArray text("# ");
    text.reserve(size);
    auto *random = QRandomGenerator::global();
    while (text.size() < size - 1)
        text += char(' ' + random->bounded(95));
    return text += '\n';
}

/// A text as client libraries make them, of about this size.
QByteArray metrics(int salt, qsizetype size)
{
    QByteArray text;
    for (int i = 0; text.size() < size; ++i) {
        const QByteArray family = "app_requests_" + QByteArray::number(i) + "_total";
        text += "# HELP " + family + " Requests of the kind " + QByteArray::number(i) + ".\n# TYPE " + family
            + " counter\n" + family + "{instance=\"" + QByteArray::number(salt) + "\",code=\"200\"} "
            + QByteArray::number(qHash(salt * 1000 + i) % 10'000'000) + '\n';
    }
    return text;
}

QByteArray nameOf(int number)
{
    return "app_" + QByteArray::number(1'000'000 + number);
}

/// The compressed page, however many calls it takes.
std::shared_ptr<const Page> compressed(MetricsPages &pages)
{
    std::shared_ptr<const Page> page = pages.metrics(Gzip);
    while (!page && pages.isCompressing())
        page = pages.metrics(Gzip);
    return page;
}

/// A clock that stands still until it is told.
struct Time
{
    std::chrono::steady_clock::time_point now;
    PageClocks clocks()
    {
        return {[] { return inTheExample(0); }, [this] { return now; }};
    }
};

} // namespace

class TestMetricsPages : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textsInOrderOfTheNamesThenOwnMetrics()
    {
        AppModel model(Roomy);
        push(model, "b", "b 1");
        push(model, "a", "a 1\n# with a comment\n");
        push(model, "c", "");
        ProxyCounters counters;
        MetricsPages bare(model, counters, {.selfMetrics = false});
        QCOMPARE(bytesOfPage(bare.metrics(Plain)), "a 1\n# with a comment\nb 1\n");

        AppModel other(Roomy);
        push(other, "a", "a 1\n");
        MetricsPages full(other, counters, {.selfMetrics = true});
        const QByteArray page = bytesOfPage(full.metrics(Plain));
        QVERIFY(page.startsWith("a 1\n# HELP exporter_proxy_apps "));
        QVERIFY(page.contains("\nexporter_proxy_app_up{app=\"a\"} 1\n"));
        QVERIFY(page.contains("\nexporter_proxy_scrapes_total 0\n"));
        QVERIFY(page.contains("\nexporter_proxy_process_open_fds "));
        QVERIFY(page.endsWith('\n'));
    }

    void anEmptyModel()
    {
        AppModel model(Roomy);
        ProxyCounters counters;
        MetricsPages pages(model, counters, {.selfMetrics = false});
        QCOMPARE(pages.metrics(Plain)->size, 0);
        QVERIFY(pages.metrics(Plain)->parts.empty());
        QCOMPARE(gunzipped(bytesOfPage(compressed(pages))), "");
        AppModel other(Roomy);
        push(other, "a", "");
        MetricsPages full(other, counters, {.selfMetrics = true});
        QVERIFY(bytesOfPage(full.metrics(Plain)).startsWith("# HELP exporter_proxy_apps "));
        QCOMPARE(gunzipped(bytesOfPage(full.metrics(Gzip))), bytesOfPage(full.metrics(Plain)));
    }

    void gzipHoldsThePlainPage_data()
    {
        QTest::addColumn<QList<QByteArray>>("texts");
        QByteArray noise(300'000, Qt::Uninitialized);
        QRandomGenerator random(7);
        for (char &c : noise)
            c = char(random.bounded(1, 256));
        QList<QByteArray> small;
        QList<QByteArray> mixed;
        for (int i = 0; i < 500; ++i) {
            small << metrics(i, 1000);
            mixed << metrics(i, i % 7 == 0 ? 30'000 : i % 5 == 0 ? 0 : 200 * (i % 50));
        }
        QTest::newRow("one small text") << QList<QByteArray>{"x 1\n"};
        QTest::newRow("one large text") << QList<QByteArray>{metrics(1, 2'000'000)};
        QTest::newRow("nothing but empty texts") << QList<QByteArray>{"", "", ""};
        QTest::newRow("many small texts") << small;
        QTest::newRow("small, large and empty texts") << mixed;
        QTest::newRow("what cannot be compressed") << QList<QByteArray>{noise, noise.first(100), noise};
        QTest::newRow("very much of the same") << QList<QByteArray>{QByteArray(5'000'000, 'x')};
        QTest::newRow("exactly as large as the output buffer") << QList<QByteArray>{noise.first(65536 - 30)};
    }
    void gzipHoldsThePlainPage()
    {
        QFETCH(QList<QByteArray>, texts);
        for (const bool selfMetrics : {false, true}) {
            AppModel model(Roomy);
            for (int i = 0; i < texts.size(); ++i)
                push(model, nameOf(i), texts[i]);
            ProxyCounters counters;
            Time time;
            MetricsPages pages(model, counters, {.selfMetrics = selfMetrics}, time.clocks());
            const QByteArray plain = bytesOfPage(pages.metrics(Plain));
            const QByteArray gzip = bytesOfPage(compressed(pages));
            QVERIFY(gunzipped(gzip) == plain);
            QVERIFY(filtered(u"gzip"_s, {u"-dc"_s}, gzip) == plain);
            if (const QString python = QStandardPaths::findExecutable(u"python3"_s); !python.isEmpty()) {
                const QString script =
                    u"import gzip, sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))"_s;
                QVERIFY(filtered(python, {u"-c"_s, script}, gzip) == plain);
            }
            time.now += MetricsPages::ProcessRefresh;
            QVERIFY(gunzipped(bytesOfPage(compressed(pages))) == bytesOfPage(pages.metrics(Plain)));
        }
    }

    void gzipFollowsEveryChange()
    {
        AppModel model(Roomy);
        ProxyCounters counters;
        Time time;
        MetricsPages pages(model, counters, {.selfMetrics = true}, time.clocks());
        QRandomGenerator random(42);
        for (int round = 0; round < 300; ++round) {
            for (int i = random.bounded(1, 5); i > 0; --i) {
                const int salt = random.bounded(1'000'000);
                const int size = random.bounded(8) == 0 ? 20'000 : random.bounded(0, 3000);
                push(model, nameOf(random.bounded(120)), size < 100 ? QByteArray() : metrics(salt, size));
            }
            if (round % 3 == 0)
                model.noteRejected(nameOf(random.bounded(120)), "refused", SourceKind::Push, inTheExample(0));
            if (round % 5 == 0)
                time.now += MetricsPages::ProcessRefresh;
            QByteArray expected;
            for (const auto view = model.view(); const auto &app : view->apps)
                expected += app->text;
            const QByteArray plain = bytesOfPage(pages.metrics(Plain));
            QVERIFY(plain.startsWith(expected));
            QVERIFY(gunzipped(bytesOfPage(compressed(pages))) == plain);
        }
    }

    void pagesOfSomeApplicationsFollowThem()
    {
        AppModel model(Roomy);
        ProxyCounters counters;
        MetricsPages pages(model, counters, {.selfMetrics = true});
        QRandomGenerator random(5);
        for (int round = 0; round < 300; ++round) {
            const int size = random.bounded(4) == 0 ? 20'000 : random.bounded(0, 3000);
            push(model, nameOf(random.bounded(100)), size < 100 ? QByteArray() : metrics(round, size));
            if (round % 4 == 0)
                QVERIFY(pages.metrics(Gzip)); // whose large blocks are shared
            std::vector<std::shared_ptr<const AppSnapshot>> some;
            QByteArray expected;
            for (int i = 0; i < 10; ++i) {
                if (const auto app = model.find(nameOf(random.bounded(100)), inTheExample(0))) {
                    some.push_back(app);
                    expected += app->text;
                }
            }
            QVERIFY(bytesOfPage(pages.metricsOf(some, Plain)) == expected);
            QVERIFY(gunzipped(bytesOfPage(pages.metricsOf(some, Gzip))) == expected);
        }
    }

    void aSingleApplicationAsItCame()
    {
        AppModel model(Roomy);
        ProxyCounters counters;
        MetricsPages pages(model, counters, {.selfMetrics = false});
        const auto check = [&](MetricsPages::Apps apps, Format wanted, const QByteArray &expected,
                               Format format) {
            for (const Encoding encoding : {Encoding::Identity, Encoding::Gzip}) {
                const std::shared_ptr<const Page> page = pages.metricsOf(apps, {wanted, encoding});
                const QByteArray bytes = bytesOfPage(page);
                QVERIFY((encoding == Encoding::Gzip ? gunzipped(bytes) : bytes) == expected);
                QCOMPARE(page->format, format);
            }
        };
        push(model, "b", "y 1\n");
        for (const int round : {1, 2}) { // of the second nothing is compressed yet
            const QByteArray text = metrics(round, 5000);
            const QByteArray original = text + "# EOF\n";
            AppUpdate update{"a", text, Format::OpenMetrics, original};
            QVERIFY(!model.apply({&update, 1}, "here", SourceKind::Push, inTheExample(0)));
            const std::array apps = {model.find("a", inTheExample(0)), model.find("b", inTheExample(0))};
            const auto a = std::span(apps).first(1);
            const auto b = std::span(apps).last(1);
            for (int again = 0; again < 2; ++again) {
                check(a, Format::OpenMetrics, original, Format::OpenMetrics);
                check(a, Format::Text, text, Format::Text);
                check(b, Format::OpenMetrics, "y 1\n", Format::Text);
                check(apps, Format::OpenMetrics, text + "y 1\n", Format::Text);
            }
            const std::shared_ptr<const Page> page = pages.metrics(Plain);
            QCOMPARE(bytesOfPage(page), text + "y 1\n");
        }
    }

    void aTextIsDeflatedOnceForItsOwnPage()
    {
        AppModel model(Roomy);
        push(model, "a", metrics(1, 5000));
        push(model, "b", metrics(2, 5000));
        ProxyCounters counters;
        MetricsPages pages(model, counters, {.selfMetrics = false}, {}, 1); // one text a call
        const std::vector some = {model.find("a", inTheExample(0)), model.find("b", inTheExample(0))};
        QVERIFY(!pages.metricsOf(some, Gzip));
        QVERIFY(pages.metricsOf(some, Gzip)); // the first is there by now
        QVERIFY(pages.metricsOf(some, Gzip));
        QVERIFY(gunzipped(bytesOfPage(pages.metricsOf(some, Gzip)))
                == bytesOfPage(pages.metricsOf(some, Plain)));
    }

    void ownMetricsAlone()
    {
        for (const bool selfMetrics : {false, true}) {
            AppModel model(Roomy);
            push(model, "a", "x 1\n");
            ProxyCounters counters;
            Time time;
            MetricsPages pages(model, counters, {.selfMetrics = selfMetrics}, time.clocks());
            const QByteArray before = bytesOfPage(pages.metrics(Plain));
            const QByteArray own = bytesOfPage(pages.ownMetrics(Plain));
            QVERIFY(own.startsWith("# HELP exporter_proxy_apps "));
            QVERIFY(own.contains("\nexporter_proxy_scrapes_total 0\n"));
            QVERIFY(gunzipped(bytesOfPage(pages.ownMetrics(Gzip))) == own);
            QCOMPARE(bytesOfPage(pages.metrics(Plain)), before);
            QCOMPARE(before, selfMetrics ? "x 1\n" + own : QByteArray("x 1\n"));
            QVERIFY(gunzipped(bytesOfPage(compressed(pages))) == before);
            push(model, "b", "x 2\n");
            QVERIFY(bytesOfPage(pages.ownMetrics(Plain)).contains("app_up{app=\"b\"} 1\n"));
            QVERIFY(gunzipped(bytesOfPage(pages.ownMetrics(Gzip))).contains("app_up{app=\"b\"} 1\n"));
        }
    }

    void whatExpiresLeavesAllPagesByTheClock()
    {
        FreshnessRules rules;
        rules.expireAfter = 60s;
        AppModel model(Roomy, rules);
        Timestamp now = inTheExample(0);
        std::chrono::steady_clock::time_point steady;
        ProxyCounters counters;
        MetricsPages pages(model, counters, {.selfMetrics = true},
                           {[&now] { return now; }, [&steady] { return steady; }});
        for (int i = 0; i < 40; ++i)
            push(model, nameOf(i), metrics(i, 3000), now + (i == 7 ? 0s : 30s));
        const QByteArray mortal = metrics(7, 3000);
        now += 59999ms;
        QVERIFY(bytesOfPage(pages.metrics(Plain)).contains(mortal));
        QVERIFY(gunzipped(bytesOfPage(compressed(pages))).contains(mortal));
        now += 1ms;
        const QByteArray plain = bytesOfPage(pages.metrics(Plain));
        QVERIFY(!plain.contains(mortal));
        QVERIFY(plain.contains(metrics(8, 3000)));
        QVERIFY(plain.contains("\nexporter_proxy_apps{state=\"expired\"} 1\n"));
        QVERIFY(plain.contains("\nexporter_proxy_app_up{app=\"" + nameOf(7) + "\"} 0\n"));
        QVERIFY(gunzipped(bytesOfPage(compressed(pages))) == plain);
    }

    void anUnchangedPageIsTheSameObject()
    {
        AppModel model(Roomy);
        push(model, "a", metrics(1, 100'000));
        ProxyCounters counters;
        Time time;
        MetricsPages pages(model, counters, {.selfMetrics = true}, time.clocks());
        const auto plain = pages.metrics(Plain);
        const auto gzip = pages.metrics(Gzip);
        ++counters.scrapes;
        time.now += MetricsPages::ProcessRefresh - 1ms;
        QCOMPARE(pages.metrics(Plain).get(), plain.get());
        QCOMPARE(pages.metrics(Gzip).get(), gzip.get());
        time.now += 1ms;
        const auto later = pages.metrics(Plain);
        QVERIFY(later.get() != plain.get());
        QVERIFY(bytesOfPage(later).contains("\nexporter_proxy_scrapes_total 1\n"));
        QVERIFY(gunzipped(bytesOfPage(compressed(pages))) == bytesOfPage(later));
        QCOMPARE(pages.metrics(Plain).get(), later.get());
        push(model, "a", "x 1\n");
        QVERIFY(bytesOfPage(pages.metrics(Plain)).startsWith("x 1\n#"));
        QVERIFY(gunzipped(bytesOfPage(compressed(pages))).startsWith("x 1\n#"));
    }

    void withoutOwnMetricsAPageLastsUntilTheNextChange()
    {
        AppModel model(Roomy);
        push(model, "a", "x 1\n");
        ProxyCounters counters;
        Time time;
        MetricsPages pages(model, counters, {.selfMetrics = false}, time.clocks());
        const auto plain = pages.metrics(Plain);
        const auto gzip = pages.metrics(Gzip);
        time.now += 1h;
        QCOMPARE(pages.metrics(Plain).get(), plain.get());
        QCOMPARE(pages.metrics(Gzip).get(), gzip.get());
    }

    void aReloadIsToldAtOnce()
    {
        AppModel model(Roomy);
        ProxyCounters counters;
        Time time;
        MetricsPages pages(model, counters, {.selfMetrics = true}, time.clocks());
        QVERIFY(
            bytesOfPage(pages.metrics(Plain)).contains("\nexporter_proxy_config_last_reload_successful 1\n"));
        pages.setConfigOk(false);
        QVERIFY(
            bytesOfPage(pages.metrics(Plain)).contains("\nexporter_proxy_config_last_reload_successful 0\n"));
    }

    void largeTextsAreSharedAndSmallOnesJoined()
    {
        AppModel model(Roomy);
        for (int i = 0; i < 1000; ++i)
            push(model, nameOf(i), metrics(i, 1000));
        push(model, "app_1000500_large", metrics(1, 100'000));
        ProxyCounters counters;
        MetricsPages pages(model, counters, {.selfMetrics = true});
        const auto page = pages.metrics(Plain);
        QVERIFY(page->parts.size() < 250);
        const auto view = model.view();
        const char *text = view->find("app_1000500_large")->text.constData();
        QVERIFY(std::any_of(page->parts.begin(), page->parts.end(),
                            [text](const QByteArray &part) { return part.constData() == text; }));
        for (const QByteArray &part : page->parts)
            QVERIFY(!part.isEmpty()
                    && (part.size() <= PageBuilder::JointPart || part.constData() == text
                        || part.contains("exporter_proxy_apps")));
    }

    void aSmallPageIsOnePart()
    {
        AppModel model(Roomy);
        for (int i = 0; i < 10; ++i)
            push(model, nameOf(i), metrics(i, 5000));
        ProxyCounters counters;
        MetricsPages pages(model, counters, {.selfMetrics = true});
        QVERIFY(pages.metrics(Plain)->size > 50'000);
        QCOMPARE(pages.metrics(Plain)->parts.size(), 1u);
        QCOMPARE(pages.metrics(Gzip)->parts.size(), 1u);
    }

    void anOutdatedPageKeepsNoTextAlive()
    {
        AppModel model(Roomy);
        push(model, "a", metrics(1, 100'000));
        push(model, "b", metrics(2, 100'000));
        ProxyCounters counters;
        MetricsPages pages(model, counters, {.selfMetrics = true});
        auto response = pages.metrics(Plain);
        QVERIFY(pages.metrics(Gzip));
        std::weak_ptr<const Page> page = response;
        std::weak_ptr<const AppView> view = model.view();
        QByteArray old = model.view()->find("a")->text;
        push(model, "a", "x 1\n");
        QVERIFY(view.expired());
        QVERIFY(!page.expired()); // a response being written keeps its page
        QVERIFY(!old.isDetached());
        response.reset();
        QVERIFY(page.expired());
        QVERIFY(old.isDetached()); // nobody but this test holds the text
    }

    void moreThanTheBudgetIsSpreadOverCalls()
    {
        AppModel model(Roomy);
        for (int i = 0; i < 40; ++i)
            push(model, nameOf(i), metrics(i, 100'000));
        ProxyCounters counters;
        MetricsPages pages(model, counters, {.selfMetrics = false}, {}, 1'600'000);
        QVERIFY(!pages.metrics(Gzip));
        QVERIFY(pages.metrics(Plain));
        QVERIFY(!pages.metrics(Gzip));
        QVERIFY(pages.metrics(Gzip)); // 4 MB in three steps
        QVERIFY(gunzipped(bytesOfPage(compressed(pages))) == bytesOfPage(pages.metrics(Plain)));

        // Would everything be deflated again, one step would not do.
        push(model, nameOf(7), "x 1\n");
        push(model, "a first one", "y 1\n");
        QVERIFY(pages.metrics(Gzip));
        QVERIFY(gunzipped(bytesOfPage(compressed(pages))) == bytesOfPage(pages.metrics(Plain)));
    }

    void compressedTextsKeepWithinTheTotal()
    {
        constexpr qint64 MiB = qint64{1} << 20;
        AppModel model({100, 48 * MiB});
        for (int i = 0; i < 12; ++i)
            push(model, nameOf(i), noise(4 * MiB - 100));
        ProxyCounters counters;
        MetricsPages pages(model, counters, {.selfMetrics = false}, {}, 1 << 30);
        QVERIFY(!pages.metrics(Gzip)); // some 40 MiB, and 32 are allowed
        QVERIFY(!model.pending().isExceeded());
        QVERIFY(!pages.metrics(Gzip));
        QVERIFY(pages.prepare(1 << 30)); // there is nothing left to be done
        QVERIFY(!model.pending().isExceeded());
        QCOMPARE(pages.metrics(Plain)->size, model.view()->totalSize);

        push(model, nameOf(0), "x 1\n");
        push(model, nameOf(1), "x 1\n");
        push(model, nameOf(2), "x 1\n");
        pages.metrics(Gzip); // lets go of what was made of the texts that are gone
        QVERIFY(gunzipped(bytesOfPage(compressed(pages))) == bytesOfPage(pages.metrics(Plain)));
    }

    void compressedTextsMakeRoomForWhatIsPending()
    {
        constexpr qint64 MiB = qint64{1} << 20;
        AppModel model({100, 32 * MiB});
        for (int i = 0; i < 7; ++i)
            push(model, nameOf(i), noise(4 * MiB - 100));
        ProxyCounters counters;
        auto moment = std::chrono::steady_clock::now();
        MetricsPages pages(model, counters, {.selfMetrics = false}, {.steady = [&moment] { return moment; }},
                           1 << 30);
        QVERIFY(pages.metrics(Gzip)); // some 23 MiB
        PendingBytes::Holder messages(model.pending(), [] {});
        messages.set(15 * MiB);
        QVERIFY(messages.isExceeded());
        QVERIFY(!messages.isToShed()); // but the blocks are
        QTRY_VERIFY(!messages.isExceeded());
        messages.set(0);
        QVERIFY(!pages.metrics(Gzip));
        QVERIFY(pages.prepare(1 << 30));
        moment += 11s;
        QVERIFY(gunzipped(bytesOfPage(compressed(pages))) == bytesOfPage(pages.metrics(Plain)));
    }

    void aLargeTextIsSpreadOverCalls()
    {
        constexpr qint64 MiB = qint64{1} << 20;
        AppModel model({100, 64 * MiB});
        push(model, "large", metrics(1, 5 * MiB));
        ProxyCounters counters;
        MetricsPages pages(model, counters, {.selfMetrics = false}, {}, 2 * MiB);
        QVERIFY(!pages.metrics(Gzip));
        QVERIFY(pages.isCompressing());
        push(model, "other", "x 1\n"); // what has been done stays
        QVERIFY(!pages.metrics(Gzip));
        QVERIFY(pages.isCompressing());
        QVERIFY(pages.metrics(Gzip));
        QVERIFY(gunzipped(bytesOfPage(pages.metrics(Gzip))) == bytesOfPage(pages.metrics(Plain)));

        push(model, "large", metrics(2, 5 * MiB)); // begun anew
        QVERIFY(!pages.metrics(Gzip));
        push(model, "large", metrics(3, 5 * MiB)); // and once more
        QVERIFY(!pages.metrics(Gzip));
        QVERIFY(!pages.metrics(Gzip));
        QVERIFY(gunzipped(bytesOfPage(pages.metrics(Gzip))) == bytesOfPage(pages.metrics(Plain)));

        // Alone, without what the whole page has of it: that has it labelled.
        MetricsPages labelled(model, counters, {.appLabel = "app"}, {}, 2 * MiB);
        const auto app = model.find("large", inTheExample(0));
        QVERIFY(!labelled.metricsOf({&app, 1}, Gzip));
        QVERIFY(labelled.isCompressing());
        QVERIFY(!labelled.metricsOf({&app, 1}, Gzip));
        QVERIFY(gunzipped(bytesOfPage(labelled.metricsOf({&app, 1}, Gzip))) == app->text);
    }

    void aTextLargerThanTheBudgetIsServedAllTheSame()
    {
        AppModel model(Roomy);
        push(model, "a", metrics(1, 100'000));
        ProxyCounters counters;
        MetricsPages pages(model, counters, {.selfMetrics = false}, {}, 1000);
        QVERIFY(pages.metrics(Gzip));
    }

    void preparingAheadTakesTheWaitAway()
    {
        AppModel model(Roomy);
        for (int i = 0; i < 20; ++i)
            push(model, nameOf(i), metrics(i, 100'000));
        ProxyCounters counters;
        MetricsPages pages(model, counters, {.selfMetrics = false}, {}, 1);
        int steps = 1;
        while (!pages.prepare(400'000))
            ++steps;
        QCOMPARE(steps, 5);
        QVERIFY(pages.prepare(0));
        QVERIFY(pages.metrics(Gzip));
    }

    void aChangeAmongSmallTextsTouchesItsNeighboursOnly_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<qsizetype>("size");
        QTest::newRow("the first grows") << nameOf(0) << qsizetype{6500};
        QTest::newRow("one shrinks") << nameOf(10) << qsizetype{100};
        QTest::newRow("one becomes large") << nameOf(10) << qsizetype{20'000};
        QTest::newRow("one becomes empty") << nameOf(10) << qsizetype{0};
        QTest::newRow("one comes before all others") << QByteArray("aaa") << qsizetype{1000};
        QTest::newRow("one comes last") << QByteArray("zzz") << qsizetype{1000};
    }
    void aChangeAmongSmallTextsTouchesItsNeighboursOnly()
    {
        QFETCH(QByteArray, name);
        QFETCH(qsizetype, size);
        AppModel model(Roomy);
        for (int i = 0; i < 500; ++i)
            push(model, nameOf(i), metrics(i, 3000));
        ProxyCounters counters;
        MetricsPages pages(model, counters, {.selfMetrics = false}, {}, 60'000);
        while (!pages.metrics(Gzip)) { }
        push(model, name, metrics(1, size));
        QVERIFY(pages.metrics(Gzip)); // in one step of 60 KB, of 1.5 MB
        QVERIFY(gunzipped(bytesOfPage(compressed(pages))) == bytesOfPage(pages.metrics(Plain)));
    }

    void theRatioIsNearThatOfGzip_data()
    {
        QTest::addColumn<int>("apps");
        QTest::addColumn<qsizetype>("size");
        QTest::addColumn<double>("factor"); // size against one stream of level 6 over all
        QTest::newRow("one application of 60 KB") << 1 << qsizetype{60'000} << 1.25;
        QTest::newRow("ten of 100 KB") << 10 << qsizetype{100'000} << 1.6;
        QTest::newRow("a thousand of 1 KB") << 1000 << qsizetype{1000} << 2.0;
    }
    void theRatioIsNearThatOfGzip()
    {
        QFETCH(int, apps);
        QFETCH(qsizetype, size);
        QFETCH(double, factor);
        AppModel model(Roomy);
        for (int i = 0; i < apps; ++i)
            push(model, nameOf(i), metrics(i, size));
        ProxyCounters counters;
        MetricsPages pages(model, counters, {.selfMetrics = false});
        const QByteArray reference = qCompress(bytesOfPage(pages.metrics(Plain)), 6);
        const double ours = double(compressed(pages)->size);
        QVERIFY2(ours < factor * double(reference.size()),
                 qPrintable(QString::number(ours / double(reference.size()))));
    }

    void aCompressedScrapeAfterOneInAHundredChanged()
    {
        AppModel model(Roomy);
        for (int i = 0; i < 200; ++i)
            push(model, nameOf(i), metrics(i, 20'000));
        ProxyCounters counters;
        MetricsPages pages(model, counters, {.selfMetrics = true});
        QVERIFY(compressed(pages));
        const QByteArray text = metrics(1000, 20'000);
        std::shared_ptr<const Page> page;
        QBENCHMARK
        {
            push(model, nameOf(50), text);
            push(model, nameOf(150), text);
            page = pages.metrics(Gzip);
        }
        QVERIFY(page);
        QVERIFY(gunzipped(bytesOfPage(page))
                    .startsWith(bytesOfPage(pages.metrics(Plain)).first(model.view()->totalSize)));
    }

    void ownMetricsComeAndGo()
    {
        AppModel model(Roomy);
        push(model, "a", "x 1\n");
        ProxyCounters counters;
        MetricsPages pages(model, counters, {.selfMetrics = false});
        QCOMPARE(bytesOfPage(pages.metrics(Plain)), "x 1\n");
        QCOMPARE(gunzipped(bytesOfPage(compressed(pages))), "x 1\n");
        pages.setRules({.selfMetrics = true});
        QVERIFY(bytesOfPage(pages.metrics(Plain)).contains("\nexporter_proxy_build_info{"));
        QVERIFY(bytesOfPage(pages.metrics(Plain)).contains("\nexporter_proxy_app_up{app=\"a\"} 1\n"));
        QVERIFY(gunzipped(bytesOfPage(compressed(pages))).contains("\nexporter_proxy_build_info{"));
        pages.setRules({.selfMetrics = false});
        QCOMPARE(bytesOfPage(pages.metrics(Plain)), "x 1\n");
        QCOMPARE(gunzipped(bytesOfPage(compressed(pages))), "x 1\n");
    }

    void whatIsMergedLongIsMergedInSteps()
    {
        AppModel model(Roomy);
        const auto fill = [&](int salt) {
            for (int i = 0; i < 200; ++i)
                push(model, nameOf(i), metrics(1000 * salt + i, 3000));
        };
        const ProxyCounters counters;
        // A clock that runs on with each look at it: each call has time for little.
        std::chrono::steady_clock::time_point time;
        const PageClocks clocks{[] { return inTheExample(0); }, [&] { return time += 2ms; }};
        MetricsPages pages(model, counters, {ExpositionMode::Merge, {}, true}, clocks);
        const auto hasPage = [&](bool isLast) { return bool(pages.metrics(Plain, isLast)); };

        fill(1);
        QVERIFY(!hasPage(false));
        QVERIFY(pages.isCompressing());
        QVERIFY(!hasPage(true)); // there is nothing else that it could have
        QCOMPARE(pages.reports().size(), std::size_t(0));
        QVERIFY(pages.outdatedReports() != 0);
        int steps = 2;
        while (!hasPage(false))
            ++steps;
        QVERIFY(steps > 20);
        QCOMPARE(pages.outdatedReports(), quint64(0));
        const std::shared_ptr<const Page> first = pages.metrics(Plain);
        QCOMPARE(pages.metrics(Plain), first);
        QVERIFY(bytesOfPage(first).contains("\nexporter_proxy_stored_bytes "));

        // More changes while it is merged: who asks anew waits for all of them, who has waited gets what
        // there is.
        fill(2);
        QVERIFY(!hasPage(false));
        fill(3);
        std::shared_ptr<const Page> second;
        while (!second)
            second = pages.metrics(Plain, true);
        QVERIFY(bytesOfPage(second).contains("{instance=\"2199\""));
        QVERIFY(!hasPage(false));
        std::shared_ptr<const Page> third;
        while (!third)
            third = pages.metrics(Plain);
        QVERIFY(bytesOfPage(third).contains("{instance=\"3199\""));

        // The work goes on without a request.
        fill(4);
        QVERIFY(!hasPage(false));
        while (!pages.prepare(1 << 30)) { }
        QVERIFY(hasPage(false));
    }

    void otherRulesMakeAnotherPage()
    {
        AppModel model(Roomy);
        push(model, "a", "x{l=\"1\"} 1\n# a comment\n");
        push(model, "b", "x{l=\"2\"} 2\n");
        const ProxyCounters counters;
        MetricsPages pages(model, counters, {.selfMetrics = false});
        const QByteArray sent = "x{l=\"1\"} 1\n# a comment\nx{l=\"2\"} 2\n";
        QCOMPARE(bytesOfPage(pages.metrics(Plain)), sent);
        QCOMPARE(gunzipped(bytesOfPage(compressed(pages))), sent);
        pages.setRules({.mode = ExpositionMode::Merge, .appLabel = "app", .selfMetrics = false});
        const QByteArray merged = "# TYPE x untyped\nx{app=\"a\",l=\"1\"} 1\nx{app=\"b\",l=\"2\"} 2\n";
        QCOMPARE(bytesOfPage(pages.metrics(Plain)), merged);
        QCOMPARE(gunzipped(bytesOfPage(compressed(pages))), merged);
        const auto view = model.view();
        QCOMPARE(gunzipped(bytesOfPage(pages.metricsOf(std::span(view->apps).first(1), Gzip))),
                 "x{l=\"1\"} 1\n# a comment\n");
        pages.setRules({.selfMetrics = false});
        QCOMPARE(bytesOfPage(pages.metrics(Plain)), sent);
        QCOMPARE(gunzipped(bytesOfPage(compressed(pages))), sent);
    }
};

QTEST_GUILESS_MAIN(TestMetricsPages)
#include "tst_metricspages.moc"
