// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/process/logging.h"

#include "common/util/showntext.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <QDateTime>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace ExporterProxy {

Q_LOGGING_CATEGORY(lcDaemon, "exporterproxy.daemon")
Q_LOGGING_CATEGORY(lcReceive, "exporterproxy.receive")
Q_LOGGING_CATEGORY(lcHttp, "exporterproxy.http", QtInfoMsg)

namespace {

constexpr char CategoryPrefix[] = "exporterproxy.";

/// Returns whether standard error is the journal, whose device and inode systemd puts into the environment
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

/// A pipe that can be written to takes so many bytes at once, and never a part of them (pipe(7)).
constexpr qsizetype MaxLineSize = PIPE_BUF;

std::atomic<quint64> unwritten{0}; ///< lines since the last one that was written
std::atomic<quint64> dropped{0}; ///< lines since the start

/// Writes to standard error in one go, so that lines of several threads do not mix; returns false in place of
/// waiting. A reader that has stopped must not stop the daemon.
bool tryWrite(QByteArray line)
{
    pollfd stream{STDERR_FILENO, POLLOUT, 0};
    if (::poll(&stream, 1, 0) == 1 && (stream.revents & POLLOUT) == 0)
        return true; // closed: there is nothing to be told, now or later
    if (stream.revents == 0)
        return false;
    if (line.size() > MaxLineSize) {
        line.truncate(MaxLineSize - 1);
        line += '\n';
    }
    return ::write(STDERR_FILENO, line.constData(), std::size_t(line.size())) >= 0 || errno != EAGAIN;
}

void writeLine(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    const QByteArrayView full(context.category ? context.category : "");
    const QByteArrayView category =
        full.startsWith(CategoryPrefix) ? full.sliced(sizeof CategoryPrefix - 1) : full;
    const Level level = levelOf(type);
    const auto beginOf = [](const Level &of) {
        return journal
            ? QByteArray(of.priority)
            : QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs).toUtf8() + ' ' + of.word + ' ';
    };
    if (const quint64 count = unwritten.exchange(0)) {
        const bool isTold = tryWrite(beginOf(levelOf(QtWarningMsg)) + "daemon: " + QByteArray::number(count)
                                     + " log lines were dropped: standard error took no more\n");
        if (!isTold)
            unwritten += count;
    }
    if (!tryWrite(beginOf(level) + category.toByteArray() + ": " + escapedLine(message).toUtf8() + '\n')) {
        ++unwritten;
        ++dropped;
    }
}

} // namespace

void installLogging(LogLevel level)
{
    journal = stderrIsJournal();
    setLogLevel(level);
    qInstallMessageHandler(writeLine);
}

const std::atomic<quint64> &droppedLogLines()
{
    return dropped;
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

bool LogLimiter::spend(Clock::time_point now)
{
    if (m_left < m_rate.burst) {
        const auto periods = (now - m_periodBegin) / m_rate.period;
        m_periodBegin += periods * m_rate.period;
        m_left = int(std::min<qint64>(m_rate.burst, m_left + periods * m_rate.refill));
    }
    // A period begins with the first line out of a full budget, so no two bursts follow each other closely.
    if (m_left == m_rate.burst)
        m_periodBegin = now;
    if (m_left == 0)
        return false;
    --m_left;
    return true;
}

bool LogLimiter::allow(Clock::time_point now)
{
    if (spend(now))
        return true;
    if (m_withheld++ == 0)
        m_flushDue = m_periodBegin + m_rate.period;
    return false;
}

bool LogLimiter::allowNews(QByteArrayView state, Clock::time_point now)
{
    if (state == m_logged || !spend(now))
        return false;
    m_logged = state.toByteArray();
    return true;
}

qint64 LogLimiter::takeWithheld()
{
    m_flushDue.reset();
    return std::exchange(m_withheld, 0);
}

qint64 LogLimiter::flush(Clock::time_point now)
{
    return m_flushDue && now >= *m_flushDue ? takeWithheld() : 0;
}

} // namespace ExporterProxy
