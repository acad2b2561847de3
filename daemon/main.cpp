// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/util/version.h"
#include "daemon/daemon.h"
#include "daemon/process/commandline.h"
#include "daemon/process/logging.h"
#include "daemon/process/processlimits.h"
#include "daemon/process/servicemanager.h"
#include "daemon/process/signalwatcher.h"
#include "daemon/receive/httpreceiver.h"
#include "daemon/reloader.h"

#include <csignal>
#include <QCoreApplication>
#include <QTimer>

using namespace ExporterProxy;

int main(int argc, char *argv[])
{
    // These come before the first thread and the event loop.
    const ServiceManager manager;
    SignalWatcher::blockSignals();
    tuneAllocator();
    // GLib's dispatcher costs several times as much for each wake-up as Qt's own.
    qputenv("QT_NO_GLIB", "1");
    QCoreApplication app(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("exporter-proxy"));
    QCoreApplication::setApplicationVersion(QString::fromLatin1(VersionString));

    const auto commandLine = parseCommandLine(QCoreApplication::arguments());
    if (const auto *early = std::get_if<EarlyExit>(&commandLine))
        return early->print();
    const auto resolved = resolveSettings(std::get<CommandLine>(commandLine));
    if (const auto *early = std::get_if<EarlyExit>(&resolved))
        return early->print();
    const auto &[settings, origin, configFile] = std::get<ResolvedSettings>(resolved);

    installLogging(settings.log.level);
    qCInfo(lcDaemon, "exporter-proxy %s starts, settings from %ls", VersionString, qUtf16Printable(origin));
    warnOfReadableSecrets(std::get<ResolvedSettings>(resolved));
    Daemon daemon(settings, manager.listeningSockets());
    if (const std::optional<QString> error = daemon.start()) {
        qCCritical(lcDaemon, "%ls", qUtf16Printable(*error));
        return 1;
    }

    SignalWatcher signalWatcher;
    QObject::connect(&signalWatcher, &SignalWatcher::terminationRequested, &app, [](int signal) {
        qCInfo(lcDaemon, "stopping on %s", signal == SIGINT ? "SIGINT" : "SIGTERM");
        QCoreApplication::quit();
    });
    Reloader reloader(daemon, std::get<CommandLine>(commandLine), configFile);
    const auto reload = [&reloader, &manager, &daemon] {
        manager.reloading();
        reloader.reload();
        manager.ready(daemon.statusLine());
    };
    QObject::connect(&signalWatcher, &SignalWatcher::reloadRequested, &app, reload);
    daemon.setAdminActions({reload, [] { QCoreApplication::quit(); }});
    // Fed from the main loop, so that a hung main loop stops the watchdog. No timer runs unless the service
    // manager asks for it.
    QTimer watchdog;
    QObject::connect(&watchdog, &QTimer::timeout, &watchdog, [&manager, &daemon] {
        manager.alive();
        manager.status(daemon.statusLine());
    });
    if (manager.watchdogInterval().count() > 0)
        watchdog.start(manager.watchdogInterval());
    manager.ready(daemon.statusLine());
    const int status = QCoreApplication::exec();
    manager.stopping();
    const bool isStateKept = daemon.stop();
    qCInfo(lcDaemon, "stopped after %llu pushes", qulonglong(daemon.pushesTaken()));
    return isStateKept ? status : 1;
}
