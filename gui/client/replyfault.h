// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QNetworkReply>
#include <QString>

namespace ExporterProxy {

/// Why a request failed, translated, in words for an operator: "connection refused", "host not found: …",
/// "TLS: the certificate has expired (…)", "404: …". Empty if it did not.
QString replyFault(const QNetworkReply &reply, const QList<QSslError> &sslErrors);

/// The realm of a 401 answer (RFC 9110, 11.6.1; RFC 7617); nothing if it does not ask for basic
/// authentication.
std::optional<QString> basicRealm(const QNetworkReply &reply);

} // namespace ExporterProxy
