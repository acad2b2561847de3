// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/poll/pollfault.h"

#include <algorithm>
#include <QSslError>
#include <QUrl>

namespace ExporterProxy {

namespace {

/// Of foreign text: enough for any sentence, too short to flood a log.
constexpr qsizetype MaxShown = 120;

struct CertificateFault
{
    QSslError::SslError error;
    const char *reason; ///< names the cure where there is one
};

constexpr CertificateFault CertificateFaults[] = {
    {QSslError::SelfSignedCertificate, "self-signed certificate (set ca_file to trust it)"},
    {QSslError::SelfSignedCertificateInChain,
     "self-signed certificate in its chain (set ca_file to trust it)"},
    {QSslError::UnableToGetLocalIssuerCertificate,
     "signed by an unknown authority (set ca_file to trust it)"},
    {QSslError::UnableToGetIssuerCertificate, "signed by an unknown authority (set ca_file to trust it)"},
    {QSslError::UnableToVerifyFirstCertificate, "signed by an unknown authority (set ca_file to trust it)"},
    {QSslError::CertificateUntrusted, "signed by an unknown authority (set ca_file to trust it)"},
    {QSslError::CertificateExpired, "expired"},
    {QSslError::CertificateNotYetValid, "not valid yet"},
    {QSslError::HostNameMismatch, "made for another host name"},
};

/// Read from the text of the error, because the signal with the error itself reaches only one of several
/// requests that run to a host at the same time.
QByteArray handshakeReason(const QString &text)
{
    for (const auto &[error, reason] : CertificateFaults) {
        if (text.endsWith(QSslError(error).errorString()))
            return QByteArray("certificate: ") + reason;
    }
    return "no TLS connection: " + shown(text);
}

} // namespace

Rejection networkFault(const QNetworkReply &reply)
{
    switch (reply.error()) {
    case QNetworkReply::ConnectionRefusedError:
        return {RejectReason::Connection, QByteArrayLiteral("connection refused")};
    case QNetworkReply::RemoteHostClosedError:
        return {RejectReason::Connection,
                QByteArrayLiteral("connection closed before the answer was complete")};
    case QNetworkReply::HostNotFoundError:
        return {RejectReason::Connection, "host not found: " + shown(reply.url().host())};
    case QNetworkReply::TimeoutError:
        return {RejectReason::Timeout, QByteArrayLiteral("timed out: the host does not answer")};
    case QNetworkReply::SslHandshakeFailedError:
        return {RejectReason::Tls, handshakeReason(reply.errorString())};
    default:
        return {RejectReason::Connection, shown(reply.errorString())};
    }
}

QByteArray shown(const QString &foreign)
{
    QString line;
    for (const QChar c : foreign.first(std::min(foreign.size(), MaxShown)))
        line += c.isPrint() ? c : QLatin1Char('?');
    return line.toUtf8();
}

QByteArray shownSize(qint64 bytes)
{
    constexpr qint64 KiB = 1024;
    constexpr qint64 MiB = KiB * KiB;
    if (bytes > 0 && bytes % MiB == 0)
        return QByteArray::number(bytes / MiB) + " MiB";
    if (bytes > 0 && bytes % KiB == 0)
        return QByteArray::number(bytes / KiB) + " KiB";
    return QByteArray::number(bytes) + " bytes";
}

} // namespace ExporterProxy
