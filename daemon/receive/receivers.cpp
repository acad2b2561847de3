// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/receivers.h"

#include "daemon/compat/servers.h"

#include <QNetworkProxy>

namespace ExporterProxy {

TcpReceiver::TcpReceiver(ConnectionSet &set, Descriptor listener, const ReceiverSettings &settings,
                         const Intake &intake, ReceiverCounters &counters)
    : m_door(set, settings, intake, counters)
{
    setProxy(QNetworkProxy::NoProxy);
    if (!setSocketDescriptor(listener.release()))
        qFatal("cannot adopt the listening socket: %ls", qUtf16Printable(errorString()));
    pauseAccepting();
    m_door.listenOn(int(socketDescriptor()));
}

LocalReceiver::LocalReceiver(ConnectionSet &set, Descriptor listener, bool outlivesProcess,
                             const ReceiverSettings &settings, const Intake &intake,
                             ReceiverCounters &counters)
    : m_door(set, settings, intake, counters)
{
    // When a QLocalServer closes it removes the file of whatever socket it was given: one that is to stay is
    // not handed to it.
    if (outlivesProcess) {
        m_listener = std::move(listener);
        m_door.listenOn(m_listener.get());
        return;
    }
    if (!listen(listener.release()))
        qFatal("cannot adopt the listening socket: %ls", qUtf16Printable(errorString()));
    Compat::pauseAccepting(*this);
    m_door.listenOn(int(socketDescriptor()));
}

} // namespace ExporterProxy
