// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/receivers.h"

#include <fcntl.h>
#include <QNetworkProxy>
#include <QSocketNotifier>
#include <sys/epoll.h>

namespace ExporterProxy {

// In both the server's own notifier is switched off and the connection set accepts. QTcpServer would accept
// without a look at the connection cap, and QLocalServer one connection a wake-up; QLocalServer also closes
// for good, and removes the socket file, when one accept fails.

bool ReceiverDescriptors::open(int listening)
{
    epoll = Descriptor(epoll_create1(EPOLL_CLOEXEC));
    listener = Descriptor(fcntl(listening, F_DUPFD_CLOEXEC, 0));
    return epoll.isOpen() && listener.isOpen();
}

TcpReceiver::TcpReceiver(AcceptTurn &turn, ReceiverDescriptors descriptors, const ReceiverSettings &settings,
                         const TextGate &gate, AppModel &model, ReceiverCounters &counters)
    : m_connections(std::move(descriptors.epoll), settings, gate, model, counters)
{
    setProxy(QNetworkProxy::NoProxy);
    if (!setSocketDescriptor(descriptors.listener.release()))
        qFatal("cannot adopt the listening socket: %ls", qUtf16Printable(errorString()));
    pauseAccepting();
    m_connections.watchListener(turn, [this](int descriptor) { incomingConnection(descriptor); });
}

LocalReceiver::LocalReceiver(AcceptTurn &turn, ReceiverDescriptors descriptors,
                             const ReceiverSettings &settings, const TextGate &gate, AppModel &model,
                             ReceiverCounters &counters)
    : m_connections(std::move(descriptors.epoll), settings, gate, model, counters)
{
    // When a QLocalServer closes it removes the file of whatever socket it was given. One that is to stay is
    // none of its business: the connection set needs nobody's help to accept.
    if (!turn.outlivesProcess()) {
        if (!listen(descriptors.listener.release()))
            qFatal("cannot adopt the listening socket: %ls", qUtf16Printable(errorString()));
        for (QSocketNotifier *notifier : findChildren<QSocketNotifier *>(Qt::FindDirectChildrenOnly))
            notifier->setEnabled(false);
        const int descriptor = int(socketDescriptor());
        fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK); // QLocalServer made it blocking
    }
    m_connections.watchListener(turn, [this](int accepted) { incomingConnection(quintptr(accepted)); });
}

} // namespace ExporterProxy
