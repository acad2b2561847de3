// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/client/daemonclient.h"
#include "gui/details/detailspane.h"
#include "gui/details/metricspanel.h"
#include "gui/details/metricssource.h"
#include "tests/gui/daemonprocess.h"
#include "tests/poll/rawserver.h"
#include "tests/wire/json.h"

#include <QLabel>
#include <QTest>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;
using namespace Qt::StringLiterals;

namespace {

constexpr int Patience = 30'000;

/// The pane as the window has it: with the client of one daemon.
struct Pane
{
    explicit Pane(const QString &url)
        : client(DaemonAddress::parse(url).value(), parser)
        , source([this](const QString &daemon) { return daemon == client.key() ? &client : nullptr; })
        , details(source)
    {
        client.start();
        details.show();
    }

    const AppRecord *find(const QString &name) const
    {
        if (const auto &listing = client.listing())
            for (const AppRecord &app : listing->apps)
                if (app.name == name)
                    return &app;
        return nullptr;
    }
    void select(const AppRecord &app) { details.showApp(client.key(), app, client.listing()->now, false); }
    QByteArray text() { return details.metrics().view().document().text(); }
    QString words() const
    {
        QStringList all;
        for (const QLabel *const label : details.findChildren<QLabel *>())
            all << label->text();
        return all.join(u'\n');
    }

    ListingParser parser;
    DaemonClient client;
    ClientMetrics source;
    DetailsPane details;
};

} // namespace

class TestClientMetrics : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theTextOfAnApplicationIsFetched()
    {
        DaemonProcess daemon;
        QVERIFY(daemon.start());
        const QString name = u"ä/b%2F?c#"_s; // all of which means something in a URL
        daemon.push(json("{'ä/b%2F?c#':'sold_total 3\\n','other':'x 1\\n'}"));
        Pane pane(daemon.url());
        QTRY_VERIFY_WITH_TIMEOUT(pane.find(name), Patience);
        pane.select(*pane.find(name));
        QTRY_COMPARE_WITH_TIMEOUT(pane.text(), "sold_total 3\n"_ba, Patience);
        pane.select(*pane.find(u"other"_s));
        QTRY_COMPARE_WITH_TIMEOUT(pane.text(), "x 1\n"_ba, Patience);
    }

    void anApplicationThatIsNotThereIsSaid()
    {
        DaemonProcess daemon;
        QVERIFY(daemon.start());
        daemon.push(json("{'a':'x 1\\n'}"));
        Pane pane(daemon.url());
        QTRY_VERIFY_WITH_TIMEOUT(pane.find(u"a"_s), Patience);
        AppRecord gone = *pane.find(u"a"_s);
        gone.name = u"gone"_s;
        pane.select(gone);
        QTRY_VERIFY_WITH_TIMEOUT(
            pane.words().contains(u"Not fetched: the daemon does not know this application"_s), Patience);
        QVERIFY(pane.text().isEmpty());
    }

    void whyAnExpiredApplicationHasNoTextIsSaid()
    {
        DaemonProcess daemon;
        QVERIFY(daemon.start({u"freshness.expire_after=0.2"_s}));
        daemon.push(json("{'a':'x 1\\n'}"));
        Pane pane(daemon.url());
        const auto isExpired = [&pane] {
            const AppRecord *app = pane.find(u"a"_s);
            return app && app->state == AppState::Expired;
        };
        QTRY_VERIFY_WITH_TIMEOUT(isExpired(), Patience);
        pane.select(*pane.find(u"a"_s));
        // In the words of the daemon.
        QTRY_VERIFY_WITH_TIMEOUT(pane.words().contains(u"Not fetched: \"a\" has expired: "_s), Patience);
        QVERIFY(pane.text().isEmpty());
    }

    void aFaultIsASentence_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("a reason with markup and controls") //
            << "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 12\r\n\r\n<b>late</b>\x1b"_ba
            << u"Not fetched: <b>late</b>\\u001b."_s;
        QTest::newRow("another status") << "HTTP/1.1 500 Oh no\r\nContent-Length: 0\r\n\r\n"_ba
                                        << u"Not fetched: it answers with status 500 Oh no."_s;
        QTest::newRow("credentials are missing")
            << "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"_ba
            << u"Not fetched: the daemon wants a user name and password."_s;
        QTest::newRow("it breaks off") << "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx 1\n"_ba
                                       << u"Not fetched: it closed the connection without a whole answer."_s;
    }
    void aFaultIsASentence()
    {
        QFETCH(QByteArray, answer);
        QFETCH(QString, sentence);
        RawServer server([&answer](QTcpSocket *socket, const QByteArray &head) {
            if (head.startsWith("GET /apps "))
                socket->write(RawServer::ok(
                    json("{'now':'2022-05-22T23:51:52Z','apps':[{'name':'a','state':'late'}]}")));
            else
                socket->write(answer);
            socket->disconnectFromHost();
        });
        Pane pane(QString::fromLatin1(server.url("")));
        QTRY_VERIFY_WITH_TIMEOUT(pane.find(u"a"_s), Patience);
        pane.select(*pane.find(u"a"_s));
        QTRY_VERIFY_WITH_TIMEOUT(pane.words().contains(u"Not fetched: "_s), Patience);
        QVERIFY2(pane.words().contains(sentence), qUtf8Printable(pane.words()));
    }

    void aDaemonThatIsNoLongerWatchedIsSaid()
    {
        ClientMetrics source([](const QString &) { return nullptr; });
        QString fault;
        source.fetch(u"http://one:6555"_s, u"a"_s,
                     [&fault](const MetricsAnswer &answer) { fault = answer.error(); });
        QCOMPARE(fault, u"this daemon is no longer watched"_s);
    }
};

QTEST_MAIN(TestClientMetrics)
#include "tst_clientmetrics.moc"
