// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/descriptor.h"
#include "daemon/poll/responsereader.h"

#include <memory>
#include <QByteArray>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QSslError>
#include <QSslSocket>
#include <QString>
#include <QTcpSocket>
#include <vector>

namespace ExporterProxy {

class EndpointReply;

/// Sends the requests of one endpoint, over connections of its own: requests of other endpoints neither wait
/// for them nor share their TLS settings.
///
/// QNetworkAccessManager's own HTTP takes cut and garbled answers for whole ones, bounds no header, waits for
/// a connection that is stuck instead of opening another, and knows Unix sockets only from Qt 6.8 on. So its
/// replies are replaced. One connection is kept between two requests to the same origin, unless a request
/// failed or was aborted on it. One thread.
class EndpointManager : public QNetworkAccessManager
{
    Q_OBJECT

public:
    /// `unixSocket`: the path that is connected to, or "@name" for an abstract socket; if empty, the host and
    /// port of each URL are. `keepsConnections`: the next request comes soon enough.
    EndpointManager(QString unixSocket, bool keepsConnections);
    ~EndpointManager() override;

    /// Sends a GET request. One at a time; the reply is this object's child.
    EndpointReply *fetch(const QNetworkRequest &request);

    struct SocketDeleter
    {
        /// Closes the connection now, and deletes the socket later: one of its signals may be under way.
        void operator()(QTcpSocket *socket) const;
    };
    using Socket = std::unique_ptr<QTcpSocket, SocketDeleter>;

    bool keepsConnections() const { return m_keepsConnections; }
    const QString &unixSocket() const { return m_unixSocket; }

    /// Returns the kept connection to that origin, or null if there is none or the server has closed it.
    Socket takeKept(const QByteArray &origin);
    /// Keeps a connection for the next request to that origin. Until then the event loop does not watch it.
    void keep(Socket socket, const QByteArray &origin);

protected:
    QNetworkReply *createRequest(Operation operation, const QNetworkRequest &request,
                                 QIODevice *outgoing) override;

private:
    const QString m_unixSocket;
    const bool m_keepsConnections;
    Socket m_kept;
    QByteArray m_keptOrigin;
};

/// Returns what a server sent, made fit to be logged and shown: one short line without control characters.
QByteArray shown(const QString &foreign);

/// Scheme, host and port of an http or https URL.
QByteArray originOf(const QUrl &url);

/// The answer to a request of an EndpointManager. Of the fields of its head only those are set that a poll
/// looks at: Content-Encoding, Content-Length and Content-Type. The text of an error is one that a person can
/// act on and names no secret.
class EndpointReply : public QNetworkReply
{
    Q_OBJECT

public:
    /// How far a request has come, as words behind "timed out".
    QByteArray progress() const;

    /// Closes the connection. No signal follows.
    void abort() override;

    qint64 bytesAvailable() const override;
    bool isSequential() const override { return true; }

protected:
    qint64 readData(char *data, qint64 maxSize) override;

private:
    friend class EndpointManager;
    using Socket = EndpointManager::Socket;
    enum class Phase { Connecting, Handshake, Waiting, Answering };

    EndpointReply(EndpointManager &manager, const QNetworkRequest &request);

    void connectToServer();
    void connectToHost(QAbstractSocket::NetworkLayerProtocol protocol);
    void connectToUnixSocket();
    QTcpSocket *addSocket();
    void onDialFailed(QTcpSocket *socket);
    void onConnected(QTcpSocket *socket);
    void startHandshake(QSslSocket &socket);
    void sendRequest();
    void onSocketFailed(QAbstractSocket::SocketError error);
    void onClosed();
    void onReadyRead();

    void pump();
    bool take(QByteArrayView bytes);
    void takeHead();
    void takeEnd();
    void finish();
    void fail(NetworkError error, const QByteArray &message);
    QByteArray tlsFault() const;

    EndpointManager &m_manager;
    const QByteArray m_origin;
    std::vector<Socket> m_dialling; ///< connections that are being opened, of which the first is used
    Socket m_socket; ///< null before it is connected, and at the end
    Phase m_phase = Phase::Connecting;
    QList<QSslError> m_certificateFaults;
    int m_alert = -1; ///< TLS alert of the server; -1: none

    std::unique_ptr<ResponseReader> m_reader;
    QByteArray m_body; ///< what has been received
    qsizetype m_taken = 0; ///< of it by readData()
    Descriptor m_probe; ///< of the connection too, and open when Qt's is not; if it ends the body
    qint64 m_undecrypted = -1; ///< bytes of a closed TLS connection at the last look
    bool m_isReused = false; ///< the connection has served a request before
    bool m_isClosed = false; ///< by the server; what is left in the socket's buffer can be read
    bool m_isComplete = false; ///< the whole answer is in m_body
    bool m_isHeadNew = false; ///< metaDataChanged() is to be emitted
};

} // namespace ExporterProxy
