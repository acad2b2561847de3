// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/settings.h"

#include <QTest>

using namespace ExporterProxy;

namespace {

QList<PollEndpoint> endpoints(const QStringList &urls)
{
    QList<PollEndpoint> list;
    for (const QString &url : urls) {
        PollEndpoint endpoint;
        endpoint.url = url;
        list << endpoint;
    }
    return list;
}

} // namespace

class TestPollNames : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void names_data()
    {
        QTest::addColumn<QStringList>("urls");
        QTest::addColumn<QStringList>("names"); // after "external_poll: "
        const auto row = [](const char *name, std::initializer_list<const char *> urls,
                            std::initializer_list<const char *> names) {
            QStringList urlList;
            for (const char *url : urls)
                urlList << QString::fromUtf8(url);
            QStringList nameList;
            for (const char *expected : names)
                nameList << QString::fromUtf8(expected);
            QTest::newRow(name) << urlList << nameList;
        };
        row("none", {}, {});
        row("host and port", {"http://127.0.0.1:1027/metrics"}, {"127.0.0.1:1027"});
        row("http's port", {"http://host/metrics"}, {"host:80"});
        row("https's port", {"https://host/metrics"}, {"host:443"});
        row("a scheme in upper case", {"HTTPS://host"}, {"host:443"});
        row("a colon without a port", {"http://host:/metrics"}, {"host:80"});
        row("no path", {"http://host:1"}, {"host:1"});
        row("a query right after the host", {"http://host:1?a=b/c"}, {"host:1"});
        row("a fragment right after the host", {"http://host:1#a/b"}, {"host:1"});
        row("IPv6", {"http://[::1]:9100/metrics"}, {"[::1]:9100"});
        row("IPv6 without a port", {"https://[2001:db8::1]/metrics"}, {"[2001:db8::1]:443"});
        row("the host as it is written", {"http://DB.Example.org:9187/"}, {"DB.Example.org:9187"});
        row("a host not in ASCII", {"http://müller.example/"}, {"müller.example:80"});
        row("a user and a password", {"http://user:secret@host:1/"}, {"host:1"});
        row("a password with an at sign", {"http://user:se@cret@host/"}, {"host:80"});
        row("a password before IPv6", {"http://user:secret@[::1]/"}, {"[::1]:80"});
        row("different ports", {"http://h:1/m", "http://h:2/m"}, {"h:1", "h:2"});
        row("different hosts", {"http://a/m", "http://b/m"}, {"a:80", "b:80"});
        row("one host and port, two paths", {"http://h:1/a", "http://h:1/b"}, {"h:1/a", "h:1/b"});
        row("a port left out and given", {"http://h/a", "http://h:80/b"}, {"h:80/a", "h:80/b"});
        row("a path and none", {"http://h:1", "http://h:1/b"}, {"h:1/", "h:1/b"});
        row("two that share and one that does not", {"http://h:1/a", "http://i:1/a", "http://h:1/b"},
            {"h:1/a", "i:1", "h:1/b"});
        row("two queries", {"http://h:1/a?x=1", "http://h:1/a?x=2"}, {"h:1/a", "h:1/a #2"});
        row("a query and none", {"http://h:1/a?x=1#f", "http://h:1/a"}, {"h:1/a", "h:1/a #2"});
        row("three queries, one of them twice",
            {"http://h:1/a?x=1", "http://h:1/a?x=2", "http://h:1/a?x=1", "http://h:1/a?x=3"},
            {"h:1/a", "h:1/a #2", "h:1/a", "h:1/a #3"});
        row("a query only where it is needed", {"http://h:1/a?x=1", "http://h:1/b?x=2"}, {"h:1/a", "h:1/b"});
        row("passwords where paths are needed", {"http://u:secret@h:1/a", "http://h:1/b"},
            {"h:1/a", "h:1/b"});
        row("no difference but in the fragment", {"http://h:1/a#x", "http://h:1/a#y"}, {"h:1/a", "h:1/a"});
    }
    void names()
    {
        QFETCH(QStringList, urls);
        QFETCH(QStringList, names);
        QStringList found;
        for (const PollEndpointName &endpoint : pollEndpointNames(endpoints(urls))) {
            QVERIFY(endpoint.name.startsWith("external_poll: "));
            QCOMPARE(endpoint.source, endpoint.name);
            found << QString::fromUtf8(endpoint.name).mid(15);
        }
        QCOMPARE(found, names);
    }

    void aNameOfItsOwnLeavesTheSource()
    {
        auto list = endpoints({QStringLiteral("http://h:1/a"), QStringLiteral("http://h:1/b")});
        list[1].name = QStringLiteral("größe");
        const auto names = pollEndpointNames(list);
        QCOMPARE(names[0], (PollEndpointName{"external_poll: h:1/a", "external_poll: h:1/a"}));
        QCOMPARE(names[1], (PollEndpointName{"größe", "external_poll: h:1/b"}));
    }
};

QTEST_APPLESS_MAIN(TestPollNames)
#include "tst_pollnames.moc"
