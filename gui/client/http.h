// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QSslError>
#include <QString>

namespace ExporterProxy::Monitor {

/// A request as all of the monitor's are: fresh from the daemon, without redirects, cookies or HTTP/2, and
/// with no more authentication than is in the header given. Qt's own would ask a second time by itself, and
/// hand passwords on.
QNetworkRequest makeRequest(const QUrl &url, const QByteArray &authorization);

/// The status of an answer (RFC 9110); 0: none came.
int httpStatus(const QNetworkReply &reply);

/// Why a request brought no whole answer, translated, in words for an operator: "connection refused", "host
/// not found: …", "certificate: expired on … (…)". `sslErrors` are those that the reply signalled.
QString transportFault(const QNetworkReply &reply, const QList<QSslError> &sslErrors);

/// What an answer of another status than wanted says, translated: "404 Not Found", "301: it sends us on to
/// …".
QString statusFault(const QNetworkReply &reply);

/// The realm of a 401 answer that asks for basic authentication (RFC 7617); nothing if it does not. Foreign
/// text, made fit to be shown.
std::optional<QString> basicRealm(const QNetworkReply &reply);

} // namespace ExporterProxy::Monitor
