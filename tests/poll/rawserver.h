// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <QHostAddress>
#include <QTcpServer>
#include <QTcpSocket>

/// An HTTP server that does as it is told, however rude: `answer` gets each request's head and the socket.
class RawServer : public QTcpServer
{
public:
    using Answer = std::function<void(QTcpSocket *, const QByteArray &head)>;

    explicit RawServer(Answer answer)
        : m_answer(std::move(answer))
    {
        setListenBacklogSize(1000);
        if (!listen(QHostAddress::LocalHost))
            qFatal("cannot listen: %s", qPrintable(errorString()));
        connect(this, &QTcpServer::newConnection, this, &RawServer::takeConnections);
    }

    /// Answers with the same bytes each time, and closes unless told otherwise.
    static Answer always(const QByteArray &bytes, bool close = true)
    {
        return [bytes, close](QTcpSocket *socket, const QByteArray &) {
            socket->write(bytes);
            if (close)
                socket->disconnectFromHost();
        };
    }

    static QByteArray ok(const QByteArray &body, const QByteArray &headers = {})
    {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n" + headers
            + "\r\n" + body;
    }

    QByteArray url(const QByteArray &path = "/metrics") const
    {
        return "http://127.0.0.1:" + QByteArray::number(serverPort()) + path;
    }

    QByteArrayList heads; ///< of all requests so far
    int connections = 0; ///< accepted so far

private:
    void takeConnections()
    {
        while (QTcpSocket *socket = nextPendingConnection()) {
            ++connections;
            connect(socket, &QIODevice::readyRead, this, [this, socket] {
                QByteArray &input = m_input[socket];
                input += socket->readAll();
                for (qsizetype end; (end = input.indexOf("\r\n\r\n")) >= 0;) {
                    const QByteArray head = input.first(end + 2);
                    input.remove(0, end + 4);
                    heads << head;
                    m_answer(socket, head);
                }
            });
            connect(socket, &QObject::destroyed, this, [this, socket] { m_input.erase(socket); });
            connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        }
    }

    const Answer m_answer;
    std::map<QObject *, QByteArray> m_input;
};
