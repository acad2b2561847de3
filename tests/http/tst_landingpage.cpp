// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/landingpage.h"

#include "common/model/appmodel.h"
#include "daemon/http/httptext.h"

#include <QTest>

using namespace ExporterProxy;
using namespace std::chrono_literals;

namespace {

constexpr Timestamp Moment{784'111'777s}; // the example of RFC 9110

QByteArray pageOf(AppModel &model, Timestamp now = Moment)
{
    return renderLandingPage(*model.view(), "1.2.3", now);
}

void push(AppModel &model, const QByteArray &name, const QByteArray &text, Timestamp at = Moment)
{
    AppUpdate update{name, text};
    QVERIFY(!model.apply({&update, 1}, "127.0.0.1:6554", SourceKind::Push, at));
}

} // namespace

class TestLandingPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void linksVersionAndNoPlaceholderLeft()
    {
        AppModel model({});
        const QByteArray page = pageOf(model);
        QVERIFY(page.startsWith("<!DOCTYPE html>"));
        QVERIFY(page.contains("href=\"/metrics\""));
        QVERIFY(page.contains("href=\"/apps\""));
        QVERIFY(page.contains("href=\"/apps?format=json\""));
        QVERIFY(page.contains("1.2.3"));
        QVERIFY(page.contains("No application"));
        QVERIFY(!page.contains("{{"));
        QVERIFY(!page.contains("<script"));
    }

    void whatIsShownOtherwiseThanItWasSent()
    {
        AppModel model({});
        push(model, "a", "x 1\n");
        push(model, "b", "x 2\n");
        MergeReport report;
        report.app = "b";
        report.notes << QByteArrayLiteral("x is a <gauge> here");
        const QByteArray page = renderLandingPage(*model.view(), "1.2.3", Moment, {&report, 1});
        QCOMPARE(page.count("<small>x is a &lt;gauge&gt; here</small>"), 1);
        QVERIFY(page.indexOf("<small>x is") > page.indexOf("/apps/b/metrics"));
    }

    void aRowForEachApplication()
    {
        AppModel model({});
        push(model, "node", QByteArray(2047, 'x') + '\n', Moment - 65s);
        model.addConfigured("polled", "external_poll: h:1", SourceKind::Poll, 5s);
        const QByteArray page = pageOf(model);
        QVERIFY(page.contains("<td><a href=\"/apps/node/metrics\">node</a></td>"));
        QVERIFY(page.contains("127.0.0.1:6554"));
        QVERIFY(page.contains("1 min 5 s ago"));
        QVERIFY(page.contains("1994-11-06 08:48:32 UTC"));
        QVERIFY(page.contains("2.0 KiB"));
        QVERIFY(page.contains("state fresh"));
        QVERIFY(page.contains("<td><a href=\"/apps/polled/metrics\">polled</a></td>"));
        QVERIFY(page.contains("never"));
        QVERIFY(page.contains("2 applications"));
    }

    void whatSendersChooseIsEscaped()
    {
        AppModel model({});
        push(model, "<script>alert(\"1\")</script>&{{rows}}{{version}}", "x 1\n");
        const QByteArray page = pageOf(model);
        QVERIFY(!page.contains("<script"));
        QVERIFY(page.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;{{rows}}{{version}}"));
    }

    void theStateIsToldWithItsReason()
    {
        FreshnessRules rules;
        rules.apps["gone <b>"].expireAfter = 60s;
        rules.apps["quiet"].staleAfter = 60s;
        AppModel model({}, rules);
        for (int i = 0; i < 4; ++i)
            push(model, "usually 15", "x 1\n", Moment - 90s + i * 15s);
        push(model, "gone <b>", "x 1\n", Moment - 60s);
        push(model, "quiet", "x 1\n", Moment - 60s);
        push(model, "refused", "x 1\n", Moment);
        model.noteRejected("refused", "a NUL byte in <x>", SourceKind::Push, Moment);
        model.addConfigured("polled", "external_poll: h:1", SourceKind::Poll, 5s);
        model.addConfigured("dead", "external_poll: h:2", SourceKind::Poll, 5s);
        model.noteRejected("dead", "connection refused", SourceKind::Poll, Moment);
        model.expire(Moment);
        const QByteArray page = pageOf(model);
        QVERIFY(page.contains(
            "<span class=\"state expired\">expired</span><small>no longer on the page</small>"));
        QVERIFY(page.contains("<a href=\"/apps/gone%20%3Cb%3E/metrics\">gone &lt;b&gt;</a>"));
        QVERIFY(page.contains("<span class=\"state stale\">stale</span></td>"));
        QVERIFY(page.contains("<span class=\"state stale\">stale</span><small>not polled yet</small>"));
        QVERIFY(page.contains("<small>a NUL byte in &lt;x&gt;</small>"));
        QVERIFY(
            page.contains("<span class=\"state failing\">failing</span><small>connection refused</small>"));
        QVERIFY(page.contains("<span class=\"state late\">late</span><small>usually every 15 s</small>"));
    }

    void ages_data()
    {
        QTest::addColumn<qint64>("seconds");
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("now") << qint64(0) << QByteArray(">0 s ago<");
        QTest::newRow("a clock set back") << qint64(-100) << QByteArray(">0 s ago<");
        QTest::newRow("seconds") << qint64(59) << QByteArray(">59 s ago<");
        QTest::newRow("minutes") << qint64(60) << QByteArray(">1 min 0 s ago<");
        QTest::newRow("hours") << qint64(3600 + 120) << QByteArray(">1 h 2 min ago<");
        QTest::newRow("days") << qint64(86'400 * 3 + 3600) << QByteArray(">3 d 1 h ago<");
    }
    void ages()
    {
        QFETCH(qint64, seconds);
        QFETCH(QByteArray, text);
        AppModel model({});
        push(model, "a", "x 1\n", Moment);
        QVERIFY(pageOf(model, Moment + std::chrono::seconds(seconds)).contains(text));
    }
};

QTEST_APPLESS_MAIN(TestLandingPage)
#include "tst_landingpage.moc"
