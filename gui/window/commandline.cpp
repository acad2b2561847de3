// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/commandline.h"

#include "common/util/showntext.h"
#include "common/util/version.h"

#include <cstdio>
#include <QCommandLineParser>

namespace ExporterProxy {

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

/// Qt's own options that have a value behind them (the documentation of QGuiApplication and QApplication).
const QStringList &toolkitOptionsWithValue()
{
    static const QStringList options{QStringLiteral("style"),           QStringLiteral("stylesheet"),
                                     QStringLiteral("platform"),        QStringLiteral("platformpluginpath"),
                                     QStringLiteral("platformtheme"),   QStringLiteral("plugin"),
                                     QStringLiteral("qwindowgeometry"), QStringLiteral("geometry"),
                                     QStringLiteral("qwindowicon"),     QStringLiteral("icon"),
                                     QStringLiteral("qwindowtitle"),    QStringLiteral("title"),
                                     QStringLiteral("session"),         QStringLiteral("display"),
                                     QStringLiteral("fontengine")};
    return options;
}

QStringList withoutToolkitOptions(const QStringList &arguments)
{
    static const QStringList bare{QStringLiteral("reverse"), QStringLiteral("widgetcount")};
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
        if (toolkitOptionsWithValue().contains(name))
            i += hasValue ? 0 : 1;
        else if (!bare.contains(name))
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
        return EarlyExit{
            0, QString::fromLatin1(HelpText).arg(QLatin1StringView("http://127.0.0.1:6555")), {}};
    if (parser.isSet(version))
        return EarlyExit{
            0, QStringLiteral("exporter-proxy-monitor %1\n").arg(QLatin1StringView(VersionString)), {}};
    return CommandLine{parser.positionalArguments()};
}

} // namespace ExporterProxy
