// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QNetworkAccessManager>
#include <QNetworkProxy>
#include <QNetworkProxyFactory>

namespace ExporterProxy::Compat {

/// Makes a manager connect to servers themselves, by sockets with a buffer; for the whole process, "the proxy
/// of the application" means none from then on.
///
/// With QNetworkProxy::NoProxy, Qt opens sockets without a buffer for http. One of these that meets the end
/// of the stream while it is read becomes "unconnected" without a word, and QHttpProtocolHandler takes that
/// for the regular end of the answer, also where a chunked one was cut off in the middle: up to one in thirty
/// such answers passed for complete. QHttpNetworkConnectionChannel::ensureConnection() takes the other kind
/// as soon as the proxy is anything but NoProxy; "the proxy of the application" is, and leads to no other
/// place.
inline void connectDirectly(QNetworkAccessManager &manager)
{
    class Factory final : public QNetworkProxyFactory
    {
        QList<QNetworkProxy> queryProxy(const QNetworkProxyQuery &) override
        {
            QNetworkProxy application(QNetworkProxy::DefaultProxy);
            application.setCapabilities(QNetworkProxy::TunnelingCapability); // or it is passed over
            return {application};
        }
    };
    QNetworkProxy::setApplicationProxy(QNetworkProxy::NoProxy);
    manager.setProxyFactory(new Factory); // which the manager owns
}

} // namespace ExporterProxy::Compat
