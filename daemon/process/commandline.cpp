// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/process/commandline.h"

#include "common/util/descriptor.h"
#include "common/util/errortext.h"
#include "common/util/showntext.h"
#include "common/util/version.h"
#include "daemon/process/logging.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <QCommandLineParser>
#include <QFile>
#include <QUrl>
#include <sys/stat.h>

namespace ExporterProxy {

namespace {

constexpr char HelpText[] = R"(Usage: exporter-proxy [options]
One port for all the Prometheus metrics of a host.

  -c, --config FILE         read this configuration
      --set SECTION.KEY=VALUE
                            override one setting of the configuration; repeatable
      --check-config        check the configuration and exit
      --log-level LEVEL     log this level and above: debug, info, warning or error
      --version             print the version
      --help                print this text

Without --config, reads the file named by $EXPORTER_PROXY_CONFIG, or else
%1 if it exists, or else uses the defaults.

Exit status: 0 stopped normally, or the configuration is valid; 1 cannot run;
2 error in the command line or the configuration.
)";

EarlyExit usageError(const QString &message)
{
    return {BadUsageStatus,
            {},
            QStringLiteral("exporter-proxy: %1\nTry 'exporter-proxy --help'.\n").arg(shownText(message))};
}

/// The parser's error, in the style of our other messages.
QString parserFault(const QCommandLineParser &parser)
{
    if (const QStringList unknown = parser.unknownOptionNames(); !unknown.isEmpty())
        return QStringLiteral("unknown option '%1'").arg(unknown.front());
    QString text = parser.errorText();
    if (text.endsWith(u'.'))
        text.chop(1);
    if (!text.isEmpty())
        text.front() = text.front().toLower();
    return text;
}

Result<QByteArray> readConfig(const QString &fileName)
{
    // Not blocking, because a FIFO without a writer would hang the daemon, at the start and at each SIGHUP.
    const Descriptor descriptor(
        ::open(QFile::encodeName(fileName).constData(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat status
    {
    };
    if (!descriptor.isOpen() || fstat(descriptor.get(), &status) != 0)
        return Failure{errorText(errno)};
    if (S_ISDIR(status.st_mode))
        return Failure{errorText(EISDIR)};
    if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode))
        return Failure{QStringLiteral("it is not a file")};
    QFile file;
    if (!file.open(descriptor.get(), QIODevice::ReadOnly | QIODevice::Unbuffered))
        return Failure{file.errorString()};
    // Not readAll(), because the file may be an endless device. The loader rejects a content that is too
    // large.
    QByteArray content;
    while (content.size() <= MaxConfigSize) {
        const QByteArray part = file.read(MaxConfigSize + 1 - content.size());
        if (part.isEmpty())
            break;
        content += part;
    }
    if (file.error() != QFileDevice::NoError)
        return Failure{file.errorString()};
    return content;
}

QString configFileFor(const CommandLine &commandLine, const QString &defaultFile)
{
    if (!commandLine.configFile.isEmpty())
        return commandLine.configFile;
    if (const QString named = qEnvironmentVariable("EXPORTER_PROXY_CONFIG"); !named.isEmpty())
        return named;
    return QFile::exists(defaultFile) ? defaultFile : QString();
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
    const QCommandLineOption config({QStringLiteral("c"), QStringLiteral("config")}, {},
                                    QStringLiteral("FILE"));
    const QCommandLineOption set(QStringLiteral("set"), {}, QStringLiteral("SECTION.KEY=VALUE"));
    const QCommandLineOption checkConfig(QStringLiteral("check-config"));
    const QCommandLineOption logLevel(QStringLiteral("log-level"), {}, QStringLiteral("LEVEL"));
    const QCommandLineOption version(QStringLiteral("version"));
    const QCommandLineOption help(QStringLiteral("help"));

    QCommandLineParser parser;
    parser.addOptions({config, set, checkConfig, logLevel, version, help});
    if (!parser.parse(arguments))
        return usageError(parserFault(parser));
    if (parser.isSet(help))
        return EarlyExit{0, QString::fromLatin1(HelpText).arg(QLatin1StringView(DefaultConfigFile)), {}};
    if (parser.isSet(version))
        return EarlyExit{0, QStringLiteral("exporter-proxy %1\n").arg(QLatin1StringView(VersionString)), {}};
    if (const QStringList rest = parser.positionalArguments(); !rest.isEmpty())
        return usageError(QStringLiteral("unexpected argument '%1'").arg(rest.front()));
    if (parser.isSet(config) && parser.value(config).isEmpty())
        return usageError(QStringLiteral("option 'config' needs a file's name"));

    CommandLine commandLine;
    commandLine.configFile = parser.value(config);
    commandLine.checkOnly = parser.isSet(checkConfig);
    for (const QString &assignment : parser.values(set))
        commandLine.overrides << SettingOverride::fromAssignment(assignment);
    if (parser.isSet(logLevel)) {
        const QString level = parser.value(logLevel);
        commandLine.overrides << SettingOverride{QStringLiteral("--log-level ") + level,
                                                 QStringLiteral("log.level"), level};
    }
    return commandLine;
}

std::variant<ResolvedSettings, EarlyExit> resolveSettings(const CommandLine &commandLine,
                                                          const QString &defaultFile)
{
    const QString fileName = configFileFor(commandLine, defaultFile);
    const QString origin = fileName.isEmpty() ? QStringLiteral("built-in defaults") : fileName;
    QByteArray content;
    if (!fileName.isEmpty()) {
        Result<QByteArray> read = readConfig(fileName);
        if (!read)
            return EarlyExit{BadUsageStatus,
                             {},
                             QStringLiteral("exporter-proxy: cannot read %1: %2\n")
                                 .arg(shownText(fileName), read.error())};
        content = read.take();
    }

    Result<Settings> loaded = loadSettings(content, shownText(origin), commandLine.overrides);
    if (!loaded)
        return EarlyExit{BadUsageStatus, {}, loaded.error() + u'\n'};
    if (commandLine.checkOnly)
        return EarlyExit{0, shownText(origin) + QStringLiteral(": ok\n"), {}};
    return ResolvedSettings{loaded.take(), origin, fileName};
}

void warnOfReadableSecrets(const ResolvedSettings &resolved)
{
    const QList<PollEndpoint> &endpoints = resolved.settings.pollExternal.endpoints;
    const bool hasSecrets = std::any_of(endpoints.begin(), endpoints.end(), [](const PollEndpoint &endpoint) {
        return !endpoint.headers.isEmpty() || !QUrl(endpoint.url).password().isEmpty();
    });
    struct stat status
    {
    };
    if (hasSecrets && stat(QFile::encodeName(resolved.configFile).constData(), &status) == 0
        && (status.st_mode & S_IROTH) != 0)
        qCWarning(
            lcDaemon,
            "%ls may have secrets (headers, or a password in a URL), and everybody can read it: chmod o-r",
            qUtf16Printable(shownText(resolved.configFile)));
}

} // namespace ExporterProxy
