// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/version.h"
#include "gui/icons/colors.h"
#include "gui/translations/translations.h"
#include "gui/window/mainwindow.h"
#include "gui/window/startup.h"

#include <QApplication>
#include <QLocale>
#include <QSettings>

using namespace ExporterProxy;
using namespace ExporterProxy::Monitor;

int main(int argc, char *argv[])
{
    // Done before the application object, so that help, version and errors need no display.
    QStringList arguments;
    for (int i = 0; i < argc; ++i)
        arguments << QString::fromLocal8Bit(argv[i]);
    const auto commandLine = parseCommandLine(arguments);
    if (const auto *early = std::get_if<EarlyExit>(&commandLine))
        return early->print();

    QCoreApplication::setOrganizationName(QStringLiteral("exporter-proxy"));
    QCoreApplication::setApplicationName(QStringLiteral("exporter-proxy-monitor"));
    QCoreApplication::setApplicationVersion(QString::fromLatin1(VersionString));
    QGuiApplication::setDesktopFileName(QStringLiteral("exporter-proxy-monitor"));
    explainStartupFaults();
    QApplication app(argc, argv);
    stopExplainingStartupFaults();
    mendPlaceholders();

    installTranslations(app, QLocale());
    QSettings settings;
    MainWindow window(settings, std::get<CommandLine>(commandLine).addresses);
    window.show();
    return QApplication::exec();
}
