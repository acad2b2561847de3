// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/ownmetrics.h"

#include "common/exposition/textparser.h"
#include "common/util/version.h"
#include "tests/exposition/pagetexts.h"
#include "tests/exposition/views.h"

#include <QRandomGenerator>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

using namespace ExporterProxy;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr AppModel::Limits Roomy{10'000, 1 << 30};
constexpr Timestamp Now = inTheExample(52'939'898'700);

/// What stands behind a series (its name and labels as written); empty if it is not there or there twice.
QByteArray valueOf(const QByteArray &text, const QByteArray &series)
{
    const QByteArray needle = '\n' + series + ' ';
    const qsizetype at = ('\n' + text).indexOf(needle);
    if (at < 0 || ('\n' + text).indexOf(needle, at + 1) >= 0)
        return {};
    const qsizetype begin = at + needle.size() - 1;
    return text.mid(begin, text.indexOf('\n', begin) - begin);
}

QByteArray withAllFigures(const ProxyCounters &counters, bool configOk = true)
{
    return renderProcessMetrics(counters, {12.345678, 1 << 20, 1 << 30, 17, 1024, 1653263460.25}, configOk);
}

} // namespace

class TestOwnMetrics : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void withoutApplicationsTheStatesStayCounted()
    {
        AppModel model(Roomy);
        QCOMPARE(
            appMetricsOf(model, *model.view(), Now),
            "# HELP exporter_proxy_apps Number of applications in each state.\n"
            "# TYPE exporter_proxy_apps gauge\n"
            "exporter_proxy_apps{state=\"fresh\"} 0\n"
            "exporter_proxy_apps{state=\"late\"} 0\n"
            "exporter_proxy_apps{state=\"stale\"} 0\n"
            "exporter_proxy_apps{state=\"rejected\"} 0\n"
            "exporter_proxy_apps{state=\"failing\"} 0\n"
            "exporter_proxy_apps{state=\"expired\"} 0\n"
            "# HELP exporter_proxy_stored_bytes Size of all applications' texts together.\n"
            "# TYPE exporter_proxy_stored_bytes gauge\n"
            "exporter_proxy_stored_bytes 0\n"
            "# HELP exporter_proxy_charged_bytes What counts towards exporter_proxy_max_total_bytes: the "
            "texts, and what pages keep for them.\n"
            "# TYPE exporter_proxy_charged_bytes gauge\n"
            "exporter_proxy_charged_bytes 0\n");
    }

    void eachApplicationHasItsFigures()
    {
        AppModel model(Roomy);
        push(model, "a", "x 1\n", inTheExample(1'234'000'000));
        push(model, "a", "x 12\n", inTheExample(7'050'999'999));
        push(model, "b", "x 1\n", inTheExample(0));
        model.noteRejected("b", "a NUL byte", SourceKind::Push, Now);
        model.addConfigured("p", "external_poll: p:1", SourceKind::Poll, 5s);
        const QByteArray text = appMetricsOf(model, *model.view(), Now);
        QCOMPARE(valueOf(text, R"(exporter_proxy_apps{state="fresh"})"), "1");
        QCOMPARE(valueOf(text, R"(exporter_proxy_apps{state="stale"})"), "1"); // not polled yet
        QCOMPARE(valueOf(text, R"(exporter_proxy_apps{state="rejected"})"), "1");
        QCOMPARE(valueOf(text, R"(exporter_proxy_app_up{app="a"})"), "1");
        QCOMPARE(valueOf(text, R"(exporter_proxy_app_up{app="b"})"), "0");
        QCOMPARE(valueOf(text, R"(exporter_proxy_app_bytes{app="a"})"), "5");
        QCOMPARE(valueOf(text, R"(exporter_proxy_app_updates_total{app="a"})"), "2");
        QCOMPARE(valueOf(text, R"(exporter_proxy_app_rejected_total{app="b"})"), "1");
        QCOMPARE(valueOf(text, R"(exporter_proxy_app_interval_seconds{app="p"})"), "5");
        QVERIFY(!text.contains(R"(interval_seconds{app="a"})")); // two pushes are no rhythm
        const QByteArray lastUpdate = "exporter_proxy_app_last_update_timestamp_seconds";
        QCOMPARE(valueOf(text, lastUpdate + R"({app="a",source="127.0.0.1:6554"})"), "1653263467.05");
        QCOMPARE(valueOf(text, lastUpdate + R"({app="b",source="127.0.0.1:6554"})"), "1653263460");
        QVERIFY(!text.contains(lastUpdate + R"({app="p")")); // no number stands for "never"
    }

    void labelsAreEscaped_data()
    {
        QTest::addColumn<QByteArray>("source");
        QTest::addColumn<QByteArray>("written");
        QTest::newRow("backslash, quote, newline")
            << QByteArray("a\\b\"c\nd") << QByteArray("a\\\\b\\\"c\\nd");
        QTest::newRow("nothing") << QByteArray() << QByteArray();
        QTest::newRow("UTF-8") << QByteArray("größe 🚀") << QByteArray("größe 🚀");
        QTest::newRow("not UTF-8") << QByteArray("a\xFFz") << QByteArray("a\uFFFDz");
        QTest::newRow("NUL and carriage return") << QByteArray("a\0\r", 3) << QByteArray("a\uFFFD\uFFFD");
    }
    void labelsAreEscaped()
    {
        QFETCH(QByteArray, source);
        QFETCH(QByteArray, written);
        AppModel model(Roomy);
        push(model, source, "x 1\n", Now, source);
        const QByteArray text = appMetricsOf(model, *model.view(), Now);
        QCOMPARE(valueOf(text, "exporter_proxy_app_up{app=\"" + written + "\"}"), "1");
        QVERIFY(text.contains("app=\"" + written + "\",source=\"" + written + "\"} 1653263512.939\n"));
    }

    void linesThatAreFollowedAreThoseOfAFreshStart()
    {
        AppModel model(Roomy);
        FreshnessRules rules;
        rules.staleAfter = 40s;
        rules.expireAfter = 60s;
        rules.forgetAfter = 90s;
        model.setFreshness(rules);
        PageStore store(model.pending(), [] {});
        OwnMetrics own(store);
        QRandomGenerator random(11);
        Timestamp now = Now;
        for (int round = 0; round < 300; ++round) {
            for (int i = random.bounded(12); i > 0; --i) {
                const QByteArray name = "app" + QByteArray::number(random.bounded(400));
                push(model, name, QByteArray(random.bounded(20), 'x'), now, i % 2 == 0 ? "tcp" : "unix");
                if (i % 3 == 0)
                    model.noteRejected(name, "refused", SourceKind::Push, now);
            }
            if (round % 50 == 0)
                model.addConfigured("poll" + QByteArray::number(round), "external_poll", SourceKind::Poll,
                                    5s);
            if (round % 60 == 59)
                now -= 30s; // a clock that is set back
            now += std::chrono::milliseconds(random.bounded(3000));
            const auto view = model.view(now);
            own.follow(*view, now);
            QCOMPARE(textOf(own.sections()), appMetricsOf(model, *view, now));
        }
    }

    void aPushCostsTheLinesOfItsNeighbours()
    {
        AppModel model(Roomy);
        for (int i = 0; i < 2000; ++i)
            push(model, "app" + QByteArray::number(i), "x 1\n", Now);
        PageStore store(model.pending(), [] {});
        OwnMetrics own(store);
        const auto deflated = [&] {
            own.follow(*model.view(), Now);
            DeflateBudget budget(1 << 30);
            store.deflate({own.sections(), *model.view()}, Format::Text, budget);
            return (1 << 30) - budget.text;
        };
        QVERIFY(deflated() > 500'000);
        QCOMPARE(deflated(), 0);
        push(model, "app1000", "x 1\n", Now);
        QVERIFY(deflated() < 40'000);
        const quint64 serial = own.serial();
        own.follow(*model.view(), Now + 1h); // no rhythm, no limits: no state can change
        QCOMPARE(own.serial(), serial);
    }

    void theProxysFiguresAreExact()
    {
        ProxyCounters counters;
        counters.unixSocket.accepted = 18'446'744'073'709'551'615u;
        counters.tcpSocket.countError(RejectReason::Timeout);
        counters.tcpSocket.connections = 3;
        counters.unixSocket.acceptFailures.count(ENOBUFS);
        counters.httpAcceptFailures.count(EMFILE);
        counters.httpAcceptFailures.count(ENFILE);
        counters.repairs.crlf = 5;
        counters.polls["p\""].lastDurationSeconds = 0.00001;
        counters.polls["p\""].errors[std::size_t(RejectReason::Tls)] = 4;
        counters.polls["q"];
        counters.scrapes = 5;
        counters.scrapeBytesPlain = 6;
        counters.scrapeBytesGzip = 7;
        const QByteArray text = withAllFigures(counters);
        const QByteArray version(VersionString);
        const QByteArray qt(qVersion());
        QCOMPARE(valueOf(text, "exporter_proxy_build_info{version=\"" + version + "\",qt=\"" + qt + "\"}"),
                 "1");
        QCOMPARE(valueOf(text, R"(exporter_proxy_pushes_total{receiver="unix"})"), "18446744073709551615");
        QCOMPARE(valueOf(text, R"(exporter_proxy_pushes_total{receiver="tcp"})"), "0");
        QCOMPARE(valueOf(text, R"(exporter_proxy_push_errors_total{receiver="tcp",reason="timeout"})"), "1");
        QCOMPARE(text.count("exporter_proxy_push_errors_total{"), 2 * qsizetype(RejectReasonNames.size()));
        QCOMPARE(valueOf(text, R"(exporter_proxy_connections{receiver="tcp"})"), "3");
        QCOMPARE(valueOf(text, R"(exporter_proxy_accept_errors_total{listener="unix",reason="no_memory"})"),
                 "1");
        QCOMPARE(valueOf(text, R"(exporter_proxy_accept_errors_total{listener="tcp",reason="no_memory"})"),
                 "0");
        QCOMPARE(
            valueOf(text, R"(exporter_proxy_accept_errors_total{listener="http",reason="no_descriptors"})"),
            "2");
        QCOMPARE(valueOf(text, R"(exporter_proxy_repaired_total{kind="crlf"})"), "5");
        QCOMPARE(valueOf(text, R"(exporter_proxy_repaired_total{kind="bom"})"), "0");
        QCOMPARE(valueOf(text, "exporter_proxy_poll_duration_seconds{app=\"p\\\"\"}"), "0.00001");
        QVERIFY(!text.contains(R"(exporter_proxy_poll_duration_seconds{app="q"})"));
        QCOMPARE(valueOf(text, "exporter_proxy_poll_errors_total{app=\"p\\\"\",reason=\"tls\"}"), "4");
        QCOMPARE(text.count("exporter_proxy_poll_errors_total{"), 2 * qsizetype(PollFailureNames.size()));
        QCOMPARE(valueOf(text, "exporter_proxy_scrapes_total"), "5");
        QCOMPARE(valueOf(text, R"(exporter_proxy_scrape_bytes_total{encoding="identity"})"), "6");
        QCOMPARE(valueOf(text, R"(exporter_proxy_scrape_bytes_total{encoding="gzip"})"), "7");
        QCOMPARE(valueOf(text, "exporter_proxy_config_last_reload_successful"), "1");
        QCOMPARE(valueOf(withAllFigures(counters, false), "exporter_proxy_config_last_reload_successful"),
                 "0");
        QCOMPARE(valueOf(text, "exporter_proxy_process_cpu_seconds_total"), "12.345678");
        QCOMPARE(valueOf(text, "exporter_proxy_process_resident_memory_bytes"), "1048576");
        QCOMPARE(valueOf(text, "exporter_proxy_process_virtual_memory_bytes"), "1073741824");
        QCOMPARE(valueOf(text, "exporter_proxy_process_open_fds"), "17");
        QCOMPARE(valueOf(text, "exporter_proxy_process_max_fds"), "1024");
        QCOMPARE(valueOf(text, "exporter_proxy_process_start_time_seconds"), "1653263460.25");
    }

    void theStateFileHasFiguresWhileThereIsOne()
    {
        ProxyCounters counters;
        QVERIFY(!withAllFigures(counters).contains("exporter_proxy_state"));
        counters.state.isKept = true;
        counters.state.restoreFailed = true;
        const QByteArray fresh = withAllFigures(counters);
        QCOMPARE(valueOf(fresh, "exporter_proxy_state_restore_failed"), "1");
        QCOMPARE(valueOf(fresh, "exporter_proxy_state_last_write_successful"), "1");
        QCOMPARE(valueOf(fresh, "exporter_proxy_state_writes_total"), "0");
        QVERIFY(!fresh.contains("last_write_timestamp"));
        QVERIFY(!fresh.contains("last_write_bytes"));
        counters.state.restoreFailed = false;
        counters.state.restoredApps = 3;
        counters.state.writes = 4;
        counters.state.errors = 5;
        counters.state.lastSuccessful = false;
        counters.state.lastWrite = Timestamp(std::chrono::milliseconds(1'653'263'512'939));
        counters.state.bytes = 6;
        counters.configLoadedAt = Timestamp(std::chrono::milliseconds(1'653'263'511'500));
        const QByteArray text = withAllFigures(counters);
        QCOMPARE(valueOf(text, "exporter_proxy_state_restore_failed"), "0");
        QCOMPARE(valueOf(text, "exporter_proxy_state_restored_apps"), "3");
        QCOMPARE(valueOf(text, "exporter_proxy_state_writes_total"), "4");
        QCOMPARE(valueOf(text, "exporter_proxy_state_write_errors_total"), "5");
        QCOMPARE(valueOf(text, "exporter_proxy_state_last_write_successful"), "0");
        QCOMPARE(valueOf(text, "exporter_proxy_state_last_write_timestamp_seconds"), "1653263512.939");
        QCOMPARE(valueOf(text, "exporter_proxy_state_last_write_bytes"), "6");
        QCOMPARE(valueOf(text, "exporter_proxy_config_last_reload_success_timestamp_seconds"),
                 "1653263511.5");
    }

    void unknownFiguresAreLeftOut()
    {
        const QByteArray text = renderProcessMetrics(ProxyCounters(), ProcessFigures(), true);
        QVERIFY(!text.contains("process"));
        QVERIFY(!text.contains("poll"));
        QVERIFY(text.contains("exporter_proxy_scrapes_total 0\n"));
    }

    void theWholePageKeepsToTheFormat()
    {
        AppModel model(Roomy);
        for (const char *name : {"a", "b\"", "c\\", "größe"})
            push(model, name, "x 1\n");
        ProxyCounters counters;
        counters.polls["p"].lastDurationSeconds = 1.5;
        counters.limits = {10, 1000, 5};
        const QByteArray text = appMetricsOf(model, *model.view(), Now) + withAllFigures(counters);
        QVERIFY(text.endsWith('\n'));
        QVERIFY(!expositionFault(text));
        // Every family has its HELP and TYPE once, right before its samples, and no sample stands alone.
        static const QRegularExpression sample(
            QString::fromLatin1("^(\\w+)(\\{\\w+=\"(?:[^\"\\\\]|\\\\.)*\"(?:,\\w+=\"(?:[^\"\\\\]|\\\\.)*\")*"
                                "\\})? -?[0-9]+(\\.[0-9]+)?$"));
        QSet<QString> families;
        QSet<QString> series;
        QString family;
        const QStringList lines = QString::fromUtf8(text.chopped(1)).split(u'\n');
        for (qsizetype i = 0; i < lines.size(); ++i) {
            const QString &line = lines[i];
            if (line.startsWith(u"# HELP ")) {
                family = line.section(u' ', 2, 2);
                QVERIFY2(family.startsWith(u"exporter_proxy_"), qPrintable(line));
                QVERIFY2(!families.contains(family), qPrintable(line));
                families.insert(family);
                const QString type = lines.value(++i);
                const bool isTotal = family.endsWith(u"_total");
                QCOMPARE(type, u"# TYPE "_s + family + (isTotal ? u" counter"_s : u" gauge"_s));
                QVERIFY2(lines.value(i + 1).startsWith(family),
                         qPrintable(line)); // no family without samples
                continue;
            }
            const auto match = sample.match(line);
            QVERIFY2(match.hasMatch(), qPrintable(line));
            QCOMPARE(match.captured(1), family);
            QVERIFY2(!series.contains(match.captured(1) + match.captured(2)), qPrintable(line));
            series.insert(match.captured(1) + match.captured(2));
        }
        QCOMPARE(families.size(), 28);
    }

    void aThousandApplications()
    {
        AppModel model(Roomy);
        for (int i = 0; i < 1000; ++i)
            push(model, "application_" + QByteArray::number(100'000 + i), "x 1\n", Now);
        const auto view = model.view();
        QByteArray text;
        QBENCHMARK
        {
            text = appMetricsOf(model, *view, Now);
        }
        QCOMPARE(text.count('\n'), 5000 + 5 * 2 + 2 + 6 + 2 * 3);
    }
};

QTEST_APPLESS_MAIN(TestOwnMetrics)
#include "tst_ownmetrics.moc"
