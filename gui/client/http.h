// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QSslError>
#include <QString>

namespace ExporterProxy::Monitor {

/// Makes a request without cache, redirects, cookies or HTTP/2, and with no authentication but the given
/// header. Qt's own authentication would send a second request by itself, and pass passwords on.
QNetworkRequest makeRequest(const QUrl &url, const QByteArray &authorization);

/// Aborts and deletes a reply, of which `receiver` gets no more signals. Does nothing for null.
void discard(QNetworkReply *reply, QObject &receiver);

/// Returns the status of a response (RFC 9110), or 0 if there was none.
int httpStatus(const QNetworkReply &reply);

/// Explains why a request got no whole response, translated, in words for an operator: "connection refused",
/// "host not found: …", "certificate: expired on … (…)". `sslErrors` are those that the reply signalled.
QString transportFault(const QNetworkReply &reply, const QList<QSslError> &sslErrors);

/// Explains a status that was not expected, translated: "404 Not Found", "301: it sends us on to …".
QString statusFault(const QNetworkReply &reply);

/// Returns the realm of a 401 response that requires basic authentication (RFC 7617), made safe to show, or
/// nullopt if it requires another kind.
std::optional<QString> basicRealm(const QNetworkReply &reply);

} // namespace ExporterProxy::Monitor
