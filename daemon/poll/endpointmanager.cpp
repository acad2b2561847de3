// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/poll/endpointmanager.h"

#include "common/util/errortext.h"
#include "daemon/compat/socketwatch.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <QFile>
#include <QHostAddress>
#include <QNetworkProxy>
#include <QSslConfiguration>
#include <QSslSocket>
#include <QTimer>
#include <QUrl>
#include <sys/socket.h>
#include <sys/un.h>

namespace ExporterProxy {

namespace {

/// What the heads of one answer may have, interim ones included. Far more than any server sends, and little
/// beside a page.
constexpr qsizetype MaxHeadSize = 256 * 1024;

/// What may wait for the reader of an answer, here and in the socket. Without a bound it is all that the
/// network delivers while the reader is busy.
constexpr qsizetype ReadAhead = 256 * 1024;

/// What is read from the socket in one piece.
constexpr std::size_t PieceSize = 32 * 1024;

/// How long the addresses of a host are tried before its IPv4 addresses are tried beside them, for hosts
/// whose IPv6 leads nowhere (RFC 8305 recommends 250 ms).
constexpr std::chrono::milliseconds Ipv4Delay{250};

int portOf(const QUrl &url)
{
    return url.port(url.scheme() == QLatin1String("https") ? 443 : 80);
}

/// The value of the field Host: what the URL names, without the zone of an IPv6 address, which means nothing
/// to the server (RFC 6874, section 4).
QByteArray hostField(const QUrl &url)
{
    QByteArray host = url.host(QUrl::FullyEncoded).toLatin1();
    if (host.contains(':')) {
        if (const qsizetype zone = host.indexOf('%'); zone >= 0)
            host.truncate(zone);
        host = '[' + host + ']';
    }
    return url.port() < 0 ? host : host + ':' + QByteArray::number(url.port());
}

QByteArray requestBytes(const QNetworkRequest &request, bool keepsConnection)
{
    const QUrl url = request.url();
    QByteArray target = url.path(QUrl::FullyEncoded).toLatin1();
    if (target.isEmpty())
        target = "/";
    if (url.hasQuery())
        target += '?' + url.query(QUrl::FullyEncoded).toLatin1();
    QByteArray bytes = "GET " + target + " HTTP/1.1\r\n";
    const auto add = [&](const QByteArray &name, const QByteArray &value) {
        bytes += name + ": " + value + "\r\n";
    };
    if (!request.hasRawHeader("Host"))
        add("Host", hostField(url));
    if (!request.hasRawHeader("Connection"))
        add("Connection", keepsConnection ? "keep-alive" : "close");
    for (const QByteArray &name : request.rawHeaderList())
        add(name, request.rawHeader(name));
    return bytes += "\r\n";
}

/// Whether a connection has ended by a reset, which throws away what the server had still sent.
/// Qt tells of both ends alike.
bool wasReset(const Descriptor &connection)
{
    tcp_info info{};
    socklen_t size = sizeof info;
    return connection.isOpen() && ::getsockopt(connection.get(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0
        && info.tcpi_state == TCP_CLOSE;
}

/// The longest shown part of a foreign text, in characters: enough for any sentence, too short to flood a
/// log.
constexpr qsizetype MaxShown = 120;

/// Whether a connection is open, and nothing came that no request asked for.
bool isIdle(int connection)
{
    char byte = 0;
    return ::recv(connection, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0
        && (errno == EAGAIN || errno == EWOULDBLOCK);
}

struct CertificateFault
{
    QSslError::SslError error;
    const char *reason; ///< names the cure where there is one
};

constexpr CertificateFault CertificateFaults[] = {
    {QSslError::SelfSignedCertificate, "self-signed certificate (set ca_file to trust it)"},
    {QSslError::SelfSignedCertificateInChain,
     "self-signed certificate in its chain (set ca_file to trust it)"},
    {QSslError::UnableToGetLocalIssuerCertificate,
     "signed by an unknown authority (set ca_file to trust it)"},
    {QSslError::UnableToGetIssuerCertificate, "signed by an unknown authority (set ca_file to trust it)"},
    {QSslError::UnableToVerifyFirstCertificate, "signed by an unknown authority (set ca_file to trust it)"},
    {QSslError::CertificateUntrusted, "signed by an unknown authority (set ca_file to trust it)"},
    {QSslError::CertificateExpired, "expired"},
    {QSslError::CertificateNotYetValid, "not valid yet"},
    {QSslError::HostNameMismatch, "made for another host name"},
};

} // namespace

QByteArray shown(const QString &foreign)
{
    QString line;
    for (const QChar c : foreign.first(std::min(foreign.size(), MaxShown)))
        line += c.isPrint() ? c : QLatin1Char('?');
    return line.toUtf8();
}

QByteArray originOf(const QUrl &url)
{
    return url.scheme().toLatin1() + "://" + url.host(QUrl::FullyEncoded).toLatin1() + ':'
        + QByteArray::number(portOf(url));
}

void EndpointManager::SocketDeleter::operator()(QTcpSocket *socket) const
{
    socket->disconnect();
    socket->abort();
    socket->deleteLater();
}

EndpointManager::EndpointManager(QString unixSocket, bool keepsConnections)
    : m_unixSocket(std::move(unixSocket))
    , m_keepsConnections(keepsConnections)
{
}

EndpointManager::~EndpointManager()
{
    qDeleteAll(findChildren<QNetworkReply *>(Qt::FindDirectChildrenOnly)); // before m_kept, which they use
}

EndpointReply *EndpointManager::fetch(const QNetworkRequest &request)
{
    return static_cast<EndpointReply *>(get(request));
}

EndpointManager::Socket EndpointManager::takeKept(const QByteArray &origin)
{
    Socket socket = std::move(m_kept);
    if (!socket || origin != m_keptOrigin || !isIdle(int(socket->socketDescriptor())))
        return nullptr;
    Compat::setWatched(*socket, true);
    return socket;
}

void EndpointManager::keep(Socket socket, const QByteArray &origin)
{
    Compat::setWatched(*socket, false);
    m_kept = std::move(socket);
    m_keptOrigin = origin;
}

QNetworkReply *EndpointManager::createRequest(Operation, const QNetworkRequest &request, QIODevice *)
{
    return new EndpointReply(*this, request);
}

EndpointReply::EndpointReply(EndpointManager &manager, const QNetworkRequest &request)
    : QNetworkReply(&manager)
    , m_manager(manager)
    , m_origin(originOf(request.url()))
    , m_reader(std::make_unique<ResponseReader>(MaxHeadSize))
{
    setRequest(request);
    setUrl(request.url());
    setOperation(QNetworkAccessManager::GetOperation);
    open(QIODevice::ReadOnly | QIODevice::Unbuffered);
    if (Socket kept = m_manager.takeKept(m_origin)) {
        m_isReused = true;
        m_socket = std::move(kept);
        sendRequest();
    } else {
        connectToServer();
    }
}

QByteArray EndpointReply::progress() const
{
    switch (m_phase) {
    case Phase::Connecting:
        return QByteArrayLiteral("while connecting");
    case Phase::Handshake:
        return QByteArrayLiteral("in the TLS handshake");
    case Phase::Waiting:
        return QByteArrayLiteral("without an answer");
    case Phase::Answering:
        break;
    }
    return QByteArrayLiteral("in the middle of the answer");
}

void EndpointReply::abort()
{
    m_dialling.clear();
    m_socket.reset();
}

qint64 EndpointReply::bytesAvailable() const
{
    return QNetworkReply::bytesAvailable() + m_body.size() - m_taken;
}

qint64 EndpointReply::readData(char *data, qint64 maxSize)
{
    if (m_taken == m_body.size() && m_socket && !m_isComplete) {
        pump(); // what has waited in the socket because there was no room
        if (m_isComplete)
            QMetaObject::invokeMethod(this, &EndpointReply::finish, Qt::QueuedConnection);
    }
    const qint64 size = std::min<qint64>(maxSize, m_body.size() - m_taken);
    std::memcpy(data, m_body.constData() + m_taken, std::size_t(size));
    m_taken += size;
    if (m_taken == m_body.size()) {
        m_body.resize(0);
        m_taken = 0;
    }
    return size;
}

void EndpointReply::connectToServer()
{
    m_phase = Phase::Connecting;
    m_reader = std::make_unique<ResponseReader>(MaxHeadSize);
    if (!m_manager.unixSocket().isEmpty())
        return connectToUnixSocket();
    if (!QHostAddress(url().host()).isNull())
        return connectToHost(QAbstractSocket::AnyIPProtocol);
    QTimer::singleShot(Ipv4Delay, this, [this] {
        if (!m_dialling.empty())
            connectToHost(QAbstractSocket::IPv4Protocol);
    });
    connectToHost(QAbstractSocket::AnyIPProtocol);
}

QTcpSocket *EndpointReply::addSocket()
{
    QTcpSocket *socket =
        url().scheme() == QLatin1String("https") ? new QSslSocket(&m_manager) : new QTcpSocket(&m_manager);
    m_dialling.emplace_back(socket);
    // The endpoints are this host's neighbours; and asking libproxy for each connection costs time.
    socket->setProxy(QNetworkProxy::NoProxy);
    socket->setReadBufferSize(ReadAhead);
    return socket;
}

void EndpointReply::connectToHost(QAbstractSocket::NetworkLayerProtocol protocol)
{
    QTcpSocket *const socket = addSocket();
    connect(socket, &QTcpSocket::connected, this, [this, socket] { onConnected(socket); });
    connect(socket, &QTcpSocket::errorOccurred, this, [this, socket] { onDialFailed(socket); });
    socket->connectToHost(url().host(), quint16(portOf(url())), QIODevice::ReadWrite, protocol);
}

void EndpointReply::connectToUnixSocket()
{
    const QByteArray path = QFile::encodeName(m_manager.unixSocket());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::size_t size = std::min(std::size_t(path.size()), sizeof address.sun_path - 1);
    std::memcpy(address.sun_path, path.constData(), size);
    const bool isAbstract = path.startsWith('@');
    if (isAbstract)
        address.sun_path[0] = '\0';
    const auto length = socklen_t(offsetof(sockaddr_un, sun_path) + size + (isAbstract ? 0 : 1));
    Descriptor descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (::connect(descriptor.get(), reinterpret_cast<const sockaddr *>(&address), length) != 0)
        return fail(UnknownNetworkError, "cannot connect to " + path + ": " + errorText(errno).toUtf8());
    QTcpSocket *const socket = addSocket();
    // As QLocalSocket does it itself; a QLocalSocket would be another class without TLS.
    socket->setSocketDescriptor(descriptor.release());
    onConnected(socket);
}

void EndpointReply::onDialFailed(QTcpSocket *socket)
{
    const QAbstractSocket::SocketError error = socket->error();
    const QByteArray text = shown(socket->errorString());
    std::erase_if(m_dialling, [socket](const Socket &dialling) { return dialling.get() == socket; });
    if (!m_dialling.empty()) // another address may answer
        return;
    switch (error) {
    case QAbstractSocket::ConnectionRefusedError:
        return fail(ConnectionRefusedError, QByteArrayLiteral("connection refused"));
    case QAbstractSocket::HostNotFoundError:
        return fail(HostNotFoundError, "host not found: " + shown(url().host()));
    case QAbstractSocket::SocketTimeoutError:
        return fail(TimeoutError, QByteArrayLiteral("timed out: the host does not answer"));
    default:
        return fail(UnknownNetworkError, text);
    }
}

void EndpointReply::onConnected(QTcpSocket *socket)
{
    for (Socket &dialling : m_dialling) {
        if (dialling.get() == socket)
            m_socket = std::move(dialling);
    }
    std::erase(m_dialling, nullptr);
    m_dialling.clear();
    socket->disconnect(this);
    socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    if (auto *tls = qobject_cast<QSslSocket *>(socket))
        startHandshake(*tls);
    else
        sendRequest();
}

void EndpointReply::startHandshake(QSslSocket &socket)
{
    m_phase = Phase::Handshake;
    socket.setSslConfiguration(request().sslConfiguration());
    const QString name = request().peerVerifyName();
    socket.setPeerVerifyName(name.isEmpty() ? url().host() : name);
    connect(&socket, &QSslSocket::sslErrors, this,
            [this](const QList<QSslError> &faults) { m_certificateFaults = faults; });
    connect(&socket, &QSslSocket::alertReceived, this,
            [this](QSsl::AlertLevel, QSsl::AlertType type) { m_alert = int(type); });
    connect(&socket, &QSslSocket::encrypted, this, &EndpointReply::sendRequest);
    connect(&socket, &QTcpSocket::errorOccurred, this, &EndpointReply::onSocketFailed);
    socket.startClientEncryption();
}

void EndpointReply::sendRequest()
{
    m_phase = Phase::Waiting;
    disconnect(m_socket.get(), &QTcpSocket::errorOccurred, this, nullptr);
    connect(m_socket.get(), &QTcpSocket::errorOccurred, this, &EndpointReply::onSocketFailed);
    connect(m_socket.get(), &QTcpSocket::readyRead, this, &EndpointReply::onReadyRead);
    m_socket->write(requestBytes(request(), m_manager.keepsConnections()));
}

void EndpointReply::onSocketFailed(QAbstractSocket::SocketError error)
{
    if (error == QAbstractSocket::RemoteHostClosedError && m_phase != Phase::Handshake)
        return onClosed();
    if (m_phase != Phase::Handshake && m_alert < 0 && m_isReused && !m_reader->hasBegun())
        return onClosed();
    if (qobject_cast<QSslSocket *>(m_socket.get()) && (m_phase == Phase::Handshake || m_alert > 0))
        return fail(SslHandshakeFailedError, tlsFault());
    fail(UnknownNetworkError, shown(m_socket->errorString()));
}

void EndpointReply::onClosed()
{
    if (m_isReused && !m_reader->hasBegun() && m_socket->bytesAvailable() == 0) {
        // The server has closed it as idle in the moment in which it was used again.
        m_isReused = false;
        m_alert = -1;
        m_socket.reset();
        return connectToServer();
    }
    m_isClosed = true;
    onReadyRead();
}

void EndpointReply::onReadyRead()
{
    if (isFinished() || !m_socket)
        return;
    pump();
    if (m_isHeadNew) {
        m_isHeadNew = false;
        Q_EMIT metaDataChanged();
    }
    if (m_socket && m_taken < m_body.size())
        Q_EMIT readyRead();
    if (m_socket && m_isComplete)
        finish();
}

/// Reads from the socket as long as there is room, and sees whether that was all.
void EndpointReply::pump()
{
    std::array<char, PieceSize> piece;
    while (!m_isComplete && m_body.size() - m_taken < ReadAhead) {
        const qint64 size = m_socket->read(piece.data(), PieceSize);
        if (size <= 0)
            break;
        if (!take({piece.data(), qsizetype(size)}))
            return;
    }
    if (!m_isClosed || m_isComplete || m_socket->bytesAvailable() > 0)
        return;
    if (const auto *tls = qobject_cast<QSslSocket *>(m_socket.get())) {
        // Qt decrypts as there is room, in the next turn; a record that is cut off stays as it is.
        if (const qint64 undecrypted = tls->encryptedBytesAvailable();
            undecrypted != std::exchange(m_undecrypted, undecrypted) && undecrypted > 0) {
            QMetaObject::invokeMethod(this, &EndpointReply::onReadyRead, Qt::QueuedConnection);
            return;
        }
    }
    takeEnd();
}

bool EndpointReply::take(QByteArrayView bytes)
{
    while (!bytes.isEmpty() || m_reader->isAtEnd()) {
        switch (m_reader->next(bytes)) {
        case ResponseReader::Event::NeedMore:
            break;
        case ResponseReader::Event::Head:
            takeHead();
            break;
        case ResponseReader::Event::Body:
            m_body.append(m_reader->body());
            break;
        case ResponseReader::Event::End:
            m_isComplete = true;
            if (!bytes.isEmpty()) // bytes that no request asked for
                m_isClosed = true;
            return true;
        case ResponseReader::Event::Fault:
            fail(ProtocolFailure, m_reader->fault());
            return false;
        }
    }
    return true;
}

void EndpointReply::takeHead()
{
    m_phase = Phase::Answering;
    m_isHeadNew = true;
    const ResponseHead &head = m_reader->head();
    setAttribute(QNetworkRequest::HttpStatusCodeAttribute, head.status);
    setAttribute(QNetworkRequest::HttpReasonPhraseAttribute, QString::fromUtf8(head.phrase));
    for (const char *name : {"Content-Encoding", "Content-Length", "Content-Type"}) {
        if (const QByteArrayView value = head.field(name); !value.isEmpty())
            setRawHeader(name, value.toByteArray());
    }
    if (const QByteArrayView location = head.field("Location"); !location.isEmpty())
        setAttribute(QNetworkRequest::RedirectionTargetAttribute, QUrl::fromEncoded(location.toByteArray()));
    if (head.endsWithConnection())
        m_probe = Descriptor(::fcntl(int(m_socket->socketDescriptor()), F_DUPFD_CLOEXEC, 0));
}

/// The server has closed the connection, and all that it sent has been read.
void EndpointReply::takeEnd()
{
    const bool isTls = qobject_cast<QSslSocket *>(m_socket.get()) != nullptr;
    if (m_alert > 0)
        return fail(SslHandshakeFailedError, tlsFault());
    if (m_reader->close() == ResponseReader::Event::Fault)
        return fail(RemoteHostClosedError, m_reader->fault());
    if (wasReset(m_probe))
        return fail(RemoteHostClosedError,
                    QByteArrayLiteral("connection reset before the answer was complete"));
    if (isTls && m_alert != int(QSsl::AlertType::CloseNotify)) // anybody on the way could have cut it
        return fail(RemoteHostClosedError,
                    QByteArrayLiteral("TLS connection cut before the answer was complete (no close_notify)"));
    m_isComplete = true;
}

void EndpointReply::finish()
{
    if (isFinished())
        return;
    if (m_isComplete && m_socket && !m_isClosed && m_reader->head().keepAlive
        && m_manager.keepsConnections()) {
        m_socket->disconnect(this);
        m_manager.keep(std::move(m_socket), m_origin);
    }
    abort();
    setFinished(true);
    Q_EMIT finished();
}

void EndpointReply::fail(NetworkError error, const QByteArray &message)
{
    setError(error, QString::fromUtf8(message));
    abort();
    // Later: the request may have only begun, and nobody listens yet.
    QMetaObject::invokeMethod(this, &EndpointReply::finish, Qt::QueuedConnection);
}

QByteArray EndpointReply::tlsFault() const
{
    for (const QSslError &fault : m_certificateFaults) {
        for (const auto &[error, reason] : CertificateFaults) {
            if (fault.error() == error)
                return QByteArray("certificate: ") + reason;
        }
    }
    if (!m_certificateFaults.isEmpty())
        return "certificate: " + shown(m_certificateFaults.first().errorString());
    const bool hasCertificate = !request().sslConfiguration().localCertificate().isNull();
    switch (QSsl::AlertType(m_alert)) {
    case QSsl::AlertType::CertificateRequired:
        return QByteArrayLiteral("the server wants a client certificate (set cert_file and key_file)");
    case QSsl::AlertType::BadCertificate: // what servers of TLS 1.2 say of a missing one
    case QSsl::AlertType::UnknownCa:
    case QSsl::AlertType::CertificateUnknown:
    case QSsl::AlertType::CertificateExpired:
    case QSsl::AlertType::CertificateRevoked:
        return hasCertificate
            ? QByteArrayLiteral("the server does not accept the client certificate")
            : QByteArrayLiteral("the server wants a client certificate (set cert_file and key_file)");
    case QSsl::AlertType::HandshakeFailure:
        return hasCertificate
            ? QByteArrayLiteral("no TLS connection: the server refuses the handshake")
            : QByteArrayLiteral("no TLS connection: the server refuses the handshake; it may want a client "
                                "certificate (set cert_file and key_file)");
    default:
        return "no TLS connection: "
            + (m_socket->error() == QAbstractSocket::RemoteHostClosedError
                   ? QByteArrayLiteral("the server closed it in the handshake")
                   : shown(m_socket->errorString()));
    }
}

} // namespace ExporterProxy
