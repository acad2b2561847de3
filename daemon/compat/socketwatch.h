// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSocketNotifier>
#include <QTcpSocket>

namespace ExporterProxy::Compat {

/// Makes the event loop watch a socket or not. Qt's loop asks poll(2) about each watched descriptor at each
/// wake-up, so that connections that are only kept would cost every push and scrape: 500 of them 90 us.
/// Qt's sockets have notifiers as children; were it otherwise in some version, they would stay watched.
inline void setWatched(QTcpSocket &socket, bool watched)
{
    for (QSocketNotifier *notifier : socket.findChildren<QSocketNotifier *>()) {
        if (notifier->type() == QSocketNotifier::Read)
            notifier->setEnabled(watched);
    }
}

} // namespace ExporterProxy::Compat
