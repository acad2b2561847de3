// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/process/logging.h"

#include "common/util/displaywidth.h"
#include "common/util/utf8.h"

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

/// Whether standard error is the journal: it says so with the device and inode of the stream
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
    line += category.toByteArray() + ": " + printable(message.toUtf8()) + '\n';
    // One write a line: lines of several threads do not mix. There is nobody to tell that it failed.
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

QByteArray printable(QByteArrayView text)
{
    static constexpr char digits[] = "0123456789abcdef";
    QByteArray out;
    out.reserve(text.size());
    for (const char *at = text.begin(); at != text.end();) {
        const Utf8Char character = decodeUtf8(at, text.end());
        const char *end = at + character.size;
        if (character.valid && !breaksLine(character.codePoint)) {
            out.append(at, character.size);
        } else {
            for (; at != end; ++at) {
                const auto byte = static_cast<unsigned char>(*at);
                out.append("\\x").append(digits[byte >> 4]).append(digits[byte & 0xf]);
            }
        }
        at = end;
    }
    return out;
}

} // namespace ExporterProxy
