// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/client/daemonaddress.h"

#include "common/util/showntext.h"

#include <QCoreApplication>

namespace ExporterProxy::Monitor {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(DaemonAddress)
};

/// The pages of a daemon, whose addresses a user copies out of a browser.
constexpr QStringView Pages[] = {u"/apps", u"/metrics", u"/sd"};

constexpr int HttpsPort = 443;

} // namespace

DaemonAddress::DaemonAddress()
    : m_base(QStringLiteral("http://127.0.0.1:%1").arg(DefaultPort))
{
}

Result<DaemonAddress> DaemonAddress::parse(const QString &text)
{
    QString whole = text.trimmed();
    if (whole.isEmpty())
        return Failure{Words::tr("no address is given")};
    if (!whole.contains(QStringLiteral("://")))
        whole.prepend(QStringLiteral("http://"));
    QUrl url(whole, QUrl::StrictMode);
    if (!url.isValid())
        return Failure{Words::tr("%1 is not an address: host, host:port or a URL").arg(quotedText(text))};
    if (url.scheme() != QStringLiteral("http") && url.scheme() != QStringLiteral("https"))
        return Failure{
            Words::tr("a daemon is asked by http or https, not by %1").arg(quotedText(url.scheme()))};
    if (url.host().isEmpty())
        return Failure{Words::tr("%1 names no host").arg(quotedText(text))};
    if (!url.userInfo().isEmpty())
        return Failure{
            Words::tr("no user and password in the address: they are asked for when they are needed")};
    if (url.port() == 0)
        return Failure{Words::tr("0 is no port")};

    const bool isHttps = url.scheme() == QStringLiteral("https");
    if (url.port() < 0 && !isHttps)
        url.setPort(DefaultPort);
    else if (url.port() == HttpsPort && isHttps)
        url.setPort(-1);
    url.setQuery(QString());
    url.setFragment(QString());
    QString path = url.path(QUrl::FullyEncoded);
    while (path.endsWith(u'/'))
        path.chop(1);
    for (const QStringView page : Pages) {
        if (path.endsWith(page)) {
            path.chop(page.size());
            break;
        }
    }
    url.setPath(path, QUrl::StrictMode);
    return DaemonAddress(url);
}

QString DaemonAddress::shortName() const
{
    return shortName(key());
}

QString DaemonAddress::shortName(const QString &key)
{
    const QString http = QStringLiteral("http://");
    return key.startsWith(http) ? key.mid(http.size()) : key;
}

QUrl DaemonAddress::metricsUrl(const QString &app) const
{
    // The '/' and '.' of a name are encoded too, so that the path keeps its structure.
    return page(QStringLiteral("/apps/")
                + QString::fromLatin1(QUrl::toPercentEncoding(app).replace('.', "%2E"))
                + QStringLiteral("/metrics"));
}

QUrl DaemonAddress::page(const QString &encodedPath) const
{
    QUrl url = m_base;
    url.setPath(m_base.path(QUrl::FullyEncoded) + encodedPath, QUrl::StrictMode);
    return url;
}

} // namespace ExporterProxy::Monitor
