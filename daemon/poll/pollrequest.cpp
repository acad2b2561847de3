// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/poll/pollrequest.h"

#include "common/settings/settings.h"
#include "common/util/version.h"
#include "common/util/words.h"
#include "common/wire/textcheck.h"

#include <algorithm>
#include <array>
#include <optional>
#include <QFile>
#include <QFileInfo>
#include <QHostAddress>
#include <QNetworkRequest>
#include <QSslCertificate>
#include <QSslKey>
#include <QSslSocket>
#include <QUrl>

namespace ExporterProxy {

namespace {

/// The largest tokens in use have a few KiB; a larger file is the wrong one.
constexpr qint64 MaxSecretSize = 64 * 1024;

struct Secret
{
    QByteArray value;
    std::optional<Rejection> fault;
};

Secret refused(const QString &path, const QByteArray &cause)
{
    return {{}, Rejection{RejectReason::Credentials, "cannot use " + path.toUtf8() + ": " + cause}};
}

Secret readFile(const QString &path)
{
    QFile file(path);
    // Opening a FIFO would stop the whole daemon until somebody writes to it.
    if (const QFileInfo info(path); info.exists() && !info.isFile())
        return refused(path, "not a regular file");
    if (!file.open(QIODevice::ReadOnly))
        return refused(path, file.errorString().toUtf8());
    QByteArray value = file.read(MaxSecretSize + 1);
    if (value.size() > MaxSecretSize)
        return refused(path, "larger than " + exactSizeText(MaxSecretSize));
    return {value, std::nullopt};
}

/// Reads a file of one line.
Secret readSecret(const QString &path)
{
    Secret secret = readFile(path);
    if (secret.fault)
        return secret;
    QByteArray &value = secret.value;
    if (value.endsWith('\n'))
        value.chop(value.endsWith("\r\n") ? 2 : 1);
    if (value.isEmpty())
        return refused(path, "empty");
    // It would end the header and begin another one.
    if (std::any_of(value.cbegin(), value.cend(), [](char c) { return c == '\n' || c == '\r' || c == '\0'; }))
        return refused(path, "more than one line");
    return secret;
}

/// RFC 7617.
QByteArray basic(const QString &user, const QByteArray &password)
{
    return "Basic " + QByteArray(user.toUtf8() + ':' + password).toBase64();
}

/// The value of the header `Authorization` for a request, or the reason why there is none.
struct Authorization
{
    QByteArray value; ///< empty: none is configured
    std::optional<Rejection> fault; ///< names the file, never its content
};

/// Reads the credentials of an endpoint: `bearer_token_file`, or `username` with `password_file`, or the user
/// information in its URL, in this order. Files are read at each call, so that they can be rotated; a line
/// break at their end is not part of the secret.
Authorization readAuthorization(const PollEndpoint &endpoint)
{
    if (!endpoint.bearerTokenFile.isEmpty()) {
        const Secret token = readSecret(endpoint.bearerTokenFile);
        return {token.fault ? QByteArray() : "Bearer " + token.value, token.fault};
    }
    if (!endpoint.username.isEmpty()) {
        if (endpoint.passwordFile.isEmpty())
            return {basic(endpoint.username, {}), std::nullopt};
        const Secret password = readSecret(endpoint.passwordFile);
        return {password.fault ? QByteArray() : basic(endpoint.username, password.value), password.fault};
    }
    const QUrl url(endpoint.url);
    if (!url.userInfo().isEmpty())
        return {basic(url.userName(QUrl::FullyDecoded), url.password(QUrl::FullyDecoded).toUtf8()),
                std::nullopt};
    return {};
}

/// Why a request failed before its answer was complete.
Rejection networkFault(const QNetworkReply &reply)
{
    const QNetworkReply::NetworkError error = reply.error();
    const RejectReason reason = error == QNetworkReply::SslHandshakeFailedError ? RejectReason::Tls
        : error == QNetworkReply::TimeoutError                                  ? RejectReason::Timeout
                                                                                : RejectReason::Connection;
    return {reason, reply.errorString().toUtf8()};
}

/// How long a connection may be idle between two polls: servers close theirs after some minutes at most.
constexpr std::chrono::minutes LongestKept{5};

/// Enough for http to https, a missing slash and a proxy in between; more is a loop.
constexpr int MaxRedirects = 5;

/// What is read in one piece. Of a compressed answer little: each byte of it can be a thousand.
constexpr std::size_t PieceSize = 32 * 1024;
constexpr std::size_t GzipPieceSize = 1024;

/// Decoding goes on in the event loop's next turn after so long: an answer of 64 MiB that comes as 64 KiB
/// takes a tenth of a second, which no push and no scrape is to wait for.
constexpr std::chrono::milliseconds DrainBudget{5};

QUrl withoutUserInfo(QUrl url)
{
    url.setUserInfo(QString());
    return url;
}

bool isLoopback(const QUrl &url)
{
    return url.host() == QLatin1String("localhost") || QHostAddress(url.host()).isLoopback();
}

QByteArray seconds(std::chrono::milliseconds time)
{
    return QByteArray::number(double(time.count()) / 1000.0);
}

/// Whether the body is a page for a browser, a login page most likely. Its header does not tell: exporters
/// send metrics as text/html too. No text of metrics begins with such a bracket.
bool isMarkup(QByteArrayView body)
{
    if (body.startsWith("\xEF\xBB\xBF"))
        body = body.sliced(3);
    const auto isBlank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    const char *const first = std::find_if_not(body.begin(), body.end(), isBlank);
    return first != body.end() && *first == '<';
}

} // namespace

PollRequest::PollRequest(const PollTarget &target, PendingBytes &pending, qint64 maxMessageSize, Done done)
    : m_target(target)
    , m_maxMessageSize(maxMessageSize)
    , m_done(std::move(done))
    , m_url(withoutUserInfo(QUrl(target.endpoint.url)))
    , m_manager(target.endpoint.unixSocket, target.endpoint.interval <= LongestKept)
    , m_body(maxMessageSize)
    , m_held(pending, [this] { QMetaObject::invokeMethod(this, &PollRequest::shed, Qt::QueuedConnection); })
{
    m_deadline.setSingleShot(true);
    m_deadline.setTimerType(Qt::PreciseTimer);
    connect(&m_deadline, &QTimer::timeout, this, &PollRequest::onDeadline);
    m_goOn.setSingleShot(true);
    connect(&m_goOn, &QTimer::timeout, this,
            [this] { m_reply->isFinished() ? onFinished() : onReadyRead(); });
}

PollRequest::~PollRequest()
{
    dropReply();
}

void PollRequest::start()
{
    Q_ASSERT(!m_running);
    m_running = true;
    m_redirects = 0;
    m_atHome = true;
    m_deadline.start(m_target.endpoint.timeout);
    const Authorization authorization = readAuthorization(m_target.endpoint);
    if (authorization.fault)
        return end({{}, authorization.fault});
    m_authorization = authorization.value;
    send(m_url);
}

void PollRequest::abort()
{
    m_running = false;
    m_deadline.stop();
    dropReply();
    m_body.take();
    m_held.set(0);
}

void PollRequest::send(const QUrl &url)
{
    m_headersJudged = false;
    QNetworkRequest request = makeRequest(url);
    if (url.scheme() == QLatin1String("https")) {
        if (const std::optional<Rejection> fault = prepareTls())
            return end({{}, fault});
        QSslConfiguration tls = *m_tls;
        if (m_atHome) {
            request.setPeerVerifyName(m_target.endpoint.serverName);
        } else { // the client's certificate is not for others
            tls.setLocalCertificateChain({});
            tls.setPrivateKey({});
        }
        request.setSslConfiguration(tls);
    }
    m_reply = m_manager.fetch(request);
    connect(m_reply, &QNetworkReply::metaDataChanged, this, &PollRequest::onHeaders);
    connect(m_reply, &QNetworkReply::readyRead, this, &PollRequest::onReadyRead);
    connect(m_reply, &QNetworkReply::finished, this, &PollRequest::onFinished);
}

QNetworkRequest PollRequest::makeRequest(const QUrl &url) const
{
    QNetworkRequest request(url);
    request.setRawHeader("User-Agent", QByteArray("exporter-proxy/") + VersionString);
    request.setRawHeader("Accept", "text/plain;version=0.0.4;q=1,*/*;q=0.1");
    // On loopback compression only costs both sides.
    request.setRawHeader("Accept-Encoding",
                         isLoopback(url) || !m_target.endpoint.unixSocket.isEmpty() ? "identity" : "gzip");
    request.setRawHeader("X-Prometheus-Scrape-Timeout-Seconds", seconds(m_target.endpoint.timeout));
    if (m_atHome) {
        for (const auto &[name, value] : m_target.endpoint.headers)
            request.setRawHeader(name, value);
        if (!m_authorization.isEmpty())
            request.setRawHeader("Authorization", m_authorization);
    }
    return request;
}

std::optional<Rejection> PollRequest::prepareTls()
{
    if (m_tls)
        return std::nullopt;
    if (!QSslSocket::supportsSsl())
        return Rejection{RejectReason::Tls,
                         QByteArrayLiteral("https needs a TLS backend of Qt, and none works here")};
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    if (m_target.allowInvalidCerts)
        tls.setPeerVerifyMode(QSslSocket::VerifyNone);
    if (const QString &path = m_target.endpoint.caFile; !path.isEmpty()) {
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly))
            return Rejection{RejectReason::Tls,
                             "cannot use ca_file " + path.toUtf8() + ": " + file.errorString().toUtf8()};
        const QList<QSslCertificate> authorities = QSslCertificate::fromData(file.readAll(), QSsl::Pem);
        if (authorities.isEmpty())
            return Rejection{RejectReason::Tls,
                             "cannot use ca_file " + path.toUtf8() + ": it holds no PEM certificate"};
        tls.setCaCertificates(authorities);
    }
    if (const std::optional<Rejection> fault = useCertificate(tls))
        return fault;
    m_tls = tls;
    return std::nullopt;
}

/// Reads the certificate of the client and its key.
std::optional<Rejection> PollRequest::useCertificate(QSslConfiguration &tls) const
{
    const PollEndpoint &endpoint = m_target.endpoint;
    if (endpoint.certFile.isEmpty())
        return std::nullopt;
    const Secret certificate = readFile(endpoint.certFile);
    const Secret key = readFile(endpoint.keyFile);
    if (certificate.fault || key.fault)
        return certificate.fault ? certificate.fault : key.fault;
    const QList<QSslCertificate> chain = QSslCertificate::fromData(certificate.value, QSsl::Pem);
    if (chain.isEmpty())
        return refused(endpoint.certFile, "it holds no PEM certificate").fault;
    QSslKey parsed;
    for (const QSsl::KeyAlgorithm algorithm : {QSsl::Rsa, QSsl::Ec, QSsl::Dsa}) {
        if (parsed.isNull())
            parsed = QSslKey(key.value, algorithm);
    }
    if (parsed.isNull())
        return refused(endpoint.keyFile, "it holds no PEM key of RSA or an elliptic curve without a password")
            .fault;
    tls.setLocalCertificateChain(chain);
    tls.setPrivateKey(parsed);
    return std::nullopt;
}

void PollRequest::onHeaders()
{
    if (!m_headersJudged)
        judgeHeaders();
}

void PollRequest::onReadyRead()
{
    if (!m_goOn.isActive() && (m_headersJudged || judgeHeaders()))
        drain();
}

void PollRequest::onFinished()
{
    if (m_reply->error() != QNetworkReply::NoError)
        return end({{}, networkFault(*m_reply)});
    if (drain() != Drained::All)
        return;
    if (m_body.finish() != BodyBuffer::Status::Good)
        return fail(RejectReason::Connection, QByteArrayLiteral("the compressed answer ends too early"));
    QByteArray text = m_body.take();
    if (isMarkup(text)) // would make Prometheus refuse the whole page
        return fail(RejectReason::InvalidText,
                    QByteArrayLiteral("the answer is an HTML or XML page, not metrics"));
    if (const std::optional<Rejection> fault = textFault(text))
        return fail(fault->reason, fault->message);
    m_lastSize = text.size();
    const QByteArray type = m_reply->rawHeader("Content-Type").trimmed().toLower();
    const bool isOpenMetrics = type.startsWith("application/openmetrics-text");
    end({std::move(text), std::nullopt, isOpenMetrics ? Format::OpenMetrics : Format::Text});
}

void PollRequest::onDeadline()
{
    fail(RejectReason::Timeout,
         "timed out after " + seconds(m_target.endpoint.timeout) + " s (client_timeout) "
             + m_reply->progress());
}

bool PollRequest::judgeHeaders()
{
    m_headersJudged = true;
    const int status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (status == 301 || status == 302 || status == 303 || status == 307 || status == 308) {
        follow(status);
        return false;
    }
    if (status != 200) {
        const QString phrase = m_reply->attribute(QNetworkRequest::HttpReasonPhraseAttribute).toString();
        fail(RejectReason::Status, ("status " + QByteArray::number(status) + ' ' + shown(phrase)).trimmed());
        return false;
    }
    const QByteArray encoding = m_reply->rawHeader("Content-Encoding").trimmed().toLower();
    const bool gzip = encoding == "gzip" || encoding == "x-gzip";
    if (!gzip && !encoding.isEmpty() && encoding != "identity") {
        fail(RejectReason::InvalidText,
             "the answer has an unknown Content-Encoding: " + shown(QString::fromLatin1(encoding)));
        return false;
    }
    bool announced = false;
    const qint64 length = m_reply->rawHeader("Content-Length").toLongLong(&announced);
    if (length > m_maxMessageSize) {
        fail(RejectReason::MessageTooLarge,
             "answer larger than limits.max_message_size (" + exactSizeText(m_maxMessageSize) + ')');
        return false;
    }
    // Without a length: a little more than the last time, so that a page that grows a bit is not moved.
    const qint64 expected = announced && !gzip ? length : m_lastSize + m_lastSize / 16;
    m_body.start(gzip ? BodyBuffer::Encoding::Gzip : BodyBuffer::Encoding::Identity, expected);
    return true;
}

void PollRequest::follow(int status)
{
    const QUrl target = m_reply->attribute(QNetworkRequest::RedirectionTargetAttribute).toUrl();
    const QUrl url = withoutUserInfo(m_reply->url().resolved(target));
    if (target.isEmpty() || url.host().isEmpty()
        || (url.scheme() != QLatin1String("http") && url.scheme() != QLatin1String("https")))
        return fail(RejectReason::Status,
                    "status " + QByteArray::number(status) + " redirects to nowhere that can be followed");
    if (++m_redirects > MaxRedirects)
        return fail(RejectReason::Status, "more than " + QByteArray::number(MaxRedirects) + " redirects");
    if (m_reply->url().scheme() == QLatin1String("https") && url.scheme() != QLatin1String("https"))
        return fail(RejectReason::Status,
                    QByteArrayLiteral("redirects from https to http, which is not followed"));
    if (url.host() != m_url.host() && (!m_target.followRedirects || !m_target.endpoint.unixSocket.isEmpty()))
        return fail(RejectReason::Status,
                    "status " + QByteArray::number(status) + " redirects to another host, "
                        + shown(url.host())
                        + (m_target.followRedirects ? ", which the Unix socket does not lead to"
                                                    : " (set follow_redirects to follow)"));
    m_atHome = m_atHome && originOf(url) == originOf(m_url);
    dropReply();
    send(url);
}

PollRequest::Drained PollRequest::drain()
{
    m_goOn.stop();
    const auto begin = std::chrono::steady_clock::now();
    std::array<char, PieceSize> piece;
    const qint64 atOnce = m_body.isCompressed() ? GzipPieceSize : PieceSize;
    qint64 size = 0;
    while ((size = m_reply->read(piece.data(), atOnce)) > 0) {
        switch (m_body.append({piece.data(), qsizetype(size)})) {
        case BodyBuffer::Status::Good:
            break;
        case BodyBuffer::Status::TooLarge:
            fail(RejectReason::MessageTooLarge,
                 "answer larger than limits.max_message_size (" + exactSizeText(m_maxMessageSize) + ')');
            return Drained::Failed;
        case BodyBuffer::Status::Corrupt:
            fail(RejectReason::InvalidText, QByteArrayLiteral("the answer's gzip compression is broken"));
            return Drained::Failed;
        }
        m_held.set(m_body.capacity()); // which doubles as the answer grows, and leaves its halves behind
        if (m_held.isExceeded() && m_held.isToShed()) {
            shed();
            return Drained::Failed;
        }
        if (std::chrono::steady_clock::now() - begin > DrainBudget) {
            m_goOn.start();
            return Drained::Paused;
        }
    }
    return Drained::All;
}

/// Gives up an answer for want of memory: all pages and messages under way together have a bound.
void PollRequest::shed()
{
    if (m_running && m_held.isExceeded())
        fail(RejectReason::TooMuchPending,
             "answer given up after " + exactSizeText(m_body.size())
                 + ": what is under way altogether would be larger than limits.max_total_size leaves to it");
}

void PollRequest::fail(RejectReason reason, const QByteArray &message)
{
    end({{}, Rejection{reason, message}});
}

void PollRequest::end(Result result)
{
    m_running = false;
    m_deadline.stop();
    dropReply();
    if (result.fault && result.fault->reason == RejectReason::Tls)
        m_tls.reset(); // its files may have been renewed
    m_authorization.clear();
    m_body.take();
    m_held.set(0);
    m_done(std::move(result));
}

void PollRequest::dropReply()
{
    m_goOn.stop();
    if (!m_reply)
        return;
    EndpointReply *reply = std::exchange(m_reply, nullptr);
    reply->disconnect(this);
    reply->abort(); // a connection that has not served its request to the end is not used again
    reply->deleteLater(); // later, because one of its signals may be what has led here
}

} // namespace ExporterProxy
