// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/reloader.h"

#include "daemon/daemon.h"
#include "daemon/process/logging.h"

namespace ExporterProxy {

Reloader::Reloader(Daemon &daemon, CommandLine commandLine, const QString &configFile)
    : m_daemon(daemon)
    , m_commandLine(std::move(commandLine))
{
    m_commandLine.configFile = configFile;
}

void Reloader::reload()
{
    if (m_commandLine.configFile.isEmpty()) {
        qCWarning(lcDaemon,
                  "reload: there is nothing to read again: the daemon was started without a "
                  "configuration file");
        return;
    }
    const auto resolved = resolveSettings(m_commandLine);
    if (const auto *fault = std::get_if<EarlyExit>(&resolved)) {
        for (const QString &line : fault->errors.split(u'\n', Qt::SkipEmptyParts))
            qCCritical(lcDaemon, "reload: %ls", qUtf16Printable(line));
        return refuse(QStringLiteral("the configuration is not good"));
    }
    const auto &[settings, origin, configFile] = std::get<ResolvedSettings>(resolved);
    const Daemon::Reload result = m_daemon.reload(settings);
    if (result.error)
        return refuse(*result.error);
    m_daemon.noteConfigRead(true);
    warnOfReadableSecrets(std::get<ResolvedSettings>(resolved));

    const QString separator = QStringLiteral(", ");
    if (result.changed.isEmpty() && result.needRestart.isEmpty())
        qCInfo(lcDaemon, "reloaded %ls, nothing has changed", qUtf16Printable(origin));
    else if (!result.changed.isEmpty())
        qCInfo(lcDaemon, "reloaded %ls, changed: %ls", qUtf16Printable(origin),
               qUtf16Printable(result.changed.join(separator)));
    if (!result.needRestart.isEmpty())
        qCWarning(lcDaemon, "reloaded %ls, but these will hold only after a restart: %ls",
                  qUtf16Printable(origin), qUtf16Printable(result.needRestart.join(separator)));
}

void Reloader::refuse(const QString &message)
{
    m_daemon.noteConfigRead(false);
    qCCritical(lcDaemon, "reload: %ls; nothing has changed, the former configuration stays",
               qUtf16Printable(message));
}

} // namespace ExporterProxy
