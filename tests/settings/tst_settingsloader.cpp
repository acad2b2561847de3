// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/settings/settingsloader.h"

#include <QTest>

using namespace ExporterProxy;
using namespace std::chrono_literals;

namespace {

Result<Settings> load(const QByteArray &toml, const QStringList &assignments = {})
{
    QList<SettingOverride> overrides;
    for (const QString &assignment : assignments)
        overrides << SettingOverride::fromAssignment(assignment);
    return loadSettings(toml, QStringLiteral("config.toml"), overrides);
}

QString errorsOf(const Result<Settings> &loaded)
{
    return loaded ? QString() : loaded.error();
}

/// The settings of a good configuration; the defaults, and a failure, of a bad one.
Settings good(const QByteArray &toml, const QStringList &assignments = {})
{
    const Result<Settings> loaded = load(toml, assignments);
    if (loaded)
        return loaded.value();
    QTest::qFail(qPrintable(errorsOf(loaded)), __FILE__, __LINE__);
    return {};
}

} // namespace

class TestSettingsLoader : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nothingMeansTheDefaults()
    {
        QVERIFY(good("") == Settings());
        QVERIFY(good("[exporter]\n[receiver]\n[poll_external]\n[limits]\n[exposition]\n[log]\n")
                == Settings());
        QVERIFY(good("\xEF\xBB\xBF# with a byte order mark\n") == Settings());
    }

    void everySettingIsRead()
    {
        const Settings settings = good(R"(
[exporter]
worker_threads = 2
concurrent_requests = 100
scrape_expose_endpoint = "[::1]:7000"
self_metrics = false
[receiver]
format = "capnp"
receive_on_unix_socket = false
receiver_unix_socket = "/tmp/a.sock"
unix_socket_user = "nobody"
unix_socket_group = "nogroup"
unix_socket_mode = "0666"
receive_on_tcp_socket = true
receiver_tcp_socket = "0.0.0.0:0"
message_timeout = 1.5
[poll_external]
poll_other_scrape_endpoints = true
other_scrape_endpoints = ["http://127.0.0.1:9100/metrics", "https://host"]
allow_invalid_certs = true
follow_redirects = true
poll_interval = 10
client_timeout = 0.25
[limits]
max_message_size = "1MiB"
max_apps = 5
max_total_size = 2000000
[exposition]
mode = "merge"
app_label = "app"
validation = "quarantine"
[freshness]
stale_after = 0.5
expire_after = 60
forget_after = 86400
[log]
level = "debug"
)");
        Settings expected;
        expected.exporter = {2, 100, {QStringLiteral("::1"), 7000}, false};
        expected.receiver.format = PushFormat::CapnProto;
        expected.receiver.receiveOnUnixSocket = false;
        expected.receiver.unixSocketPath = QStringLiteral("/tmp/a.sock");
        expected.receiver.unixSocketUser = QStringLiteral("nobody");
        expected.receiver.unixSocketGroup = QStringLiteral("nogroup");
        expected.receiver.unixSocketMode = 0666;
        expected.receiver.tcpSocket = {QStringLiteral("0.0.0.0"), 0};
        expected.receiver.messageTimeout = 1500ms;
        expected.pollExternal.enabled = true;
        expected.pollExternal.endpoints.resize(2);
        expected.pollExternal.endpoints[0].url = QStringLiteral("http://127.0.0.1:9100/metrics");
        expected.pollExternal.endpoints[1].url = QStringLiteral("https://host");
        expected.pollExternal.allowInvalidCerts = true;
        expected.pollExternal.followRedirects = true;
        expected.pollExternal.pollInterval = 10s;
        expected.pollExternal.clientTimeout = 250ms;
        expected.limits = {1 << 20, 5, 2'000'000};
        expected.exposition.mode = ExpositionMode::Merge;
        expected.exposition.appLabel = QStringLiteral("app");
        expected.exposition.validation = ExpositionValidation::Quarantine;
        expected.freshness.staleAfter = 500ms;
        expected.freshness.expireAfter = 60s;
        expected.freshness.forgetAfter = 24h;
        expected.log.level = LogLevel::Debug;
        QVERIFY(settings == expected);
    }

    void dottedKeysAndInlineTablesAreTheSame()
    {
        QCOMPARE(good("exporter.worker_threads = 2\nlog = {level = 'error'}\n").exporter.workerThreads, 2);
        QCOMPARE(good("exporter.worker_threads = 2\nlog = {level = 'error'}\n").log.level, LogLevel::Error);
    }

    void endpointTablesFollowTheList()
    {
        const Settings settings = good(R"(
[[poll_external.endpoint]]
url = "https://db.example.org:9187/metrics"
name = "database"
interval = 15
timeout = 2.5
headers = { X-B = "2", X-A = "größe" }
username = "metrics"
password_file = "/p"
ca_file = "/ca.pem"
cert_file = "/c.pem"
key_file = "/k.pem"
server_name = "db"
allow_invalid_certs = true
follow_redirects = false
unix_socket = "@db"
[[poll_external.endpoint]]
url = "http://h"
bearer_token_file = "/t"
[poll_external]
other_scrape_endpoints = ["http://plain"]
)");
        PollEndpoint plain;
        plain.url = QStringLiteral("http://plain");
        const PollEndpoint database{QStringLiteral("https://db.example.org:9187/metrics"),
                                    QStringLiteral("database"),
                                    15s,
                                    2500ms,
                                    {{"X-A", "größe"}, {"X-B", "2"}},
                                    QStringLiteral("metrics"),
                                    QStringLiteral("/p"),
                                    {},
                                    QStringLiteral("/ca.pem"),
                                    QStringLiteral("/c.pem"),
                                    QStringLiteral("/k.pem"),
                                    QStringLiteral("db"),
                                    true,
                                    false,
                                    QStringLiteral("@db")};
        PollEndpoint bearer;
        bearer.url = QStringLiteral("http://h");
        bearer.bearerTokenFile = QStringLiteral("/t");
        QVERIFY(settings.pollExternal.endpoints == (QList<PollEndpoint>{plain, database, bearer}));
    }

    void aUrlIsTakenAsItIsCopied_data()
    {
        QTest::addColumn<QString>("copied");
        QTest::addColumn<QString>("url");
        const auto row = [](const char *copied, const char *url) {
            QTest::newRow(copied) << QString::fromUtf8(copied) << QString::fromUtf8(url);
        };
        row("http://h/federate?match[]={job=\"x y\"}&match[]={__name__=~\"a|b\"}",
            "http://h/federate?match[]=%7Bjob=%22x%20y%22%7D&match[]=%7B__name__=~%22a%7Cb%22%7D");
        row("http://h/federate?match[]=%7Bjob%3D%22x%22%7D", "http://h/federate?match[]=%7Bjob%3D%22x%22%7D");
        row("http://[fe80::1%eth0]:9100/metrics", "http://[fe80::1%25eth0]:9100/metrics");
        row("http://u:p%40@[fe80::1%25eth0]/", "http://u:p%40@[fe80::1%25eth0]/");
    }
    void aUrlIsTakenAsItIsCopied()
    {
        QFETCH(QString, copied);
        QFETCH(QString, url);
        const Settings settings =
            good("[poll_external]\nother_scrape_endpoints = ['" + copied.toUtf8() + "']\n");
        QCOMPARE(settings.pollExternal.endpoints.first().url, url);
    }

    void freshnessHasLevels()
    {
        const Settings settings = good(R"(
[freshness]
expire_after = 60
[freshness.push]
stale_after = 1.5
[freshness.poll]
expire_after = 0
[freshness.app."größe/1.x"]
forget_after = 31622400
stale_after = 0.0001
[freshness.app.plain]
)");
        FreshnessRules expected;
        expected.expireAfter = 60s;
        expected.push.staleAfter = 1500ms;
        expected.poll.expireAfter = 0ms;
        expected.apps["größe/1.x"].forgetAfter = 24h * 366;
        expected.apps["größe/1.x"].staleAfter = 1ms; // not rounded to "never"
        expected.apps["plain"] = {};
        QVERIFY(settings.freshness == expected);
    }

    void freshnessOnTheCommandLine()
    {
        const Settings settings = good("freshness.push.stale_after = 1\nfreshness.push.expire_after = 9",
                                       {QStringLiteral("freshness.push.stale_after=2"),
                                        QStringLiteral("freshness.poll={stale_after=3}"),
                                        QStringLiteral("freshness.app.\"a.b c\".expire_after=4"),
                                        QStringLiteral("freshness.forget_after=100")});
        FreshnessRules expected;
        expected.forgetAfter = 100s;
        expected.push = {2s, 9s, {}};
        expected.poll.staleAfter = 3s;
        expected.apps["a.b c"].expireAfter = 4s;
        QVERIFY(settings.freshness == expected);
        // The 9 s of all pushes are more than the 5 s of x.
        const Result<Settings> bad =
            load("freshness.push.expire_after = 9", {QStringLiteral("freshness.app.x.forget_after=5")});
        QCOMPARE(
            errorsOf(bad),
            QStringLiteral("--set freshness.app.x.forget_after=5: freshness.app.\"x\".forget_after: 5 s is "
                           "less than the 9 s of freshness.push.expire_after"));
        QCOMPARE(
            errorsOf(load("", {QStringLiteral("freshness.push.stale=1")})),
            QStringLiteral("--set freshness.push.stale=1: unknown key \"freshness.push.stale\"; did you mean "
                           "\"stale_after\"?"));
        QVERIFY(errorsOf(load("", {QStringLiteral("freshness.push.stale_after=soon")}))
                    .startsWith(u"--set freshness.push"));
        QVERIFY(errorsOf(load("", {QStringLiteral("freshness.push.stale_after=1\nlog.level='debug'")}))
                    .contains(u"expected section"));
    }

    void freshnessErrors_data()
    {
        QTest::addColumn<QByteArray>("toml");
        QTest::addColumn<QString>("errors"); // all lines, without "config.toml:"
        const auto row = [](const char *name, const QByteArray &toml, const char *errors) {
            QTest::newRow(name) << toml << QString::fromUtf8(errors);
        };
        row("a slip in a kind", "[freshness.pull]\nstale_after = 1",
            "1:12: unknown key \"freshness.pull\"; did you mean \"poll\"?");
        row("a slip in a key of a kind", "[freshness.push]\nstale_afer = 1",
            "2:1: unknown key \"freshness.push.stale_afer\"; did you mean \"stale_after\"?");
        row("a slip in a key of an application", "[freshness.app.x]\nexpire = 1",
            "2:1: unknown key \"freshness.app.\"x\".expire\"; did you mean \"expire_after\"?");
        row("a kind that is none", "[freshness]\npush = 5",
            "2:8: freshness.push: expected a table, got an integer");
        row("applications that are none", "[freshness]\napp = 5",
            "2:7: freshness.app: expected tables, each under a line [freshness.app.\"NAME\"], got an "
            "integer");
        row("an application that is none", "[freshness.app]\nx = 5",
            "2:5: freshness.app.\"x\": expected a table, got an integer");
        row("an application without a name", "[freshness.app.\"\"]\nstale_after = 5",
            "1:16: freshness.app: the application's name is empty");
        row("a wrong type", "[freshness.app.x]\nstale_after = '5m'",
            "2:15: freshness.app.\"x\".stale_after: expected a number of seconds, got a string");
        row("a negative age", "[freshness]\nstale_after = -1",
            "2:15: freshness.stale_after: -1 is not between 0 and 31622400 seconds");
        row("more than a year", "[freshness.poll]\nforget_after = 31622401",
            "2:16: freshness.poll.forget_after: 31622401 is not between 0 and 31622400 seconds");
        row("gone before it is stale", "[freshness]\nexpire_after = 5\nstale_after = 7.5",
            "2:16: freshness.expire_after: 5 s is less than the 7.5 s of freshness.stale_after");
        row("forgotten before it is gone", "[freshness]\nexpire_after = 5\nforget_after = 4",
            "3:16: freshness.forget_after: 4 s is less than the 5 s of freshness.expire_after");
        row("forgotten before it is stale", "[freshness]\nstale_after = 5\nforget_after = 4",
            "3:16: freshness.forget_after: 4 s is less than the 5 s of freshness.stale_after");
        row("a kind against all", "[freshness]\nexpire_after = 5\n[freshness.poll]\nstale_after = 9",
            "4:15: freshness.poll.stale_after: 9 s is more than the 5 s of freshness.expire_after");
        row("an application against its kind",
            "[freshness.push]\nexpire_after = 5\n[freshness.app.x]\nforget_after = 1",
            "4:16: freshness.app.\"x\".forget_after: 1 s is less than the 5 s of "
            "freshness.push.expire_after");
        row("a polled application against its kind",
            "[poll_external]\npoll_other_scrape_endpoints = true\nother_scrape_endpoints = ['http://h']\n"
            "[freshness.poll]\nexpire_after = 5\n"
            "[freshness.app.\"external_poll: h:80\"]\nstale_after = 6",
            "7:15: freshness.app.\"external_poll: h:80\".stale_after: 6 s is more than the 5 s of "
            "freshness.poll.expire_after");
        row("the general order mended by nobody, said once",
            "[freshness]\nstale_after = 9\nexpire_after = 5\n[freshness.app.x]\nforget_after = 100",
            "3:16: freshness.expire_after: 5 s is less than the 9 s of freshness.stale_after");
        row("no contradiction with what could not be read",
            "[freshness]\nstale_after = 9\nexpire_after = 'x'\nforget_after = 5",
            "3:16: freshness.expire_after: expected a number of seconds, got a string\n"
            "4:16: freshness.forget_after: 5 s is less than the 9 s of freshness.stale_after");
    }
    void freshnessErrors()
    {
        QFETCH(QByteArray, toml);
        QFETCH(QString, errors);
        const QString prefix = QStringLiteral("config.toml:");
        QCOMPARE(errorsOf(load(toml)), prefix + errors.replace(u'\n', u'\n' + prefix));
    }

    void freshnessThatIsMendedByItsLevels()
    {
        good("[freshness]\nstale_after = 9\nexpire_after = 5\n[freshness.push]\nstale_after = 0\n"
             "[freshness.poll]\nexpire_after = 10\n[freshness.app.x]\nstale_after = 5");
        good("[freshness]\nstale_after = 5\nexpire_after = 5\nforget_after = 5");
        // Of what is not polled, a rule for polls does not count.
        good("[freshness.poll]\nexpire_after = 5\n[freshness.app.x]\nstale_after = 6");
    }

    void sizes_data()
    {
        QTest::addColumn<QByteArray>("toml");
        QTest::addColumn<qint64>("bytes");
        QTest::newRow("an integer") << QByteArray("1234") << qint64{1234};
        QTest::newRow("digits") << QByteArray("\"1234\"") << qint64{1234};
        QTest::newRow("B") << QByteArray("\"1234B\"") << qint64{1234};
        QTest::newRow("kB") << QByteArray("\"500kB\"") << qint64{500'000};
        QTest::newRow("KiB") << QByteArray("\"500KiB\"") << qint64{512'000};
        QTest::newRow("MB") << QByteArray("\"1MB\"") << qint64{1'000'000};
        QTest::newRow("MiB with a space") << QByteArray("\"64 MiB\"") << qint64{67'108'864};
        QTest::newRow("GB") << QByteArray("\"4GB\"") << qint64{4'000'000'000};
        QTest::newRow("TB") << QByteArray("\"1TB\"") << qint64{1'000'000'000'000};
        QTest::newRow("as large as allowed") << QByteArray("\"1024TiB\"") << (qint64{1} << 50);
        QTest::newRow("one") << QByteArray("1") << qint64{1};
    }
    void sizes()
    {
        QFETCH(QByteArray, toml);
        QFETCH(qint64, bytes);
        QCOMPARE(good("limits = {max_message_size = 1, max_total_size = " + toml + "}").limits.maxTotalSize,
                 bytes);
    }

    void seconds_data()
    {
        QTest::addColumn<QByteArray>("toml");
        QTest::addColumn<int>("milliseconds");
        QTest::newRow("an integer") << QByteArray("5") << 5000;
        QTest::newRow("a float") << QByteArray("2.5") << 2500;
        QTest::newRow("a float without a fraction") << QByteArray("5.0") << 5000;
        QTest::newRow("a tenth, which no float holds") << QByteArray("0.1") << 100;
        QTest::newRow("rounded up") << QByteArray("0.0015") << 2;
        QTest::newRow("as short as allowed") << QByteArray("1e-3") << 1;
        QTest::newRow("as long as allowed") << QByteArray("86400") << 86'400'000;
    }
    void seconds()
    {
        QFETCH(QByteArray, toml);
        QFETCH(int, milliseconds);
        QCOMPARE(good("receiver.message_timeout = " + toml).receiver.messageTimeout.count(), milliseconds);
    }

    void modes()
    {
        QCOMPARE(good("exposition.app_label = ''").exposition.appLabel, QString());
        QCOMPARE(good("receiver.unix_socket_mode = '0600'").receiver.unixSocketMode, 0600u);
        QCOMPARE(good("receiver.unix_socket_mode = '777'").receiver.unixSocketMode, 0777u);
        QCOMPARE(good("receiver.unix_socket_mode = '0'").receiver.unixSocketMode, 0u);
    }

    void errors_data()
    {
        QTest::addColumn<QByteArray>("toml");
        QTest::addColumn<QString>("errors"); // all lines, without "config.toml:"
        const auto row = [](const char *name, const QByteArray &toml, const char *errors) {
            QTest::newRow(name) << toml << QString::fromUtf8(errors);
        };
        // Unknown names.
        row("a slip in a key", "[receiver]\nfromat = 'json'",
            "2:1: unknown key \"receiver.fromat\"; did you mean \"format\"?");
        row("a slip in an indented key", "[receiver]\n\t fromat = 'json'",
            "2:3: unknown key \"receiver.fromat\"; did you mean \"format\"?");
        row("a slip in a dotted key", "exporter.worker_thread = 1",
            "1:10: unknown key \"exporter.worker_thread\"; did you mean \"worker_threads\"?");
        row("a key of another section", "[exporter]\nformat = 'json'",
            "2:1: unknown key \"exporter.format\"; did you mean \"receiver.format\"?");
        row("a slip in a key of another section", "[exporter]\nfromat = 'json'",
            "2:1: unknown key \"exporter.fromat\"; did you mean \"receiver.format\"?");
        row("a part of a key", "[receiver]\ntimeout = 1",
            "2:1: unknown key \"receiver.timeout\"; did you mean \"message_timeout\"?");
        row("a part of several keys", "[receiver]\nsocket = 1", "2:1: unknown key \"receiver.socket\"");
        row("a key that is like none", "[receiver]\nbanana = 1", "2:1: unknown key \"receiver.banana\"");
        row("a key with a line break", "[receiver]\n\"a\\nb\" = 1",
            "2:1: unknown key \"receiver.a\\u000ab\"");
        row("a key outside of the sections", "format = 'json'",
            "1:1: unknown key \"format\"; did you mean \"receiver.format\"?");
        row("a key that will come later", "[exporter]\ntls_certificate = 'x'",
            "2:1: unknown key \"exporter.tls_certificate\"");
        row("a section within a section", "[exporter.basic_auth]\nuser = 'x'",
            "1:11: unknown key \"exporter.basic_auth\"");
        row("a slip in a section", "[reciever]\nformat = 'json'",
            "1:2: unknown section \"reciever\"; did you mean \"receiver\"?");
        row("a section that is like none", "[banana]\nx = 1", "1:2: unknown section \"banana\"");
        row("a section that is not there yet", "[alerting]\nx = 1", "1:2: unknown section \"alerting\"");
        row("a slip in the endpoints' name", "[[poll_external.endpoints]]\nurl = 'http://h'",
            "1:17: unknown key \"poll_external.endpoints\"; did you mean \"endpoint\"?");
        row("endpoints without their section", "[[endpoint]]\nurl = 'http://h'",
            "1:3: unknown section \"endpoint\"; did you mean \"poll_external.endpoint\"?");
        row("a slip in an endpoint's key", "[[poll_external.endpoint]]\nurl = 'http://h'\nintervall = 1",
            "3:1: unknown key \"poll_external.endpoint.intervall\"; did you mean \"interval\"?");
        row("an endpoint with the key of all", "[[poll_external.endpoint]]\nurl = 'http://h'\nheader = 1",
            "3:1: unknown key \"poll_external.endpoint.header\"; did you mean \"headers\"?");

        // Wrong types.
        row("an integer as a string", "[exporter]\nworker_threads = '2'",
            "2:18: exporter.worker_threads: expected an integer, got a string");
        row("an integer as a float", "[exporter]\nworker_threads = 2.0",
            "2:18: exporter.worker_threads: expected an integer, got a float");
        row("a boolean as an integer", "[exporter]\nself_metrics = 1",
            "2:16: exporter.self_metrics: expected true or false, got an integer");
        row("a boolean as a string", "[exporter]\nself_metrics = \"true\"",
            "2:16: exporter.self_metrics: expected true or false, got a string");
        row("a choice as an integer", "[receiver]\nformat = 1",
            "2:10: receiver.format: expected one of \"json\", \"capnp\", got an integer");
        row("a string as a boolean", "[receiver]\nunix_socket_user = true",
            "2:20: receiver.unix_socket_user: expected a string, got a boolean");
        row("a label name with a digit first", "[exposition]\napp_label = '1a'",
            "2:13: exposition.app_label: \"1a\" is not a label's name: letters, digits and _, no digit "
            "first");
        row("a label name that Prometheus drops", "[exposition]\napp_label = '__app'",
            "2:13: exposition.app_label: \"__app\" has a meaning of its own to Prometheus");
        row("the label of a histogram's buckets", "[exposition]\napp_label = 'le'",
            "2:13: exposition.app_label: \"le\" has a meaning of its own to Prometheus");
        row("a mode as an integer", "[receiver]\nunix_socket_mode = 660",
            "2:20: receiver.unix_socket_mode: expected a string of octal digits such as \"0660\", got an "
            "integer");
        row("an address as an integer", "[receiver]\nreceiver_tcp_socket = 6554",
            "2:23: receiver.receiver_tcp_socket: expected an address and a port such as \"127.0.0.1:6554\" "
            "or "
            "\"[::1]:6554\", got an integer");
        row("seconds as a string", "[receiver]\nmessage_timeout = '30s'",
            "2:19: receiver.message_timeout: expected a number of seconds, got a string");
        row("seconds as a time", "[receiver]\nmessage_timeout = 00:00:30",
            "2:19: receiver.message_timeout: expected a number of seconds, got a time");
        row("a size as a float", "[limits]\nmax_total_size = 1.5",
            "2:18: limits.max_total_size: expected a size such as \"64MiB\" (B, kB, MB, GB, TB, KiB, MiB, "
            "GiB, "
            "TiB) or a number of bytes, got a float");
        row("a list as a string", "[poll_external]\nother_scrape_endpoints = 'http://h'",
            "2:26: poll_external.other_scrape_endpoints: expected a list of URLs such as "
            "[\"http://127.0.0.1:9100/metrics\"], got a string");
        row("a date", "[log]\nlevel = 2024-01-01",
            "2:9: log.level: expected one of \"debug\", \"info\", \"warning\", \"error\", got a date");
        row("a date and time", "[exporter]\nself_metrics = 2024-01-01T00:00:00Z",
            "2:16: exporter.self_metrics: expected true or false, got a date-time");
        row("an array", "[log]\nlevel = ['info']",
            "2:9: log.level: expected one of \"debug\", \"info\", \"warning\", \"error\", got an array");
        row("a table", "[exporter.worker_threads]",
            "1:1: exporter.worker_threads: expected an integer, got a table");
        row("a value in place of a section", "exporter = 1",
            "1:12: exporter: expected a section, got an integer");
        row("several of one section", "[[exporter]]\n", "1:1: exporter: expected a section, got an array");
        row("one table of endpoints", "[poll_external.endpoint]\nurl = 'http://h'",
            "1:1: poll_external.endpoint: expected tables, each under a line [[poll_external.endpoint]], got "
            "a "
            "table");
        row("a list of endpoints that are none", "[poll_external]\nendpoint = ['http://h']",
            "2:13: poll_external.endpoint: expected a table, got a string");

        // Impossible values.
        row("a word that is no choice", "[receiver]\nformat = \"xml\"",
            "2:10: receiver.format: \"xml\" is not one of \"json\", \"capnp\"");
        row("a choice in upper case", "[receiver]\nformat = \"JSON\"",
            "2:10: receiver.format: \"JSON\" is not one of \"json\", \"capnp\"");
        row("no word", "[receiver]\nformat = ''", "2:10: receiver.format: must not be empty");
        row("an integer below its range", "[exporter]\nworker_threads = -1",
            "2:18: exporter.worker_threads: -1 is not between 0 and 256");
        row("an integer above its range", "[exporter]\nworker_threads = 9223372036854775807",
            "2:18: exporter.worker_threads: 9223372036854775807 is not between 0 and 256");
        row("no seconds", "[poll_external]\npoll_interval = 0",
            "2:17: poll_external.poll_interval: 0 is not between 0.001 and 86400 seconds");
        row("negative seconds", "[poll_external]\npoll_interval = -0.5",
            "2:17: poll_external.poll_interval: -0.5 is not between 0.001 and 86400 seconds");
        row("less than half a millisecond", "[poll_external]\npoll_interval = 0.0004",
            "2:17: poll_external.poll_interval: 0.0004 is not between 0.001 and 86400 seconds");
        row("too many seconds", "[poll_external]\npoll_interval = 86401",
            "2:17: poll_external.poll_interval: 86401 is not between 0.001 and 86400 seconds");
        row("more seconds than an integer of milliseconds holds",
            "[poll_external]\npoll_interval = 9223372036854775807",
            "2:17: poll_external.poll_interval: 9223372036854775807 is not between 0.001 and 86400 seconds");
        row("infinitely many seconds", "[poll_external]\npoll_interval = inf",
            "2:17: poll_external.poll_interval: inf is not between 0.001 and 86400 seconds");
        row("seconds that are no number", "[poll_external]\npoll_interval = nan",
            "2:17: poll_external.poll_interval: nan is not between 0.001 and 86400 seconds");
        row("a size without a number", "[limits]\nmax_total_size = 'MiB'",
            "2:18: limits.max_total_size: \"MiB\" is not a size such as \"64MiB\" (B, kB, MB, GB, TB, KiB, "
            "MiB, "
            "GiB, TiB) or a number of bytes");
        row("a unit in the wrong case", "[limits]\nmax_total_size = '1mib'",
            "2:18: limits.max_total_size: \"1mib\" is not a size such as \"64MiB\" (B, kB, MB, GB, TB, KiB, "
            "MiB, "
            "GiB, TiB) or a number of bytes");
        row("a size with a sign", "[limits]\nmax_total_size = '-1MiB'",
            "2:18: limits.max_total_size: \"-1MiB\" is not a size such as \"64MiB\" (B, kB, MB, GB, TB, KiB, "
            "MiB, GiB, TiB) or a number of bytes");
        row("a size with a fraction", "[limits]\nmax_total_size = '1.5GiB'",
            "2:18: limits.max_total_size: \"1.5GiB\" is not a size such as \"64MiB\" (B, kB, MB, GB, TB, "
            "KiB, "
            "MiB, GiB, TiB) or a number of bytes");
        row("no bytes", "[limits]\nmax_message_size = 0",
            "2:20: limits.max_message_size: 0 is not between 1B and 4294967295B");
        row("a size over its range", "[limits]\nmax_message_size = '4GiB'",
            "2:20: limits.max_message_size: \"4GiB\" is not between 1B and 4294967295B");
        row("a size that no integer holds", "[limits]\nmax_total_size = '9223372036854775807TiB'",
            "2:18: limits.max_total_size: \"9223372036854775807TiB\" is not between 1B and 1024TiB");
        row("a size whose digits no integer holds", "[limits]\nmax_total_size = '99999999999999999999'",
            "2:18: limits.max_total_size: \"99999999999999999999\" is not between 1B and 1024TiB");
        row("a size that wraps to a small one", "[limits]\nmax_total_size = '16777216TiB'",
            "2:18: limits.max_total_size: \"16777216TiB\" is not between 1B and 1024TiB");
        row("a mode that is not octal", "[receiver]\nunix_socket_mode = '0680'",
            "2:20: receiver.unix_socket_mode: \"0680\" is not a string of octal digits such as \"0660\"");
        row("a mode in letters", "[receiver]\nunix_socket_mode = 'rw-rw----'",
            "2:20: receiver.unix_socket_mode: \"rw-rw----\" is not a string of octal digits such as "
            "\"0660\"");
        row("a mode with more than permissions", "[receiver]\nunix_socket_mode = '01777'",
            "2:20: receiver.unix_socket_mode: \"01777\" has bits beyond 0777");
        row("a mode that no integer holds", "[receiver]\nunix_socket_mode = '7777777777777777777777777'",
            "2:20: receiver.unix_socket_mode: \"7777777777777777777777777\" has bits beyond 0777");
        row("a name in place of an address", "[exporter]\nscrape_expose_endpoint = 'localhost:6555'",
            "2:26: exporter.scrape_expose_endpoint: \"localhost:6555\" is not an address and a port such as "
            "\"127.0.0.1:6554\" or \"[::1]:6554\"");
        row("a port too large", "[exporter]\nscrape_expose_endpoint = '0.0.0.0:65536'",
            "2:26: exporter.scrape_expose_endpoint: \"0.0.0.0:65536\" is not an address and a port such as "
            "\"127.0.0.1:6554\" or \"[::1]:6554\"");
        row("an address with a NUL", "[exporter]\nscrape_expose_endpoint = \"0.0.0.0\\u0000:1\"",
            "2:26: exporter.scrape_expose_endpoint: has a control character");
        row("no path", "[receiver]\nreceiver_unix_socket = ''",
            "2:24: receiver.receiver_unix_socket: must not be empty");
        row("a path too long for a socket",
            "[receiver]\nreceiver_unix_socket = '" + QByteArray(105, 'x') + "\xC3\xA4'",
            "2:24: receiver.receiver_unix_socket: the path has 107 bytes, more than the 106 of a socket");
        row("a path with a NUL", "[receiver]\nreceiver_unix_socket = \"/tmp/a\\u0000b\"",
            "2:24: receiver.receiver_unix_socket: has a control character");

        // URLs.
        row("elements of the list", "[poll_external]\nother_scrape_endpoints = ['http://h',\n  'h:9100', 5]",
            "3:3: poll_external.other_scrape_endpoints: expected a URL such as "
            "\"http://127.0.0.1:9100/metrics\"\n"
            "3:13: poll_external.other_scrape_endpoints: expected a URL such as "
            "\"http://127.0.0.1:9100/metrics\", got an integer");
        for (const char *url : {"", "http://", "http:///metrics", "http:h", "ftp://h/", "file:///etc/passwd",
                                "//h/metrics", "127.0.0.1:9100/metrics", "http://h:0/", "http://h:65536/",
                                "http://h:x/", " http://h", "http://[::1/"}) {
            QTest::addRow("not a URL: '%s'", url)
                << QByteArray("[[poll_external.endpoint]]\nurl = '") + url + "'"
                << (*url ? QStringLiteral("2:7: poll_external.endpoint.url: expected a URL such as "
                                          "\"http://127.0.0.1:9100/metrics\"")
                         : QStringLiteral("2:7: poll_external.endpoint.url: must not be empty"));
        }

        // Endpoints.
        row("an endpoint without a URL", "[poll_external]\n[[poll_external.endpoint]]\nname = 'x'",
            "2:1: poll_external.endpoint: the url is missing");
        const auto wrongUrl = [&](const char *url, const char *fault) {
            QTest::addRow("a wrong character: '%s'", url)
                << QByteArray("[[poll_external.endpoint]]\nurl = '") + url + "'"
                << QStringLiteral("2:7: poll_external.endpoint.url: ") + QString::fromUtf8(fault);
        };
        wrongUrl("http://h /", "a space at character 9 of the URL must be written as %20");
        wrongUrl("http://h/%zz", "\"%\" at character 10 of the URL must be written as %25");
        wrongUrl("http://h/?a=5%", "\"%\" at character 14 of the URL must be written as %25");
        wrongUrl("http://h/{job}", "\"{\" at character 10 of the URL must be written as %7B");
        wrongUrl("http://h/a|b", "\"|\" at character 11 of the URL must be written as %7C");
        wrongUrl("https://h/a\"b", "\"\"\" at character 12 of the URL must be written as %22");
        wrongUrl("http://u:s{cret@h/", "character 11, in the user or password, must be percent-encoded");
        row("a certificate without a key", "[[poll_external.endpoint]]\nurl = 'http://h'\ncert_file = '/c'",
            "1:1: poll_external.endpoint: cert_file and key_file go together; key_file is missing");
        row("an empty name", "[[poll_external.endpoint]]\nurl = 'http://h'\nname = ''",
            "3:8: poll_external.endpoint.name: the application's name is empty");
        row("a name with a control character",
            "[[poll_external.endpoint]]\nurl = 'http://h'\nname = \"a\\tb\"",
            "3:8: poll_external.endpoint.name: the application's name has a control character at byte 1");
        row("a user without a password", "[[poll_external.endpoint]]\nurl = 'http://h'\nusername = 'u'",
            "1:1: poll_external.endpoint: username and password_file go together; password_file is missing");
        row("a password without a user", "[[poll_external.endpoint]]\nurl = 'http://h'\npassword_file = '/p'",
            "1:1: poll_external.endpoint: username and password_file go together; username is missing");
        row("a user with a colon",
            "[[poll_external.endpoint]]\nurl = 'http://h'\nusername = 'u:p'\npassword_file = '/p'",
            "1:1: poll_external.endpoint: username must not have a colon");
        row("a password and a token",
            "[[poll_external.endpoint]]\nurl = 'http://h'\nusername = 'u'\npassword_file = '/p'\n"
            "bearer_token_file = '/t'",
            "1:1: poll_external.endpoint: only one of username, bearer_token_file and a user in the url can "
            "be "
            "used at a time");
        row("a user in the URL and a token",
            "[[poll_external.endpoint]]\nurl = 'http://u:secret@h'\nbearer_token_file = '/t'",
            "1:1: poll_external.endpoint: only one of username, bearer_token_file and a user in the url can "
            "be "
            "used at a time");
        row("headers as a list", "[[poll_external.endpoint]]\nurl = 'http://h'\nheaders = ['A: b']",
            "3:11: poll_external.endpoint.headers: expected a table of strings such as { Accept = "
            "\"text/plain\" }, got an array");
        row("headers of all sorts",
            "[[poll_external.endpoint]]\nurl = 'http://h'\nheaders = { A = 1, 'B C' = 'x', D = \"x\\ny\", '' "
            "= "
            "'x', E = 'good' }",
            "3:17: poll_external.endpoint.headers: \"A\": expected a string, got an integer\n"
            "3:28: poll_external.endpoint.headers: \"B C\" is not a header's name\n"
            "3:37: poll_external.endpoint.headers: the value of \"D\" has a control character\n"
            "3:50: poll_external.endpoint.headers: \"\" is not a header's name");

        // Contradictions.
        row("one URL twice", "[poll_external]\nother_scrape_endpoints = ['http://h/m',\n 'http://h/m']",
            "3:2: poll_external: \"http://h/m\" is polled twice, both times as \"external_poll: h:80/m\", "
            "first "
            "at config.toml:2:27");
        row("one URL twice, with a password",
            "[poll_external]\nother_scrape_endpoints = ['http://u:secret@h/m', 'http://u:secret@h/m']",
            "2:50: poll_external: \"http://***@h/m\" is polled twice, both times as \"external_poll: "
            "h:80/m\", "
            "first at config.toml:2:27");
        row("one name twice",
            "[[poll_external.endpoint]]\nurl = 'http://a'\nname = 'x'\n[[poll_external.endpoint]]\nurl = "
            "'http://b'\nname = 'x'",
            "4:1: poll_external: \"http://a\" and \"http://b\" are both polled as \"x\", first at "
            "config.toml:1:1");
        row("one name in the list and a table",
            "[poll_external]\nother_scrape_endpoints = ['http://h']\n[[poll_external.endpoint]]\nurl = "
            "'http://i'\nname = 'external_poll: h:80'",
            "3:1: poll_external: \"http://h\" and \"http://i\" are both polled as \"external_poll: h:80\", "
            "first "
            "at config.toml:2:27");
        row("a name of a URL that is too long",
            "[poll_external]\nother_scrape_endpoints = ['http://h', 'http://h/" + QByteArray(250, 'x') + "']",
            qPrintable(
                QStringLiteral(
                    "2:39: poll_external: \"http://h/%1\u2026\": the application's name has 270 bytes, "
                    "more than 256")
                    .arg(QString(151, u'x'))));
        row("a message larger than all together", "[limits]\nmax_message_size = 2000\nmax_total_size = 1000",
            "2:20: limits.max_message_size: is larger than limits.max_total_size");
        row("all together smaller than a message", "[limits]\nmax_total_size = '1MiB'",
            "2:18: limits.max_message_size: is larger than limits.max_total_size");
        row("nothing to receive or poll",
            "[receiver]\nreceive_on_unix_socket = false\nreceive_on_tcp_socket = false",
            "3:25: nothing to receive or poll: receiver.receive_on_unix_socket, "
            "receiver.receive_on_tcp_socket "
            "and poll_external.poll_other_scrape_endpoints are all false");
        row("polling nothing", "[poll_external]\npoll_other_scrape_endpoints = true",
            "2:31: poll_external.poll_other_scrape_endpoints: there is nothing to poll: "
            "poll_external.other_scrape_endpoints is empty and there is no [[poll_external.endpoint]]");
        row("no contradiction with what could not be read",
            "[limits]\nmax_message_size = '2GiB'\nmax_total_size = '4gib'\n"
            "[poll_external]\npoll_other_scrape_endpoints = true\nother_scrape_endpoints = [1]",
            "3:18: limits.max_total_size: \"4gib\" is not a size such as \"64MiB\" (B, kB, MB, GB, TB, KiB, "
            "MiB, "
            "GiB, TiB) or a number of bytes\n"
            "6:27: poll_external.other_scrape_endpoints: expected a URL such as "
            "\"http://127.0.0.1:9100/metrics\", got an integer");

        row("all of them, in the order of the file",
            "[receiver]\nunix_socket_mode = 1\nformat = 'xml'\n[exporter]\nworker_threads = 'x'\nbanana = "
            "1\n[weather]\nfile = ''",
            "2:20: receiver.unix_socket_mode: expected a string of octal digits such as \"0660\", got an "
            "integer\n"
            "3:10: receiver.format: \"xml\" is not one of \"json\", \"capnp\"\n"
            "5:18: exporter.worker_threads: expected an integer, got a string\n"
            "6:1: unknown key \"exporter.banana\"\n"
            "7:2: unknown section \"weather\"");
    }
    void errors()
    {
        QFETCH(QByteArray, toml);
        QFETCH(QString, errors);
        const QString found = errorsOf(load(toml));
        const QString prefix = QStringLiteral("config.toml:");
        QCOMPARE(found, prefix + errors.replace(u'\n', u'\n' + prefix));
        QVERIFY(!found.contains(u"secret"));
    }

    void overridesWin()
    {
        const QByteArray file = "[receiver]\nformat = 'json'\n[poll_external]\nother_scrape_endpoints = "
                                "['http://a']\n[[poll_external.endpoint]]\nurl = 'http://b'\n";
        const Settings settings = good(
            file,
            {QStringLiteral("receiver.format=capnp"), QStringLiteral("exporter.worker_threads=1"),
             QStringLiteral("exporter.worker_threads=2"), QStringLiteral("limits.max_message_size=1kB"),
             QStringLiteral("receiver.message_timeout=0.5"), QStringLiteral("exporter.self_metrics=false"),
             QStringLiteral("receiver.receiver_unix_socket=/tmp/a=b #c.sock"),
             QStringLiteral("receiver.receiver_tcp_socket=[::1]:1"),
             QStringLiteral("exporter.scrape_expose_endpoint=\"127.0.0.1:2\""),
             QStringLiteral("receiver.unix_socket_mode=0600"),
             QStringLiteral("poll_external.other_scrape_endpoints=['http://c', 'http://d']")});
        QCOMPARE(settings.receiver.format, PushFormat::CapnProto);
        QCOMPARE(settings.exporter.workerThreads, 2);
        QCOMPARE(settings.limits.maxMessageSize, 1000);
        QVERIFY(settings.receiver.messageTimeout == 500ms);
        QVERIFY(!settings.exporter.selfMetrics);
        QCOMPARE(settings.receiver.unixSocketPath, QStringLiteral("/tmp/a=b #c.sock"));
        QCOMPARE(settings.receiver.tcpSocket.toString(), QStringLiteral("[::1]:1"));
        QCOMPARE(settings.exporter.scrapeExposeEndpoint.toString(), QStringLiteral("127.0.0.1:2"));
        QCOMPARE(settings.receiver.unixSocketMode, 0600u);
        QStringList urls;
        for (const PollEndpoint &endpoint : settings.pollExternal.endpoints)
            urls << endpoint.url;
        QCOMPARE(urls.join(u' '), QStringLiteral("http://c http://d http://b"));
    }

    void anOverrideCanGiveEndpoints()
    {
        const Settings settings =
            good("",
                 {QStringLiteral("poll_external.poll_other_scrape_endpoints=true"),
                  QStringLiteral("poll_external.endpoint=[{url = 'http://a', name = 'x'}]")});
        QCOMPARE(settings.pollExternal.endpoints.size(), 1);
        QCOMPARE(settings.pollExternal.endpoints.front().name, QStringLiteral("x"));
    }

    void contradictionsAreSoughtInTheOutcome()
    {
        const QByteArray file = "[limits]\nmax_total_size = '1MiB'\n";
        QVERIFY(!errorsOf(load(file)).isEmpty());
        QVERIFY(errorsOf(load(file, {QStringLiteral("limits.max_message_size=1MiB")})).isEmpty());
    }

    void errorsOfOverrides_data()
    {
        QTest::addColumn<QString>("assignment");
        QTest::addColumn<QString>("error");
        const auto row = [](const char *name, const char *assignment, const char *error) {
            QTest::newRow(name) << QString::fromUtf8(assignment) << QString::fromUtf8(error);
        };
        row("a slip in the key", "receiver.fromat=json",
            "--set receiver.fromat=json: unknown key \"receiver.fromat\"; did you mean \"format\"?");
        row("a slip in the section", "reciever.format=json",
            "--set reciever.format=json: unknown section \"reciever\"; did you mean \"receiver\"?");
        row("a key of another section", "exporter.format=json",
            "--set exporter.format=json: unknown key \"exporter.format\"; did you mean \"receiver.format\"?");
        row("a key within a key", "poll_external.endpoint.url=http://h",
            "--set poll_external.endpoint.url=http://h: unknown key \"poll_external.endpoint.url\"");
        row("a bare word", "receiver.format=xml",
            "--set receiver.format=xml: receiver.format: \"xml\" is not one of \"json\", \"capnp\"");
        row("a TOML value", "exporter.worker_threads=2.5",
            "--set exporter.worker_threads=2.5: exporter.worker_threads: expected an integer, got a float");
        row("a word for a number", "exporter.worker_threads=two",
            "--set exporter.worker_threads=two: exporter.worker_threads: expected an integer, got a string");
        row("no value", "receiver.format=", "--set receiver.format=: receiver.format: must not be empty");
        row("no equals sign", "receiver.format", "--set receiver.format: expected section.key=value");
        row("no section", "format=json", "--set format=json: expected section.key=value");
        row("no key", "receiver.=json", "--set receiver.=json: expected section.key=value");
        row("nothing", "", "--set : expected section.key=value");
        row("a key of its own behind a line break", "receiver.format=1\nb=2",
            "--set receiver.format=1\\u000ab=2: receiver.format: has a control character");
        row("a URL with a password", "poll_external.other_scrape_endpoints=http://u:secret@h",
            "--set poll_external.other_scrape_endpoints=http://***@h: poll_external.other_scrape_endpoints: "
            "expected a list of URLs such as [\"http://127.0.0.1:9100/metrics\"], got a string");
        row("a contradiction", "limits.max_total_size=5",
            "--set limits.max_total_size=5: limits.max_message_size: is larger than limits.max_total_size");
        row("one URL twice", "poll_external.other_scrape_endpoints=['http://h', 'http://h']",
            "--set poll_external.other_scrape_endpoints=['http://h', 'http://h']: poll_external: "
            "\"http://h\" is "
            "polled twice, both times as \"external_poll: h:80/\", first at --set "
            "poll_external.other_scrape_endpoints=['http://h', 'http://h']");
    }
    void errorsOfOverrides()
    {
        QFETCH(QString, assignment);
        QFETCH(QString, error);
        QCOMPARE(errorsOf(load("", {assignment})), error);
    }

    void errorsOfTheFileComeFirst()
    {
        QCOMPARE(errorsOf(load("[log]\nlevel = 1", {QStringLiteral("log.level=x"), QStringLiteral("a.b=c")})),
                 QStringLiteral(
                     "config.toml:2:9: log.level: expected one of \"debug\", \"info\", \"warning\", "
                     "\"error\", got "
                     "an integer\n"
                     "--set log.level=x: log.level: \"x\" is not one of \"debug\", \"info\", \"warning\", "
                     "\"error\"\n"
                     "--set a.b=c: unknown section \"a\""));
    }
};

QTEST_APPLESS_MAIN(TestSettingsLoader)
#include "tst_settingsloader.moc"
