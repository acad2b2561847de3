// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/httprouter.h"

#include "daemon/compat/httpserver.h"

#include <algorithm>
#include <cstring>
#include <QNetworkProxy>
#include <QTcpSocket>
#include <QUrl>

namespace ExporterProxy {

/// A connection without a descriptor: what is put in is read by the server that it was handed to, and what
/// that answers is thrown away. It serves any number of requests in turn.
class HttpRouter::MemorySocket final : public QTcpSocket
{
public:
    explicit MemorySocket(QObject *parent)
        : QTcpSocket(parent)
    {
        setProxy(QNetworkProxy::NoProxy);
        setSocketState(ConnectedState);
        setOpenMode(ReadWrite);
    }

    void put(const QByteArray &request)
    {
        m_request = request;
        m_read = 0;
        Q_EMIT readyRead();
    }

    qint64 bytesAvailable() const override { return m_request.size() - m_read + QIODevice::bytesAvailable(); }
    qint64 bytesToWrite() const override { return 0; }
    bool isSequential() const override { return true; }

protected:
    qint64 readData(char *to, qint64 maxSize) override
    {
        const qint64 size = std::min<qint64>(maxSize, m_request.size() - m_read);
        if (size > 0)
            std::memcpy(to, m_request.constData() + m_read, std::size_t(size));
        m_read += size;
        return size;
    }
    qint64 writeData(const char *, qint64 size) override { return size; }

private:
    QByteArray m_request;
    qint64 m_read = 0;
};

HttpRouter::HttpRouter() = default;
HttpRouter::~HttpRouter() = default;

void HttpRouter::add(const QString &pattern, int route)
{
    Compat::addRoute(m_server, pattern, [this, route] { m_found = route; });
}

void HttpRouter::bind(HttpListener *listener)
{
    Compat::answerMissing(m_server);
    m_listener = listener;
    m_server.bind(listener);
    m_socket = new MemorySocket(listener); // as a listener's own sockets are, or nobody would delete it
    listener->addPendingConnection(m_socket);
    Q_EMIT listener->newConnection(); // the server takes it before this returns
    listener->pauseAccepting(); // which taking it has undone
}

void HttpRouter::stopListening()
{
    if (m_listener)
        m_listener->close();
}

std::optional<int> HttpRouter::find(const QByteArray &path)
{
    if (const auto known = m_remembered.find(path); known != m_remembered.end())
        return known->second;
    if (!path.startsWith('/') || path.startsWith("//")) // QUrl would find a host in the latter
        return std::nullopt;
    m_found = NoRoute;
    // Encoded twice: the server decodes once, and "." in its patterns does not match a newline.
    const QByteArray target = path.toPercentEncoding("/@").replace('%', "%25");
    m_socket->put("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    if (m_found == NoRoute)
        return std::nullopt;
    if (path.size() <= MaxRememberedSize) {
        if (m_remembered.size() >= MaxRemembered)
            m_remembered.clear();
        m_remembered.emplace(path, m_found);
    }
    return m_found;
}

HttpListener::HttpListener(Descriptor listener)
{
    setProxy(QNetworkProxy::NoProxy);
    if (!setSocketDescriptor(listener.release()))
        qFatal("cannot adopt the listening socket: %ls", qUtf16Printable(errorString()));
    pauseAccepting();
}

} // namespace ExporterProxy
