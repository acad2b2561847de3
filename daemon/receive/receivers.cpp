// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/receivers.h"

#include <fcntl.h>
#include <QNetworkProxy>
#include <QSocketNotifier>

namespace ExporterProxy {

// In both the server's own notifier is switched off and the connection set accepts. QTcpServer would accept
// without a look at the connection cap, and QLocalServer one connection a wake-up; QLocalServer also closes
// for good, and removes the socket file, when one accept fails.

namespace {

int duplicate(int descriptor)
{
    return fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
}

} // namespace

TcpReceiver::TcpReceiver(AcceptTurn &turn, const ReceiverSettings &settings, const TextGate &gate,
                         AppModel &model, ReceiverCounters &counters)
    : m_connections(settings, gate, model, counters)
{
    setProxy(QNetworkProxy::NoProxy);
    if (!setSocketDescriptor(duplicate(turn.listener())))
        qFatal("cannot adopt the listening socket: %ls", qUtf16Printable(errorString()));
    pauseAccepting();
    m_connections.watchListener(turn, [this](int descriptor) { incomingConnection(descriptor); });
}

LocalReceiver::LocalReceiver(AcceptTurn &turn, const ReceiverSettings &settings, const TextGate &gate,
                             AppModel &model, ReceiverCounters &counters)
    : m_connections(settings, gate, model, counters)
{
    if (!listen(duplicate(turn.listener())))
        qFatal("cannot adopt the listening socket: %ls", qUtf16Printable(errorString()));
    for (QSocketNotifier *notifier : findChildren<QSocketNotifier *>(Qt::FindDirectChildrenOnly))
        notifier->setEnabled(false);
    const int descriptor = int(socketDescriptor());
    fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK); // QLocalServer made it blocking
    m_connections.watchListener(turn, [this](int accepted) { incomingConnection(quintptr(accepted)); });
}

} // namespace ExporterProxy
