// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/keyedhash.h"
#include "daemon/net/door.h"

#include <optional>
#include <QByteArray>
#include <QHttpServer>
#include <QTcpServer>

namespace ExporterProxy {

class HttpListener;

/// Decides which of its routes a path leads to: the routes are a QHttpServer's, and a path that is asked for
/// the first time is put to it as a request of its own, over a socket in memory. What it decided is
/// remembered, because the answer depends on the path alone, and reading a request byte by byte takes
/// QHttpServer longer than everything else that a small scrape costs.
///
/// The main thread.
class HttpRouter
{
public:
    HttpRouter();
    ~HttpRouter();

    /// Leads to `route` from all paths of that pattern, in QHttpServer's notation; what stands in the place
    /// of a first `<arg>` may hold anything. `route` is not negative.
    void add(const QString &pattern, int route);

    /// Serves this listener, of which the server takes possession. Once.
    void bind(HttpListener *listener);

    /// Closes the listener; the routes stay.
    void stopListening();

    /// The route of a path without percent-encoding; nullopt if there is none.
    std::optional<int> find(const QByteArray &path);

private:
    class MemorySocket;

    static constexpr int NoRoute = -1;
    /// Paths that are remembered: several for each application of a large host.
    static constexpr std::size_t MaxRemembered = 16'384;
    static constexpr qsizetype MaxRememberedSize = 512; ///< bytes of a path

    QHttpServer m_server;
    HttpListener *m_listener = nullptr; ///< owned by m_server
    MemorySocket *m_socket = nullptr; ///< owned by m_server
    int m_found = NoRoute; ///< by the request that is being put to the server
    KeyedMap<QByteArray, int> m_remembered;
};

/// The listening socket of the HTTP port, as the QHttpServer that is bound to it sees it. Connections are
/// accepted by the Door: QTcpServer would spin when descriptors run out, and have Qt's loop watch each of
/// them.
class HttpListener final : public QTcpServer
{
    Q_OBJECT

public:
    /// Takes over a listening socket.
    explicit HttpListener(Descriptor listener);

    /// The door that connections come through; must outlive this while any can come.
    void setDoor(Door *door) { m_door = door; }

    using QTcpServer::addPendingConnection;

protected:
    void incomingConnection(qintptr descriptor) override
    {
        if (m_door)
            m_door->adopt(Descriptor(int(descriptor)), Door::Clock::now());
    }

private:
    Door *m_door = nullptr;
};

} // namespace ExporterProxy
