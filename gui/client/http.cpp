// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/client/http.h"

#include "common/util/showntext.h"
#include "common/util/version.h"

#include <QCoreApplication>
#include <QLocale>
#include <QRegularExpression>
#include <QSslCertificate>

namespace ExporterProxy::Monitor {

QNetworkRequest makeRequest(const QUrl &url, const QByteArray &authorization)
{
    QNetworkRequest request(url);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::AuthenticationReuseAttribute, QNetworkRequest::Manual);
    request.setRawHeader("User-Agent", QByteArray("exporter-proxy-monitor/") + VersionString);
    if (!authorization.isEmpty())
        request.setRawHeader("Authorization", authorization);
    return request;
}

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(ReplyFault)
};

QString subjectOf(const QSslCertificate &certificate)
{
    const QStringList names = certificate.subjectInfo(QSslCertificate::CommonName);
    return shownText(names.isEmpty() ? certificate.subjectDisplayName() : names.first());
}

QString shownDate(const QDateTime &time)
{
    return QLocale().toString(time.toLocalTime(), QLocale::ShortFormat);
}

QString certificateFault(const QSslError &error, const QString &host)
{
    const QSslCertificate certificate = error.certificate();
    const QString subject = subjectOf(certificate);
    switch (error.error()) {
    case QSslError::SelfSignedCertificate:
    case QSslError::SelfSignedCertificateInChain:
        return Words::tr("certificate: self-signed, of %1; this computer does not trust it").arg(subject);
    case QSslError::UnableToGetLocalIssuerCertificate:
    case QSslError::UnableToGetIssuerCertificate:
    case QSslError::UnableToVerifyFirstCertificate:
    case QSslError::CertificateUntrusted:
        return Words::tr("certificate: of %1, signed by an authority that this computer does not trust")
            .arg(subject);
    case QSslError::CertificateExpired:
        return Words::tr("certificate: of %1, expired on %2")
            .arg(subject, shownDate(certificate.expiryDate()));
    case QSslError::CertificateNotYetValid:
        return Words::tr("certificate: of %1, not valid before %2")
            .arg(subject, shownDate(certificate.effectiveDate()));
    case QSslError::HostNameMismatch:
        return Words::tr("certificate: made for %1, not for %2").arg(subject, shownText(host));
    default:
        return Words::tr("certificate: of %1: %2").arg(subject, shownText(error.errorString()));
    }
}

} // namespace

void discard(QNetworkReply *reply, QObject &receiver)
{
    if (!reply)
        return;
    reply->disconnect(&receiver);
    reply->abort();
    reply->deleteLater();
}

int httpStatus(const QNetworkReply &reply)
{
    return reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
}

QString transportFault(const QNetworkReply &reply, const QList<QSslError> &sslErrors)
{
    const QString host = reply.url().host();
    switch (reply.error()) {
    case QNetworkReply::ConnectionRefusedError:
        return Words::tr("connection refused: nothing listens on this port");
    case QNetworkReply::RemoteHostClosedError:
        return Words::tr("it closed the connection without a whole answer");
    case QNetworkReply::HostNotFoundError:
        return Words::tr("host not found: %1").arg(shownText(host));
    case QNetworkReply::TimeoutError:
        return Words::tr("timed out: the host does not answer");
    case QNetworkReply::SslHandshakeFailedError:
        if (!sslErrors.isEmpty())
            return certificateFault(sslErrors.first(), host);
        return Words::tr("no TLS connection: %1").arg(shownText(reply.errorString()));
    case QNetworkReply::NetworkSessionFailedError:
    case QNetworkReply::TemporaryNetworkFailureError:
        return Words::tr("the network is down");
    case QNetworkReply::ProtocolFailure:
    case QNetworkReply::ProtocolInvalidOperationError:
    case QNetworkReply::ProtocolUnknownError:
        return Words::tr("it does not answer in HTTP");
    default:
        return shownText(reply.errorString());
    }
}

QString statusFault(const QNetworkReply &reply)
{
    const int status = httpStatus(reply);
    const QUrl target = reply.attribute(QNetworkRequest::RedirectionTargetAttribute).toUrl();
    if (status >= 300 && status < 400 && target.isValid())
        return Words::tr("%1: it sends us on to %2")
            .arg(status)
            .arg(shownText(reply.url().resolved(target).toDisplayString()));
    const QString phrase = reply.attribute(QNetworkRequest::HttpReasonPhraseAttribute).toString();
    return phrase.isEmpty() ? Words::tr("it answers with status %1").arg(status)
                            : Words::tr("it answers with status %1 %2").arg(status).arg(shownText(phrase));
}

std::optional<QString> basicRealm(const QNetworkReply &reply)
{
    static const QRegularExpression basic(QStringLiteral("(?:^|,)\\s*basic\\b(?:.*?\\brealm=\"([^\"]*)\")?"),
                                          QRegularExpression::CaseInsensitiveOption);
    const auto match = basic.match(QString::fromUtf8(reply.rawHeader("WWW-Authenticate")));
    if (!match.hasMatch())
        return std::nullopt;
    return shownText(match.captured(1));
}

} // namespace ExporterProxy::Monitor
