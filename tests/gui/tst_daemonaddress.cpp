// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/client/daemonaddress.h"

#include <QTest>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;
using namespace Qt::StringLiterals;

class TestDaemonAddress : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatAUserTypesIsRead_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("apps");
        const auto row = [](const char *name, const QString &text, const QString &key) {
            QTest::newRow(name) << text << key << key + u"/apps"_s;
        };
        row("a host", u"host"_s, u"http://host:6555"_s);
        row("a host and a port", u"host:7000"_s, u"http://host:7000"_s);
        row("an address", u"10.0.0.1"_s, u"http://10.0.0.1:6555"_s);
        row("IPv6", u"[::1]:7000"_s, u"http://[::1]:7000"_s);
        row("IPv6 without a port", u"http://[fe80::1]"_s, u"http://[fe80::1]:6555"_s);
        row("a URL", u"http://host:80/"_s, u"http://host:80"_s);
        row("https, which has its own port", u"https://host"_s, u"https://host"_s);
        row("https with the port it has anyway", u"https://host:443/"_s, u"https://host"_s);
        row("https with another port", u"https://host:6555"_s, u"https://host:6555"_s);
        row("a prefix", u"https://host/metrics-proxy/"_s, u"https://host/metrics-proxy"_s);
        row("a prefix with a space", u"http://host/a%20b"_s, u"http://host:6555/a%20b"_s);
        row("capitals", u"HTTP://HOST:6555"_s, u"http://host:6555"_s);
        row("white space around it", u"  host\n"_s, u"http://host:6555"_s);
        row("a page copied from a browser", u"http://host:6555/apps?format=json#x"_s, u"http://host:6555"_s);
        row("the metrics behind a prefix", u"http://host:6555/p/metrics"_s, u"http://host:6555/p"_s);
        row("a name of another script", u"http://b\u00fccher.example"_s,
            u"http://xn--bcher-kva.example:6555"_s);
    }
    void whatAUserTypesIsRead()
    {
        QFETCH(QString, text);
        QFETCH(QString, key);
        QFETCH(QString, apps);
        const auto address = DaemonAddress::parse(text);
        QVERIFY2(address, qPrintable(address.isOk() ? QString() : address.error()));
        QCOMPARE(address.value().key(), key);
        QCOMPARE(address.value().appsUrl().toString(QUrl::FullyEncoded), apps);
        const auto again = DaemonAddress::parse(address.value().key());
        QVERIFY(again && again.value() == address.value());
    }

    void whatCannotBeReadIsExplained_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("fault");
        QTest::newRow("nothing") << QString() << u"no address is given"_s;
        QTest::newRow("white space") << u"  \t"_s << u"no address is given"_s;
        QTest::newRow("two words") << u"my host"_s << u"\"my host\" is not an address"_s;
        QTest::newRow("a port that is none") << u"host:http"_s << u"is not an address"_s;
        QTest::newRow("a port too large") << u"host:66000"_s << u"is not an address"_s;
        QTest::newRow("port 0") << u"host:0"_s << u"0 is no port"_s;
        QTest::newRow("another scheme") << u"ftp://host"_s << u"http or https, not by \"ftp\""_s;
        QTest::newRow("a file") << u"file:///etc/passwd"_s << u"not by \"file\""_s;
        QTest::newRow("no host") << u"http://:6555"_s << u"host"_s;
        QTest::newRow("a password") << u"http://me:secret@host"_s << u"no user and password"_s;
        QTest::newRow("a control character") << u"ho\x1bst"_s << u"\\u001b"_s;
    }
    void whatCannotBeReadIsExplained()
    {
        QFETCH(QString, text);
        QFETCH(QString, fault);
        const auto address = DaemonAddress::parse(text);
        QVERIFY(!address);
        const QString &said = address.error();
        QVERIFY2(said.contains(fault), qPrintable(said));
        QVERIFY(!said.contains(u"secret"_s));
    }

    void withoutAnyItIsADaemonOfThisHost()
    {
        QCOMPARE(DaemonAddress().key(), u"http://127.0.0.1:6555"_s);
        QCOMPARE(DaemonAddress().shortName(), u"127.0.0.1:6555"_s);
        QCOMPARE(DaemonAddress().landingUrl(), QUrl(u"http://127.0.0.1:6555/"_s));
        QCOMPARE(DaemonAddress::shortName(u"https://host/p"_s), u"https://host/p"_s);
    }

    void namesOfApplicationsAreEncoded_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("encoded");
        QTest::newRow("plain") << u"foo_bar-1"_s << u"foo_bar-1"_s;
        QTest::newRow("a polled one") << u"external_poll: host:1"_s << u"external_poll%3A%20host%3A1"_s;
        QTest::newRow("a slash") << u"a/b"_s << u"a%2Fb"_s;
        QTest::newRow("what a query is made of") << u"a?b#c&d=e+f"_s << u"a%3Fb%23c%26d%3De%2Bf"_s;
        QTest::newRow("percent") << u"100%"_s << u"100%25"_s;
        QTest::newRow("UTF-8") << u"\u00e4"_s << u"%C3%A4"_s;
        QTest::newRow("a dot in it") << u"a.b"_s << u"a.b"_s;
    }
    void namesOfApplicationsAreEncoded()
    {
        QFETCH(QString, name);
        QFETCH(QString, encoded);
        const auto address = DaemonAddress::parse(u"http://host:1/p"_s);
        QCOMPARE(QString::fromLatin1(address.value().metricsUrl(name).toEncoded()),
                 u"http://host:1/p/apps/"_s + encoded + u"/metrics"_s);
    }
};

QTEST_APPLESS_MAIN(TestDaemonAddress)
#include "tst_daemonaddress.moc"
