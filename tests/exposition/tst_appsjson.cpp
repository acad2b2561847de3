// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/exposition/appsjson.h"

#include "common/util/version.h"
#include "tests/exposition/views.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace ExporterProxy;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr AppModel::Limits Roomy{10'000, 1 << 30};
constexpr Timestamp Now = inTheExample(52'939'898'700);
constexpr Timestamp Started = inTheExample(0);

QJsonObject parsed(const QByteArray &json)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    if (error.error != QJsonParseError::NoError)
        qWarning("%s at %d in %s", qPrintable(error.errorString()), error.offset, json.constData());
    return document.object();
}

QJsonObject onlyApp(AppModel &model, Timestamp now = Now)
{
    const QJsonArray apps = parsed(renderAppsJson(*model.view(), now, Started))[u"apps"].toArray();
    return apps.size() == 1 ? apps[0].toObject() : QJsonObject();
}

QJsonObject object(const char *json)
{
    return parsed(json);
}

} // namespace

class TestAppsJson : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void withoutApplications()
    {
        AppModel model(Roomy);
        QJsonObject expected = object(R"({"now": "2022-05-22T23:51:52.939898700Z",
            "started": "2022-05-22T23:51:00Z", "apps": []})");
        expected[u"generation"] = double(model.generation());
        expected[u"version"] = QString::fromUtf8(VersionString);
        QCOMPARE(parsed(renderAppsJson(*model.view(), Now, Started)), expected);
    }

    void conflictsOfThoseThatHaveSome()
    {
        AppModel model(Roomy);
        for (const char *name : {"a", "b", "c"})
            push(model, name, "x 1\n");
        MergeReport gone;
        gone.app = "aa";
        gone.notes << QByteArrayLiteral("of an application that is not there");
        MergeReport report;
        report.app = "b";
        report.notes << QByteArrayLiteral("\"x\"") << QByteArrayLiteral("y");
        const MergeReport reports[] = {gone, report};
        const QJsonArray apps =
            parsed(renderAppsJson(*model.view(), Now, Started, reports))[u"apps"].toArray();
        QCOMPARE(apps.size(), 3);
        QVERIFY(!apps[0].toObject().contains(u"conflicts"));
        QCOMPARE(apps[1].toObject()[u"conflicts"].toArray(), (QJsonArray{u"\"x\""_s, u"y"_s}));
        QVERIFY(!apps[2].toObject().contains(u"conflicts"));
    }

    void aPushedApplication()
    {
        AppModel model(Roomy);
        push(model, "größe", "# TYPE x gauge\nx 1\ny 2\n", inTheExample(50'000'000'000));
        push(model, "größe", "# TYPE x gauge\nx 1\ny 2\n", inTheExample(51'500'000'000));
        QCOMPARE(onlyApp(model), object(R"({"name": "größe", "source": "127.0.0.1:6554", "kind": "push",
            "state": "fresh", "last_update": "2022-05-22T23:51:51.500Z", "age_seconds": 1.439,
            "interval_seconds": null, "bytes": 23, "series": 2, "format": "text", "updates": 2, "rejected": 0,
            "last_error": null})"));
    }

    void aFormatAndNotes()
    {
        AppModel model(Roomy);
        AppUpdate update{"a", "x 1\n", Format::OpenMetrics, "x 1\n# EOF\n", {"\"one\"", "two"}};
        QVERIFY(!model.apply({&update, 1}, "here", SourceKind::Push, Now));
        QCOMPARE(onlyApp(model)[u"format"].toString(), u"openmetrics"_s);
        QCOMPARE(onlyApp(model)[u"notes"].toArray(), (QJsonArray{u"\"one\""_s, u"two"_s}));
        QCOMPARE(onlyApp(model)[u"bytes"].toInt(), 4);
        push(model, "a", "x 1\n", Now);
        QCOMPARE(onlyApp(model)[u"format"].toString(), u"text"_s);
        QVERIFY(!onlyApp(model).contains(u"notes"));
    }

    void aPolledApplicationThatNeverAnswered()
    {
        AppModel model(Roomy);
        model.addConfigured("external_poll: a:1", "external_poll: a:1", SourceKind::Poll, 2500ms);
        model.noteRejected("external_poll: a:1", "connection refused", SourceKind::Poll,
                           inTheExample(2'500'000));
        QCOMPARE(onlyApp(model), object(R"({"name": "external_poll: a:1", "source": "external_poll: a:1",
            "kind": "poll", "state": "failing", "last_update": null, "age_seconds": null,
            "interval_seconds": 2.5, "bytes": 0, "series": 0, "format": "text", "updates": 0, "rejected": 1,
            "last_error": {"at": "2022-05-22T23:51:00.002500Z", "reason": "connection refused"}})"));
    }

    void anAgeIsNeverNegative()
    {
        AppModel model(Roomy);
        push(model, "a", "x 1\n", Now + 10s);
        QCOMPARE(onlyApp(model)[u"age_seconds"].toDouble(-1), 0.0);
        QVERIFY(!onlyApp(model, Timestamp::min()).isEmpty());
        QVERIFY(!onlyApp(model, Timestamp::max()).isEmpty());
    }

    void hostileTexts_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("read");
        QByteArray ascii;
        for (char c = 0; c < 0x7f; ++c)
            ascii += c;
        QTest::newRow("all of ASCII") << ascii << QString::fromLatin1(ascii);
        QTest::newRow("a script that would end another")
            << QByteArray("</script><b>&amp;") << "</script><b>&amp;";
        QTest::newRow("line separators") << QByteArray("a\u2028b\u2029c") << u"a\u2028b\u2029c"_s;
        QTest::newRow("beyond the basic plane") << QByteArray("a🚀b") << u"a🚀b"_s;
        QTest::newRow("bytes that are not UTF-8") << QByteArray("a\xFF\x80z") << u"a\uFFFD\uFFFDz"_s;
        QTest::newRow("a character cut off at the end") << QByteArray("a\xE6\xB5") << u"a\uFFFD"_s;
        QTest::newRow("an overlong slash") << QByteArray("\xC0\xAF") << u"\uFFFD\uFFFD"_s;
        QTest::newRow("a surrogate") << QByteArray("\xED\xA0\x80") << u"\uFFFD\uFFFD\uFFFD"_s;
        QTest::newRow("above U+10FFFF") << QByteArray("\xF4\x90\x80\x80") << u"\uFFFD\uFFFD\uFFFD\uFFFD"_s;
        QTest::newRow("long and to be escaped") << QByteArray(5000, '\x01') << QString(5000, u'\x01');
    }
    void hostileTexts()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, read);
        AppModel model(Roomy);
        push(model, text, "x 1\n", Now, text);
        model.noteRejected(text, text, SourceKind::Push, Now);
        const QByteArray json = renderAppsJson(*model.view(), Now, Started);
        const QJsonObject app = onlyApp(model);
        QCOMPARE(app[u"name"].toString(), read);
        QCOMPARE(app[u"source"].toString(), read);
        QCOMPARE(app[u"last_error"].toObject()[u"reason"].toString(), read);
        QCOMPARE(app[u"state"].toString(), u"rejected"_s);
        QVERIFY(json.isValidUtf8());
        for (const char *unsafe : {"<", ">", "&", "\u2028", "\u2029", "\t", "\x01"})
            QVERIFY(!json.contains(unsafe));
    }

    void theEtagFollowsGenerationAndStart()
    {
        AppModel model(Roomy);
        push(model, "a", "x 1\n");
        const QByteArray etag = appsEtag(*model.view(), Now, Started);
        QVERIFY(etag.size() > 2 && etag.startsWith('"') && etag.endsWith('"'));
        QCOMPARE(appsEtag(*model.view(), Now + 1s, Started), etag);
        QVERIFY(appsEtag(*model.view(), Now, Started + 1ns) != etag);
        push(model, "a", "x 1\n");
        QVERIFY(appsEtag(*model.view(), Now, Started) != etag);
    }

    void theDigestTellsWhichApplicationIsInWhichState()
    {
        AppModel model(Roomy);
        push(model, "a", "x 1\n");
        push(model, "b", "x 1\n");
        const quint64 bothFresh = appStatesDigest(*model.view(), Now);
        model.noteRejected("a", "r", SourceKind::Push, Now);
        const quint64 firstRejected = appStatesDigest(*model.view(), Now);
        push(model, "a", "x 1\n");
        QCOMPARE(appStatesDigest(*model.view(), Now), bothFresh);
        model.noteRejected("b", "r", SourceKind::Push, Now);
        const quint64 secondRejected = appStatesDigest(*model.view(), Now);
        QVERIFY(firstRejected != bothFresh && secondRejected != bothFresh && firstRejected != secondRejected);
    }

    void tenThousandApplications()
    {
        AppModel model(Roomy);
        for (int i = 0; i < 10'000; ++i)
            push(model, "application_" + QByteArray::number(100'000 + i), "x 1\n", Now - i * 1ms);
        const auto view = model.view();
        QByteArray json;
        QBENCHMARK
        {
            json = renderAppsJson(*view, Now, Started);
        }
        QCOMPARE(parsed(json)[u"apps"].toArray().size(), 10'000);
    }
};

QTEST_APPLESS_MAIN(TestAppsJson)
#include "tst_appsjson.moc"
