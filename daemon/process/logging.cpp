// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/process/logging.h"

#include "common/util/showntext.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <QDateTime>
#include <sys/stat.h>
#include <unistd.h>

namespace ExporterProxy {

Q_LOGGING_CATEGORY(lcDaemon, "exporterproxy.daemon")
Q_LOGGING_CATEGORY(lcReceive, "exporterproxy.receive")
Q_LOGGING_CATEGORY(lcHttp, "exporterproxy.http", QtInfoMsg)

namespace {

constexpr char CategoryPrefix[] = "exporterproxy.";

/// Whether standard error is the journal, whose device and inode systemd puts into the environment
/// (systemd.exec(5)).
bool stderrIsJournal()
{
    const char *stream = std::getenv("JOURNAL_STREAM");
    struct stat status
    {
    };
    unsigned long long device = 0;
    unsigned long long inode = 0;
    return stream && fstat(STDERR_FILENO, &status) == 0
        && std::sscanf(stream, "%llu:%llu", &device, &inode) == 2 && device == status.st_dev
        && inode == status.st_ino;
}

bool journal = false; // set once by installLogging(), before any thread starts

struct Level
{
    const char *word;
    const char *priority;
};

Level levelOf(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return {"debug", "<7>"};
    case QtInfoMsg:
        return {"info", "<6>"};
    case QtWarningMsg:
        return {"warning", "<4>"};
    case QtCriticalMsg:
        return {"error", "<3>"};
    case QtFatalMsg:
        break;
    }
    return {"fatal", "<2>"};
}

void writeLine(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    const QByteArrayView full(context.category ? context.category : "");
    const QByteArrayView category =
        full.startsWith(CategoryPrefix) ? full.sliced(sizeof CategoryPrefix - 1) : full;
    const Level level = levelOf(type);
    QByteArray line = journal
        ? QByteArray(level.priority)
        : QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs).toUtf8() + ' ' + level.word + ' ';
    line += category.toByteArray() + ": " + escapedLine(message).toUtf8() + '\n';
    // One write per line, so that lines of several threads do not mix. A failure cannot be reported anywhere.
    [[maybe_unused]] const ssize_t written =
        ::write(STDERR_FILENO, line.constData(), std::size_t(line.size()));
}

} // namespace

void installLogging(LogLevel level)
{
    journal = stderrIsJournal();
    setLogLevel(level);
    qInstallMessageHandler(writeLine);
}

void setLogLevel(LogLevel level)
{
    const auto allowed = [level](LogLevel of) { return level <= of ? "true" : "false"; };
    QLoggingCategory::setFilterRules(QStringLiteral("exporterproxy.*.debug=%1\n"
                                                    "exporterproxy.*.info=%2\n"
                                                    "exporterproxy.*.warning=%3\n")
                                         .arg(QLatin1String(allowed(LogLevel::Debug)),
                                              QLatin1String(allowed(LogLevel::Info)),
                                              QLatin1String(allowed(LogLevel::Warning))));
}

} // namespace ExporterProxy
