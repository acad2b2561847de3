// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QProcess>
#include <QTest>

/// Python's own HTTP server on a folder, over HTTPS when it is given a certificate. Ends with this object.
class FileServer
{
public:
    explicit FileServer(const QString &folder, const QString &certificate = {}, const QString &key = {},
                        const QStringList &clientAuthorityAndVersion = {})
        : m_scheme(certificate.isEmpty() ? "http" : "https")
    {
        QStringList arguments{QFINDTESTDATA("fileserver.py"), folder};
        if (!certificate.isEmpty())
            arguments << certificate << key << clientAuthorityAndVersion;
        m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        m_process.start(QStringLiteral("python3"), arguments, QIODevice::ReadOnly);
        while (!m_process.canReadLine() && m_process.waitForReadyRead(20'000)) { }
        m_port = m_process.readLine().trimmed().toInt();
        if (m_port == 0)
            qFatal("the file server does not start");
    }
    ~FileServer()
    {
        m_process.kill();
        m_process.waitForFinished();
    }

    int port() const { return m_port; }
    QByteArray url(const QByteArray &path) const
    {
        return m_scheme + "://127.0.0.1:" + QByteArray::number(m_port) + path;
    }

private:
    const QByteArray m_scheme;
    QProcess m_process;
    int m_port = 0;
};
