// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fcntl.h>
#include <QLocalServer>
#include <QSocketNotifier>

namespace ExporterProxy::Compat {

/// Keeps a QLocalServer from accepting by itself: it has no QTcpServer::pauseAccepting(). It would accept one
/// connection a wake-up, and when one accept fails it closes for good and removes the socket's file. Its
/// descriptor, which it has made blocking, is not blocking afterwards.
inline void pauseAccepting(QLocalServer &server)
{
    for (QSocketNotifier *notifier : server.findChildren<QSocketNotifier *>(Qt::FindDirectChildrenOnly))
        notifier->setEnabled(false);
    const int descriptor = int(server.socketDescriptor());
    fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

} // namespace ExporterProxy::Compat
