// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QProcess>
#include <QRegularExpression>
#include <QTcpSocket>
#include <QTest>

namespace ExporterProxy {

/// The real daemon, on free ports of its own. Ends with this object.
class DaemonProcess
{
public:
    static constexpr int Patience = 30'000;

    /// `httpPort` 0: any free one. A daemon that comes back wants the one it had.
    explicit DaemonProcess(const QStringList &moreArguments = {}, int httpPort = 0)
    {
        QStringList arguments;
        for (const QString &setting :
             {QStringLiteral("receiver.receive_on_unix_socket=false"),
              QStringLiteral("receiver.receiver_tcp_socket=127.0.0.1:0"),
              QStringLiteral("exporter.scrape_expose_endpoint=127.0.0.1:%1").arg(httpPort)})
            arguments << QStringLiteral("--set") << setting;
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.start(QStringLiteral(DAEMON_PROGRAM), arguments + moreArguments, QIODevice::ReadOnly);
        static const QRegularExpression pushPort(QStringLiteral("receiving \\S+ on 127\\.0\\.0\\.1:(\\d+)"));
        static const QRegularExpression servedPort(QStringLiteral("serving http://127\\.0\\.0\\.1:(\\d+)/"));
        QString log;
        while (!servedPort.match(log).hasMatch()) {
            if (!m_process.waitForReadyRead(Patience))
                qFatal("the daemon does not start:\n%s", qPrintable(log));
            log += QString::fromUtf8(m_process.readAll());
        }
        m_pushPort = pushPort.match(log).captured(1).toUShort();
        m_httpPort = servedPort.match(log).captured(1).toUShort();
    }
    ~DaemonProcess()
    {
        m_process.terminate();
        if (!m_process.waitForFinished(Patience))
            m_process.kill();
    }

    quint16 httpPort() const { return m_httpPort; }
    QString url() const { return QStringLiteral("http://127.0.0.1:%1").arg(m_httpPort); }
    qint64 processId() const { return m_process.processId(); }

    /// Sends bytes as an application does; they are taken when this returns and the daemon is asked next.
    void push(const QByteArray &message) const
    {
        QTcpSocket socket;
        socket.connectToHost(QStringLiteral("127.0.0.1"), m_pushPort);
        if (!socket.waitForConnected(Patience))
            qFatal("cannot push: %s", qPrintable(socket.errorString()));
        socket.write(message);
        socket.disconnectFromHost();
        if (socket.state() != QAbstractSocket::UnconnectedState)
            socket.waitForDisconnected(Patience);
    }

private:
    QProcess m_process;
    quint16 m_pushPort = 0;
    quint16 m_httpPort = 0;
};

} // namespace ExporterProxy
