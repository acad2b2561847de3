// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/startup.h"

#include "common/util/showntext.h"
#include "common/util/version.h"
#include "gui/client/daemonaddress.h"

#include <algorithm>
#include <cstdio>
#include <QCommandLineParser>
#include <unistd.h>

namespace ExporterProxy::Monitor {

namespace {

constexpr int BadUsageStatus = 2;

constexpr char HelpText[] = R"(Usage: exporter-proxy-monitor [options] [URL...]
Watches exporter-proxy daemons: which application went quiet, since when and why.

  URL         a daemon's address, http://127.0.0.1:6555 for example; HOST:PORT will do.
              Without any, the daemons watched last time, or else %1.

  --version   print the version
  --help      print this text

Options of Qt are taken as well, -style and -platform for example.

Exit status: 0 closed by its user; 1 cannot open a window; 2 the command line is wrong.
)";

/// Qt's own options with a value behind them (the documentation of QGuiApplication and QApplication).
constexpr QStringView ToolkitOptionsWithValue[] = {
    u"style",    u"stylesheet", u"platform",        u"platformpluginpath", u"platformtheme", u"plugin",
    u"geometry", u"icon",       u"qwindowgeometry", u"qwindowicon",        u"title",         u"qwindowtitle",
    u"session",  u"display",    u"fontengine"};
constexpr QStringView ToolkitOptions[] = {u"reverse", u"widgetcount"};

QStringList withoutToolkitOptions(const QStringList &arguments)
{
    QStringList rest;
    for (qsizetype i = 0; i < arguments.size(); ++i) {
        const QString &argument = arguments[i];
        if (argument == QStringLiteral("--"))
            return rest + arguments.sliced(i);
        QString name = argument.startsWith(QStringLiteral("--")) ? argument.sliced(2)
            : argument.startsWith(u'-')                          ? argument.sliced(1)
                                                                 : QString();
        const qsizetype equals = name.indexOf(u'=');
        const bool hasValue = equals >= 0;
        name.truncate(hasValue ? equals : name.size());
        if (std::ranges::find(ToolkitOptionsWithValue, name) != std::end(ToolkitOptionsWithValue))
            i += hasValue ? 0 : 1;
        else if (std::ranges::find(ToolkitOptions, name) == std::end(ToolkitOptions))
            rest << argument;
    }
    return rest;
}

EarlyExit usageError(const QString &message)
{
    return {BadUsageStatus,
            {},
            QStringLiteral("exporter-proxy-monitor: %1\nTry 'exporter-proxy-monitor --help'.\n")
                .arg(shownText(message))};
}

QtMessageHandler s_ordinary = nullptr;

void explain(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    if (type != QtFatalMsg) {
        // Drops the messages of Qt's plugins, several lines that the sentence below makes unnecessary.
        const QLatin1StringView category(context.category);
        if (!category.startsWith(QLatin1StringView("qt.qpa")))
            s_ordinary(type, context, message);
        return;
    }
    const bool named = qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY");
    if (named)
        std::fprintf(stderr,
                     "exporter-proxy-monitor: cannot open a window on the display DISPLAY=%s "
                     "WAYLAND_DISPLAY=%s: %s\n",
                     qgetenv("DISPLAY").constData(), qgetenv("WAYLAND_DISPLAY").constData(),
                     qPrintable(message.section(u'.', 0, 0)));
    else
        std::fputs("exporter-proxy-monitor: cannot open a window: there is no display (neither DISPLAY nor "
                   "WAYLAND_DISPLAY is set)\n",
                   stderr);
    // Not exit(), because Qt is only partly set up, and its exit handlers may crash.
    _exit(1);
}

} // namespace

int EarlyExit::print() const
{
    std::fputs(output.toLocal8Bit().constData(), stdout);
    std::fputs(errors.toLocal8Bit().constData(), stderr);
    return status;
}

std::variant<CommandLine, EarlyExit> parseCommandLine(const QStringList &arguments)
{
    const QCommandLineOption version(QStringLiteral("version"));
    const QCommandLineOption help(QStringLiteral("help"));
    QCommandLineParser parser;
    parser.addOptions({version, help});
    if (!parser.parse(withoutToolkitOptions(arguments))) {
        const QStringList unknown = parser.unknownOptionNames();
        return usageError(unknown.isEmpty() ? parser.errorText()
                                            : QStringLiteral("unknown option '%1'").arg(unknown.front()));
    }
    if (parser.isSet(help))
        return EarlyExit{0, QString::fromLatin1(HelpText).arg(DaemonAddress().key()), {}};
    if (parser.isSet(version))
        return EarlyExit{
            0, QStringLiteral("exporter-proxy-monitor %1\n").arg(QLatin1StringView(VersionString)), {}};
    return CommandLine{parser.positionalArguments()};
}

void explainStartupFaults()
{
    s_ordinary = qInstallMessageHandler(explain);
}

void stopExplainingStartupFaults()
{
    qInstallMessageHandler(nullptr);
}

} // namespace ExporterProxy::Monitor
