// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/receive/sender.h"

#include <QDeadlineTimer>
#include <QProcess>
#include <QRegularExpression>
#include <QThread>

/// A real daemon in a process of its own, on ports of its own.
class DaemonProcess
{
public:
    ~DaemonProcess() { stop(); }

    /// Starts it; on ports that are free, or those it had the last time. False if it does not serve.
    bool start(const QStringList &settings = {})
    {
        QStringList arguments{QStringLiteral("--set"),
                              QStringLiteral("exporter.scrape_expose_endpoint=") + m_http,
                              QStringLiteral("--set"),
                              QStringLiteral("receiver.receiver_tcp_socket=") + m_tcp,
                              QStringLiteral("--set"),
                              QStringLiteral("receiver.receive_on_unix_socket=false"),
                              QStringLiteral("--set"),
                              QStringLiteral("exporter.worker_threads=%1")
                                  .arg(qEnvironmentVariableIntValue("EXPORTER_PROXY_TEST_WORKERS"))};
        for (const QString &setting : settings)
            arguments << QStringLiteral("--set") << setting;
        // Its log is what waitForReadyRead() is to wait for.
        m_process.setReadChannel(QProcess::StandardError);
        m_process.start(QStringLiteral(DAEMON_PROGRAM), arguments);
        static const QRegularExpression serving(QStringLiteral("serving http://([0-9.:]+)/metrics"));
        static const QRegularExpression receiving(QStringLiteral("receiving \\w+ on ([0-9.:]+)"));
        QString log;
        while (!serving.match(log).hasMatch()) {
            if (!m_process.waitForReadyRead(30'000))
                return false;
            log += QString::fromUtf8(m_process.readAllStandardError());
        }
        m_http = serving.match(log).captured(1);
        m_tcp = receiving.match(log).captured(1);
        return true;
    }

    void stop()
    {
        if (m_process.state() == QProcess::NotRunning)
            return;
        m_process.terminate();
        m_process.waitForFinished(30'000);
    }

    /// Ends it by SIGKILL.
    void kill()
    {
        m_process.kill();
        m_process.waitForFinished(30'000);
    }

    /// The base of its URLs.
    QString url() const { return QStringLiteral("http://") + m_http; }

    /// Pushes a document, waits until the daemon has accepted or rejected it, and returns its answer.
    QByteArray push(const QByteArray &document)
    {
        Sender sender(m_tcp.toLatin1());
        sender.send(document);
        sender.endSending();
        QDeadlineTimer deadline(30'000);
        while (!sender.isClosed() && !deadline.hasExpired())
            QThread::msleep(1);
        return sender.received();
    }

private:
    QProcess m_process;
    QString m_http = QStringLiteral("127.0.0.1:0");
    QString m_tcp = QStringLiteral("127.0.0.1:0");
};
