// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/process/commandline.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <unistd.h>

using namespace ExporterProxy;

namespace {

std::variant<CommandLine, EarlyExit> parse(const QStringList &arguments)
{
    return parseCommandLine(QStringList{QStringLiteral("exporter-proxy")} + arguments);
}

/// What a command line leads to; neither the environment's configuration nor the machine's is there.
std::variant<ResolvedSettings, EarlyExit> resolve(const QStringList &arguments,
                                                  const QString &defaultFile = QStringLiteral("/nonexistent"))
{
    auto parsed = parse(arguments);
    if (const EarlyExit *exit = std::get_if<EarlyExit>(&parsed))
        return *exit;
    return resolveSettings(std::get<CommandLine>(parsed), defaultFile);
}

} // namespace

class TestCommandLine : public QObject
{
    Q_OBJECT

    QTemporaryDir m_dir;

    QString write(const char *name, const QByteArray &content)
    {
        const QString path = m_dir.filePath(QString::fromLatin1(name));
        QFile file(path);
        return file.open(QIODevice::WriteOnly) && file.write(content) == content.size() ? path : QString();
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_dir.isValid());
        qunsetenv("EXPORTER_PROXY_CONFIG");
    }
    void cleanup() { qunsetenv("EXPORTER_PROXY_CONFIG"); }

    void nothingGivenMeansTheDefaults()
    {
        const auto resolved = resolve({});
        const auto *settings = std::get_if<ResolvedSettings>(&resolved);
        QVERIFY(settings);
        QVERIFY(settings->settings == Settings());
        QCOMPARE(settings->origin, QStringLiteral("built-in defaults"));
    }

    void helpNamesEveryOption()
    {
        const auto parsed = parse({QStringLiteral("--help")});
        const auto *exit = std::get_if<EarlyExit>(&parsed);
        QVERIFY(exit);
        QCOMPARE(exit->status, 0);
        QVERIFY(exit->errors.isEmpty());
        for (const char *part : {"-c", "--config FILE", "--set", "--check-config", "--log-level", "--version",
                                 "--help", "EXPORTER_PROXY_CONFIG", "/etc/exporter-proxy/config.toml"})
            QVERIFY2(exit->output.contains(QLatin1StringView(part)), part);
        QVERIFY(exit->output.endsWith(u'\n'));
    }

    void versionIsOneLine()
    {
        const auto parsed = parse({QStringLiteral("--version")});
        const auto *exit = std::get_if<EarlyExit>(&parsed);
        QVERIFY(exit);
        QCOMPARE(exit->status, 0);
        QCOMPARE(exit->output, QStringLiteral("exporter-proxy 0.1.0\n"));
        QVERIFY(exit->errors.isEmpty());
    }

    void badCommandLines_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("message");
        const auto row = [](const char *name, std::initializer_list<const char *> arguments,
                            const char *message) {
            QStringList list;
            for (const char *argument : arguments)
                list << QString::fromUtf8(argument);
            QTest::newRow(name) << list << QString::fromUtf8(message);
        };
        row("an unknown option", {"--foo"}, "unknown option 'foo'");
        row("an unknown short option", {"-x"}, "unknown option 'x'");
        row("an unknown option among good ones", {"--check-config", "--foo=1", "--set", "a.b=c"},
            "unknown option 'foo'");
        row("an argument", {"config.toml"}, "unexpected argument 'config.toml'");
        row("an argument after the options", {"--", "--help"}, "unexpected argument '--help'");
        row("no file", {"--config"}, "missing value after '--config'");
        row("no file after the short option", {"-c"}, "missing value after '-c'");
        row("an empty file name", {"--config="}, "option 'config' needs a file's name");
        row("no setting", {"--set"}, "missing value after '--set'");
        row("no level", {"--log-level"}, "missing value after '--log-level'");
        row("a value where none belongs", {"--check-config=1"}, "unexpected value after '--check-config'");
        row("a line break", {"--a\nb"}, "unknown option 'a\\u000ab'");
    }
    void badCommandLines()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, message);
        const auto parsed = parse(arguments);
        const auto *exit = std::get_if<EarlyExit>(&parsed);
        QVERIFY(exit);
        QCOMPARE(exit->status, 2);
        QVERIFY(exit->output.isEmpty());
        QCOMPARE(exit->errors,
                 QStringLiteral("exporter-proxy: %1\nTry 'exporter-proxy --help'.\n").arg(message));
    }

    void theCommandLineIsStrongerThanTheFile()
    {
        const QString file = write("strong.toml", "[exporter]\nworker_threads = 1\n[log]\nlevel = 'error'\n");
        const auto resolved = resolve({QStringLiteral("-c"), file, QStringLiteral("--log-level=debug"),
                                       QStringLiteral("--set"), QStringLiteral("exporter.worker_threads=2"),
                                       QStringLiteral("--set=receiver.format=capnp"), QStringLiteral("--set"),
                                       QStringLiteral("log.level=warning")});
        const auto *settings = std::get_if<ResolvedSettings>(&resolved);
        QVERIFY(settings);
        QCOMPARE(settings->origin, file);
        QCOMPARE(settings->settings.exporter.workerThreads, 2);
        QCOMPARE(settings->settings.receiver.format, PushFormat::CapnProto);
        QCOMPARE(settings->settings.log.level, LogLevel::Debug); // whatever their order
    }

    void filesInTheOrderOfTheirWeight()
    {
        const QString given = write("given.toml", "exporter.worker_threads = 1\n");
        const QString environment = write("environment.toml", "exporter.worker_threads = 2\n");
        const QString standard = write("standard.toml", "exporter.worker_threads = 3\n");
        const auto threads = [&standard](const QStringList &arguments) {
            const auto resolved = resolve(arguments, standard);
            const auto *settings = std::get_if<ResolvedSettings>(&resolved);
            return settings ? settings->settings.exporter.workerThreads : -1;
        };
        QCOMPARE(threads({}), 3);
        qputenv("EXPORTER_PROXY_CONFIG", "");
        QCOMPARE(threads({}), 3);
        qputenv("EXPORTER_PROXY_CONFIG", environment.toUtf8());
        QCOMPARE(threads({}), 2);
        QCOMPARE(threads({QStringLiteral("--config"), given}), 1);
        QCOMPARE(threads({QStringLiteral("--config=") + given}), 1);
    }

    void unreadableFiles_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("cause");
        QTest::newRow("none there") << m_dir.filePath(QStringLiteral("none.toml"))
                                    << QStringLiteral("no such file or directory");
        QTest::newRow("a directory") << m_dir.path() << QString(); // Qt's words for it differ by version
        QTest::newRow("a socket's or a device's path that cannot be opened")
            << QStringLiteral("/dev/null/x") << QStringLiteral("not a directory");
    }
    void unreadableFiles()
    {
        QFETCH(QString, file);
        QFETCH(QString, cause);
        const auto check = [&](const std::variant<ResolvedSettings, EarlyExit> &resolved) {
            const auto *exit = std::get_if<EarlyExit>(&resolved);
            QVERIFY(exit);
            QCOMPARE(exit->status, 2);
            QVERIFY(exit->output.isEmpty());
            QVERIFY2(exit->errors.startsWith(
                         QStringLiteral("exporter-proxy: cannot read %1: %2").arg(file, cause)),
                     qPrintable(exit->errors));
            QCOMPARE(exit->errors.count(u'\n'), 1);
            QVERIFY(exit->errors.endsWith(u'\n'));
        };
        check(resolve({QStringLiteral("--config"), file}));
        check(resolve({QStringLiteral("--check-config"), QStringLiteral("--config"), file}));
        qputenv("EXPORTER_PROXY_CONFIG", file.toUtf8());
        check(resolve({}));
    }

    void aFileWithoutPermission()
    {
        if (::geteuid() == 0)
            QSKIP("root may read everything");
        const QString file = write("secret.toml", "");
        QVERIFY(QFile::setPermissions(file, {}));
        const auto resolved = resolve({QStringLiteral("-c"), file});
        const auto *exit = std::get_if<EarlyExit>(&resolved);
        QVERIFY(exit);
        QCOMPARE(exit->errors,
                 QStringLiteral("exporter-proxy: cannot read %1: Permission denied\n").arg(file));
    }

    void aDeviceWithoutEndIsRefused()
    {
        const auto resolved = resolve({QStringLiteral("-c"), QStringLiteral("/dev/zero")});
        const auto *exit = std::get_if<EarlyExit>(&resolved);
        QVERIFY(exit);
        QCOMPARE(exit->status, 2);
        QCOMPARE(exit->errors,
                 QStringLiteral("/dev/zero: has more than the 1048576 bytes of a configuration\n"));
    }

    void aFileIsNamedInItsErrors()
    {
        const QString file = write("bad.toml", "[receiver]\nfromat = 'json'\nformat = 'xml'\n");
        for (const bool check : {false, true}) {
            QStringList arguments{QStringLiteral("--config"),    file,
                                  QStringLiteral("--log-level"), QStringLiteral("loud"),
                                  QStringLiteral("--set"),       QStringLiteral("foo")};
            if (check)
                arguments << QStringLiteral("--check-config");
            const auto resolved = resolve(arguments);
            const auto *exit = std::get_if<EarlyExit>(&resolved);
            QVERIFY(exit);
            QCOMPARE(exit->status, 2);
            QVERIFY(exit->output.isEmpty());
            QCOMPARE(
                exit->errors,
                file + QStringLiteral(":2:1: unknown key \"receiver.fromat\"; did you mean \"format\"?\n")
                    + file
                    + QStringLiteral(":3:10: receiver.format: \"xml\" is not one of \"json\", \"capnp\"\n")
                    + QStringLiteral(
                        "--set foo: expected section.key=value\n"
                        "--log-level loud: log.level: \"loud\" is not one of \"debug\", \"info\", "
                        "\"warning\", \"error\"\n"));
        }
    }

    void aGoodConfigurationIsSaidToBe()
    {
        const QString file = write("good.toml", "[receiver]\nformat = 'json'\n");
        auto resolved = resolve({QStringLiteral("--check-config"), QStringLiteral("-c"), file});
        const auto *exit = std::get_if<EarlyExit>(&resolved);
        QVERIFY(exit);
        QCOMPARE(exit->status, 0);
        QCOMPARE(exit->output, file + QStringLiteral(": ok\n"));
        QVERIFY(exit->errors.isEmpty());

        resolved = resolve({QStringLiteral("--check-config")});
        exit = std::get_if<EarlyExit>(&resolved);
        QVERIFY(exit);
        QCOMPARE(exit->output, QStringLiteral("built-in defaults: ok\n"));
    }

    void printingGoesWhereItBelongs()
    {
        const auto captured = [this](int descriptor, const char *name, const EarlyExit &exit) {
            QFile file(m_dir.filePath(QString::fromLatin1(name)));
            if (!file.open(QIODevice::ReadWrite | QIODevice::Truncate))
                return QByteArray("cannot open");
            std::fflush(nullptr);
            const int saved = ::dup(descriptor);
            ::dup2(file.handle(), descriptor);
            const int status = exit.print();
            std::fflush(nullptr);
            ::dup2(saved, descriptor);
            ::close(saved);
            file.seek(0);
            return QByteArray::number(status) + ' ' + file.readAll();
        };
        QCOMPARE(captured(STDOUT_FILENO, "out", {0, QStringLiteral("größe\n"), {}}), "0 größe\n");
        QCOMPARE(captured(STDERR_FILENO, "err", {2, {}, QStringLiteral("bad\n")}), "2 bad\n");
    }
};

QTEST_GUILESS_MAIN(TestCommandLine)
#include "tst_commandline.moc"
