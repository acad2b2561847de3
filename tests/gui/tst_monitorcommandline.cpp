// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/startup.h"

#include <QProcess>
#include <QTest>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;

namespace {

struct Outcome
{
    int status = -1;
    QByteArray output;
    QByteArray errors;
};

/// Runs the monitor where there is no display.
Outcome runWithoutDisplay(const QStringList &arguments, const QHash<QString, QString> &variables = {})
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char *name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
        environment.remove(QString::fromLatin1(name));
    for (auto it = variables.begin(); it != variables.end(); ++it)
        environment.insert(it.key(), it.value());
    QProcess process;
    process.setProcessEnvironment(environment);
    process.start(QStringLiteral(MONITOR_PROGRAM), arguments);
    if (!process.waitForFinished(30'000) || process.exitStatus() != QProcess::NormalExit)
        return {};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

QStringList commandLine(const QStringList &rest)
{
    return QStringList{QStringLiteral("exporter-proxy-monitor")} + rest;
}

} // namespace

class TestMonitorCommandLine : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void addressesAreWhatIsLeft_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QStringList>("addresses");
        const QString url = QStringLiteral("http://h:1");
        QTest::newRow("none") << QStringList() << QStringList();
        QTest::newRow("two") << QStringList{url, QStringLiteral("b:2")}
                             << QStringList{url, QStringLiteral("b:2")};
        QTest::newRow("Qt's options and their values are not addresses")
            << QStringList{QStringLiteral("-style"), QStringLiteral("fusion"), url,
                           QStringLiteral("--platform=offscreen"), QStringLiteral("-reverse")}
            << QStringList{url};
    }
    void addressesAreWhatIsLeft()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QStringList, addresses);
        const auto parsed = parseCommandLine(commandLine(arguments));
        QVERIFY(std::holds_alternative<CommandLine>(parsed));
        QCOMPARE(std::get<CommandLine>(parsed).addresses, addresses);
    }

    void helpAndVersionNeedNoDisplay()
    {
        const Outcome help = runWithoutDisplay({QStringLiteral("--help")});
        QCOMPARE(help.status, 0);
        QVERIFY(help.output.startsWith("Usage: exporter-proxy-monitor"));
        QVERIFY(help.output.contains("http://127.0.0.1:6555"));
        QCOMPARE(help.errors, "");
        const Outcome version = runWithoutDisplay({QStringLiteral("--version")});
        QCOMPARE(version.status, 0);
        QVERIFY(version.output.startsWith("exporter-proxy-monitor "));
        QCOMPARE(version.output.count('\n'), 1);
    }

    void aWrongOptionIsOneSentenceAndStatus2()
    {
        const Outcome outcome = runWithoutDisplay({QStringLiteral("--wrong")});
        QCOMPARE(outcome.status, 2);
        QCOMPARE(outcome.output, "");
        QCOMPARE(outcome.errors,
                 "exporter-proxy-monitor: unknown option 'wrong'\n"
                 "Try 'exporter-proxy-monitor --help'.\n");
    }

    void withoutADisplayItSaysSoAndEnds_data()
    {
        QTest::addColumn<QString>("display");
        QTest::newRow("none is named") << QString();
        QTest::newRow("nobody listens at the one named") << QStringLiteral(":65000");
    }
    void withoutADisplayItSaysSoAndEnds()
    {
        QFETCH(QString, display);
        QHash<QString, QString> variables;
        if (!display.isEmpty())
            variables.insert(QStringLiteral("DISPLAY"), display);
        const Outcome outcome = runWithoutDisplay({}, variables);
        QCOMPARE(outcome.status, 1);
        QVERIFY2(outcome.errors.startsWith("exporter-proxy-monitor: cannot open a window"),
                 outcome.errors.constData());
        QVERIFY2(outcome.errors.contains(display.isEmpty() ? "no display" : ":65000"),
                 outcome.errors.constData());
        QCOMPARE(outcome.errors.count('\n'), 1);
    }
};

QTEST_GUILESS_MAIN(TestMonitorCommandLine)
#include "tst_monitorcommandline.moc"
