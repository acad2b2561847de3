// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/apps/appslisting.h"

#include "common/exposition/appsjson.h"
#include "common/util/version.h"
#include "tests/apps/newerlisting.h"
#include "tests/exposition/views.h"
#include "tests/wire/json.h"

#include <QTest>

using namespace ExporterProxy;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// What a listing must say of a snapshot.
AppRecord recordOf(const AppSnapshot &app, Timestamp now)
{
    AppRecord record;
    record.name = QString::fromUtf8(app.name);
    record.source = QString::fromUtf8(app.source);
    record.lastErrorReason = QString::fromUtf8(app.lastErrorReason);
    record.lastUpdate = app.lastUpdate;
    record.lastErrorAt = app.lastErrorAt;
    record.interval = app.interval;
    record.bytes = app.text.size();
    record.series = app.series();
    record.updates = app.updates;
    record.rejected = app.rejected;
    record.kind = QString::fromLatin1(infoOf(app.kind).name);
    record.state = appStateAt(app, now);
    return record;
}

QByteArray listingWith(const QByteArray &apps)
{
    return "{\"now\":\"2022-05-22T23:51:52Z\",\"apps\":[" + apps + "]}";
}

} // namespace

class TestAppsReader : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatTheDaemonWritesIsReadBack()
    {
        AppModel model({10'000, 1 << 30});
        push(model, "plain", "x 1\ny 2\n", inTheExample(1));
        push(model, "plain", "x 1\n", inTheExample(2));
        push(model, "names \"<&>\\ \xE2\x80\xAE\xF0\x9F\x98\x80", "", inTheExample(3), "/run/a b.sock");
        model.addConfigured("polled", "external_poll: host:1", SourceKind::Poll, 2500ms);
        model.addConfigured("failing", "external_poll: host:2", SourceKind::Poll, 5s);
        model.noteRejected("failing", "connection\nrefused", SourceKind::Poll, inTheExample(4));
        model.noteRejected("plain", "no \"metrics\"", SourceKind::Push, inTheExample(5));

        const auto view = model.view();
        const Timestamp now = inTheExample(939'898'700);
        const AppsReading reading = readAppsJson(renderAppsJson(*view, now, inTheExample(0)));
        QCOMPARE(reading.fault, QString());
        QVERIFY(reading.listing);
        QVERIFY(reading.listing->now == now);
        QVERIFY(reading.listing->started == inTheExample(0));
        QCOMPARE(reading.listing->generation, view->generation);
        QCOMPARE(reading.listing->version, QString::fromLatin1(VersionString));
        QCOMPARE(reading.listing->apps.size(), view->apps.size());
        for (const AppRecord &app : reading.listing->apps) {
            const AppSnapshot *snapshot = view->find(app.name.toUtf8());
            QVERIFY(snapshot);
            QVERIFY2(app == recordOf(*snapshot, now), qPrintable(app.name));
        }
    }

    void anEmptyListingIsOne()
    {
        const AppsReading reading = readAppsJson(listingWith(""));
        QVERIFY(reading.listing);
        QVERIFY(reading.listing->apps.empty());
        QVERIFY(reading.listing->started == Never);
    }

    void tenThousandApplicationsAreRead()
    {
        AppModel model({20'000, 1 << 30});
        for (int i = 0; i < 10'000; ++i)
            push(model, "application_" + QByteArray::number(i), "x 1\n", inTheExample(i));
        const auto view = model.view();
        const AppsReading reading = readAppsJson(renderAppsJson(*view, inTheExample(0), inTheExample(0)));
        QVERIFY(reading.listing);
        QCOMPARE(reading.listing->apps.size(), 10'000u);
        QCOMPARE(reading.listing->apps.back().name, QStringLiteral("application_9999"));
    }

    void theListingIsInTheOrderOfQString()
    {
        // U+FF5E is before U+10000 by bytes of UTF-8, and after it by units of UTF-16.
        const AppsReading reading = readAppsJson(
            listingWith(json("{'name':'\\uff5e','state':'fresh'},{'name':'\\ud800\\udc00','state':'late'}")));
        QVERIFY(reading.listing);
        QVERIFY(reading.listing->apps.front().name < reading.listing->apps.back().name);
        QCOMPARE(reading.listing->apps.front().state, AppState::Late);
    }

    void namesThatDifferByAByteOrderMarkAreTwo()
    {
        const QByteArray marked = QByteArray("\xEF\xBB\xBF") + 'a';
        AppModel model({10, 1 << 20});
        push(model, "a", "x 1\n");
        push(model, marked, "x 2\n");
        const AppsReading reading =
            readAppsJson(renderAppsJson(*model.view(), inTheExample(0), inTheExample(0)));
        QCOMPARE(reading.fault, QString());
        QCOMPARE(reading.listing->apps.size(), 2u);
        QCOMPARE(reading.listing->apps.back().name.toUtf8(), marked);
    }

    void whatANewerDaemonAddsIsSkipped()
    {
        const AppsReading reading = readAppsJson(NewerListing);
        QCOMPARE(reading.fault, QString());
        QCOMPARE(reading.listing->apps.size(), 4u);
        const AppRecord &app = reading.listing->apps.front();
        QCOMPARE(app.name, u"backup"_s);
        QCOMPARE(app.state, AppState::Failing);
        QCOMPARE(app.lastErrorReason, u"exit status 1"_s);
        QVERIFY(app.lastErrorAt == Never);
    }

    void kindsAndStatesOfANewerDaemonAreKeptAsWords()
    {
        const AppsReading reading = readAppsJson(NewerListing);
        QCOMPARE(reading.fault, QString());
        const auto &apps = reading.listing->apps;
        QCOMPARE(apps[0].kind, u"command"_s);
        QCOMPARE(apps[0].stateWord, QString());
        QCOMPARE(apps[1].kind, u"file"_s);
        QCOMPARE(apps[1].state, AppState::Unknown);
        QCOMPARE(apps[1].stateWord, u"muted-thing"_s);
        QCOMPARE(apps[2].kind, u"future"_s);
        QCOMPARE(apps[2].state, AppState::Unknown);
        QCOMPARE(apps[2].stateWord, u"muted-thing"_s);
        QCOMPARE(apps[3].kind, u"push"_s);
        QCOMPARE(apps[3].state, AppState::Fresh);
        // Of our own "unknown" there is none in a listing: it is a word as any other.
        const AppsReading odd = readAppsJson(listingWith(json("{'name':'a','state':'unknown','kind':''}")));
        QCOMPARE(odd.listing->apps[0].state, AppState::Unknown);
        QCOMPARE(odd.listing->apps[0].stateWord, u"unknown"_s);
        QCOMPARE(odd.listing->apps[0].kind, QString());
    }

    void conflictsAreReadWhereThereAreAny()
    {
        const QByteArray many = "'x',"_ba.repeated(100'000) + "'y'";
        const AppsReading reading =
            readAppsJson(listingWith(json("{'name':'a','state':'fresh','conflicts':['x \\u003c y','z']},"
                                          "{'name':'b','state':'fresh','conflicts':null},"
                                          "{'name':'c','state':'fresh','conflicts':["
                                          + many + "]},{'name':'d','state':'fresh'}")));
        QCOMPARE(reading.fault, QString());
        QCOMPARE(reading.listing->apps[0].conflicts, (QStringList{u"x < y"_s, u"z"_s}));
        QVERIFY(reading.listing->apps[1].conflicts.isEmpty());
        QCOMPARE(reading.listing->apps[2].conflicts.size(), 100);
        QVERIFY(reading.listing->apps[3].conflicts.isEmpty());
    }

    void everyStateIsKnown()
    {
        for (std::size_t i = 0; i < AppStateCount; ++i) {
            const std::string_view name = appStateName(AppState(i));
            const AppsReading reading = readAppsJson(listingWith(
                "{\"name\":\"a\",\"state\":\"" + QByteArray(name.data(), qsizetype(name.size())) + "\"}"));
            QVERIFY(reading.listing);
            QCOMPARE(reading.listing->apps.front().state, AppState(i));
        }
    }

    void whatIsNoListingIsExplained_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<QString>("fault");
        const auto row = [](const char *name, const QByteArray &answer, const QByteArray &fault) {
            QTest::newRow(name) << answer << QString::fromUtf8(fault);
        };
        const auto ours = [&row](const char *name, const char *answer, const char *fault) {
            row(name, json(answer), QByteArray("JSON, but not of an exporter-proxy: ") + fault);
        };
        const auto app = [&row](const char *name, const char *members, const char *fault) {
            row(name, listingWith(json(members)), QByteArray("JSON, but not of an exporter-proxy: ") + fault);
        };
        row("nothing", "", "not JSON: the answer is empty");
        row("white space", " \r\n\t", "not JSON: the answer is empty");
        row("HTML", "<!DOCTYPE html>\n<html><head><title>Login</title></head></html>",
            "not JSON: it begins with \"<!DOCTYPE html> <html><head><title>Login\"");
        row("the text table", "+------+\n| Current", "not JSON: it begins with \"+------+ | Current\"");
        row("control characters", "\x1b[31mred", "not JSON: it begins with \"\\u001b[31mred\"");
        row("invalid UTF-8", "{\"now\":\"\xff\"}", "not JSON: invalid UTF-8");
        row("cut off in a string", "{\"now\":\"2022", "not JSON: it ends too early");
        row("cut off between members", "{\"now\":\"2022-05-22T23:51:52Z\",\"apps\":[",
            "not JSON: it ends too early");
        row("cut off behind an application", "{\"now\":null,\"apps\":[{\"name\":\"a\",\"state\":\"late\"}",
            "not JSON: it ends too early");
        row("a missing colon", "{\"now\" 1}", "not JSON: malformed at byte 7");
        row("a word", "{\"apps\":[{\"name\":wrong}]}", "not JSON: malformed at byte 17");

        ours("an array", "[]", "it is not an object");
        ours("another program's", "{'status':'success','data':{}}", "no \"apps\"");
        ours("no moment", "{'apps':[]}", "no \"now\"");
        ours("a moment that is none", "{'now':'yesterday','apps':[]}",
             "\"now\" is not a time: \"yesterday\"");
        ours("a number for the moment", "{'now':17,'apps':[]}", "\"now\" is not a string");
        ours("applications as an object", "{'apps':{}}", "\"apps\" is not an array");
        ours("applications as null", "{'apps':null}", "\"apps\" is not an array");
        ours("something behind it", "{'now':'2022-05-22T23:51:52Z','apps':[]} {}",
             "something follows the object");
        ours("a negative generation", "{'generation':-1,'apps':[]}", "\"generation\" is not a whole number");

        app("a string for an application", "'a'", "\"apps[]\" is not an object");
        app("no name", "{'state':'fresh'}", "an application without a \"name\"");
        app("an empty name", "{'name':'','state':'fresh'}", "an application without a \"name\"");
        app("a number for a name", "{'name':1,'state':'fresh'}", "\"name\" is not a string");
        app("no state", "{'name':'a'}", "the application \"a\" has no \"state\"");
        app("a number for a state", "{'name':'a','state':7}", "\"state\" is not a string");
        app("a number for a kind", "{'name':'a','kind':7}", "\"kind\" is not a string");
        app("a name twice",
            "{'name':'a','state':'late'},{'name':'b','state':'late'},{'name':'a','state':'late'}",
            "the application \"a\" is listed twice");
        app("bytes with a fraction", "{'name':'a','bytes':1.5}", "\"bytes\" is not a whole number");
        app("bytes beyond 63 bits", "{'name':'a','bytes':9223372036854775808}",
            "\"bytes\" is not a whole number");
        app("updates beyond 64 bits", "{'name':'a','updates':18446744073709551616}",
            "\"updates\" is not a whole number");
        app("a string for updates", "{'name':'a','updates':'1'}", "\"updates\" is not a number");
        app("a negative interval", "{'name':'a','interval_seconds':-1}",
            "\"interval_seconds\" is not a number of seconds");
        app("an interval of ages", "{'name':'a','interval_seconds':1e300}",
            "\"interval_seconds\" is not a number of seconds");
        app("a number for conflicts", "{'name':'a','conflicts':7}", "\"conflicts\" is not an array");
        app("a conflict that is a number", "{'name':'a','conflicts':[7]}", "\"conflicts[]\" is not a string");
        app("a string for an error", "{'name':'a','last_error':'x'}", "\"last_error\" is not an object");
    }
    void whatIsNoListingIsExplained()
    {
        QFETCH(QByteArray, answer);
        QFETCH(QString, fault);
        const AppsReading reading = readAppsJson(answer);
        QVERIFY(!reading.listing);
        QCOMPARE(reading.fault, fault);
    }

    void everyBeginningOfAListingIsAFaultInWords()
    {
        AppModel model({10, 1 << 20});
        push(model, "a\"\\", "x 1\n");
        model.noteRejected("a\"\\", "reason", SourceKind::Push, inTheExample(1));
        const QByteArray whole = renderAppsJson(*model.view(), inTheExample(0), inTheExample(0)).trimmed();
        QVERIFY(readAppsJson(whole).listing);
        for (qsizetype size = 0; size < whole.size(); ++size) {
            const AppsReading reading = readAppsJson(whole.first(size));
            QVERIFY2(!reading.listing, whole.first(size).constData());
            QVERIFY2(reading.fault.startsWith(QStringLiteral("not JSON: ")), qPrintable(reading.fault));
        }
    }

    void deepNestingIsNotARecursion()
    {
        const QByteArray deep = "{\"new\":" + QByteArray(1'000'000, '[') + QByteArray(1'000'000, ']')
            + ",\"now\":\"2022-05-22T23:51:52Z\",\"apps\":[]}";
        const AppsReading reading = readAppsJson(deep);
        QVERIFY(reading.listing || reading.fault.startsWith(QStringLiteral("not JSON")));
    }

    void moreApplicationsThanATableCouldShowAreRefused()
    {
        QByteArray apps;
        for (std::size_t i = 0; i <= MaxListedApps; ++i)
            apps += "{\"name\":\"" + QByteArray::number(quint64(i)) + "\",\"state\":\"fresh\"},";
        apps.chop(1);
        const AppsReading reading = readAppsJson(listingWith(apps));
        QCOMPARE(reading.fault,
                 QStringLiteral("JSON, but not of an exporter-proxy: more than 100000 applications"));
    }
};

QTEST_APPLESS_MAIN(TestAppsReader)
#include "tst_appsreader.moc"
