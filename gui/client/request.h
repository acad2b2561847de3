// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QNetworkRequest>

namespace ExporterProxy {

/// A request as all of the monitor's are: fresh from the daemon, without redirects, cookies or HTTP/2, and
/// with no more authentication than is in the header given. Qt's own would ask a second time by itself, and
/// hand passwords on.
QNetworkRequest makeRequest(const QUrl &url, const QByteArray &authorization);

} // namespace ExporterProxy
