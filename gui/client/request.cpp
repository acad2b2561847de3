// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/client/request.h"

#include "common/util/version.h"

namespace ExporterProxy {

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

} // namespace ExporterProxy
