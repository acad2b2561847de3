// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/client/daemonclient.h"

#include "gui/client/http.h"

#include <algorithm>
#include <QHostAddress>
#include <QNetworkProxy>
#include <QRandomGenerator>

namespace ExporterProxy::Monitor {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// The time from the request to the last byte of the response. With an idle timeout alone, a server that
/// sends a byte now and then could block the monitor for ever.
constexpr milliseconds Deadline = 10s;

/// Ten thousand applications are 3 MB. This is more than any table needs, and bounds what a hostile server
/// can cost.
constexpr qint64 MaxAnswer = qint64{64} << 20;

/// The bytes that may wait between the manager's thread and this one.
constexpr qint64 ReadAhead = 1 << 20;

constexpr milliseconds ShortestInterval = 100ms;
constexpr milliseconds FirstBackoff = 1s;
constexpr milliseconds LongestBackoff = 30s;

milliseconds backoffAfter(int failures)
{
    const milliseconds backoff = std::min(LongestBackoff, FirstBackoff * (1 << std::min(failures - 1, 10)));
    // Reduced by up to a quarter at random, so that a crowd of monitors does not return at one moment.
    return backoff - backoff * QRandomGenerator::global()->bounded(256) / 1024;
}

bool isLoopback(const QUrl &url)
{
    return url.host() == QStringLiteral("localhost") || QHostAddress(url.host()).isLoopback();
}

} // namespace

DaemonClient::DaemonClient(const DaemonAddress &address, ListingParser &parser, QObject *parent)
    : QObject(parent)
    , m_address(address)
    , m_parser(parser)
    , m_body(MaxAnswer)
{
    // Debian's Qt would ask libproxy for each request, and a daemon is on this host or in its network.
    m_manager.setProxy(QNetworkProxy::NoProxy);
    m_next.setSingleShot(true);
    m_deadline.setSingleShot(true);
    connect(&m_next, &QTimer::timeout, this, &DaemonClient::ask);
    connect(&m_deadline, &QTimer::timeout, this, [this] {
        giveUp(tr("timed out: no whole answer within %n second(s)", nullptr,
                  int(std::chrono::floor<std::chrono::seconds>(Deadline).count())));
    });
}

DaemonClient::~DaemonClient()
{
    dropReply();
}

void DaemonClient::start()
{
    if (m_state.kind == DaemonState::Kind::Stopped)
        ask();
}

void DaemonClient::stop()
{
    dropReply();
    m_next.stop();
    m_state.failures = 0;
    setState(DaemonState::Kind::Stopped, {});
}

void DaemonClient::refreshNow()
{
    m_askedForCredentials = false;
    if (m_state.kind != DaemonState::Kind::Stopped)
        ask();
}

void DaemonClient::setInterval(milliseconds interval)
{
    m_interval = std::max(interval, ShortestInterval);
    if (m_next.isActive() && m_state.kind == DaemonState::Kind::Connected)
        m_next.start(m_interval);
}

void DaemonClient::setCredentials(const QString &user, const QString &password)
{
    m_authorization = user.isEmpty() && password.isEmpty()
        ? QByteArray()
        : "Basic " + (user + u':' + password).toUtf8().toBase64();
    m_askedForCredentials = false;
    if (m_state.kind == DaemonState::Kind::Stopped)
        return;
    dropReply();
    ask();
}

std::unique_ptr<MetricsFetch> DaemonClient::fetchMetrics(const QString &app)
{
    QNetworkRequest request = makeRequest(m_address.metricsUrl(app), m_authorization);
    request.setRawHeader("Accept", "text/plain");
    // A compressed text that is cut could not be shown.
    request.setRawHeader("Accept-Encoding", "identity");
    return std::make_unique<MetricsFetch>(m_manager.get(request));
}

void DaemonClient::ask()
{
    m_next.stop();
    if (m_reply || m_isReading)
        return;
    if (m_state.kind != DaemonState::Kind::Connected)
        setState(DaemonState::Kind::Connecting, m_state.reason);

    QNetworkRequest request = makeRequest(m_address.appsUrl(), m_authorization);
    request.setRawHeader("Accept", "application/json");
    // Any value keeps Qt from decompressing, because its errors do not distinguish too large from damaged.
    request.setRawHeader("Accept-Encoding", isLoopback(m_address.base()) ? "identity" : "gzip");
    if (m_listing && !m_etag.isEmpty())
        request.setRawHeader("If-None-Match", m_etag);
    m_sslErrors.clear();
    m_body.start(BodyBuffer::Encoding::Identity, 0);
    m_reply = m_manager.get(request);
    m_reply->setReadBufferSize(ReadAhead);
    connect(m_reply, &QNetworkReply::metaDataChanged, this, &DaemonClient::onHeaders);
    connect(m_reply, &QIODevice::readyRead, this, &DaemonClient::onReadyRead);
    connect(m_reply, &QNetworkReply::finished, this, &DaemonClient::onFinished);
    connect(m_reply, &QNetworkReply::sslErrors, this,
            [this](const QList<QSslError> &errors) { m_sslErrors = errors; });
    m_deadline.start(Deadline);
}

void DaemonClient::onHeaders()
{
    if (httpStatus(*m_reply) != 200)
        return; // its body is not read
    const QByteArray encoding = m_reply->rawHeader("Content-Encoding").trimmed().toLower();
    const qint64 announced = m_reply->header(QNetworkRequest::ContentLengthHeader).toLongLong();
    if (encoding == "gzip")
        m_body.start(BodyBuffer::Encoding::Gzip, 0);
    else if (!encoding.isEmpty() && encoding != "identity")
        giveUp(tr("not an exporter-proxy: the answer is encoded in a way that was not asked for"));
    else if (announced > MaxAnswer)
        giveUp(tr("not an exporter-proxy: the answer is larger than %n MiB", nullptr, int(MaxAnswer >> 20)));
    else
        m_body.start(BodyBuffer::Encoding::Identity, announced);
}

void DaemonClient::onReadyRead()
{
    const QByteArray bytes = m_reply->readAll();
    switch (m_body.append(bytes)) {
    case BodyBuffer::Status::Good:
        return;
    case BodyBuffer::Status::TooLarge:
        return giveUp(
            tr("not an exporter-proxy: the answer is larger than %n MiB", nullptr, int(MaxAnswer >> 20)));
    case BodyBuffer::Status::Corrupt:
        return giveUp(tr("the compressed answer is damaged"));
    }
}

void DaemonClient::onFinished()
{
    if (m_reply->bytesAvailable() > 0) {
        onReadyRead();
        if (!m_reply)
            return; // giveUp() was called
    }
    const int status = httpStatus(*m_reply);
    // Qt reports statuses of 400 and more as errors. Any other error means that the connection broke.
    const bool isWhole = m_reply->error() == QNetworkReply::NoError || status >= 400;
    if (status == 0 || !isWhole)
        return giveUp(transportFault(*m_reply, m_sslErrors));
    if (status == 401)
        return onUnauthorized();
    if (status == 304 && m_listing) {
        dropReply();
        return answered();
    }
    if (status != 200)
        return giveUp(statusFault(*m_reply));
    if (m_body.finish() != BodyBuffer::Status::Good)
        return giveUp(tr("the compressed answer is damaged"));

    const QByteArray etag = m_reply->rawHeader("ETag");
    dropReply();
    m_isReading = true;
    m_parser.parse(m_body.take(), this, [this, etag, question = m_question](const AppsReading &reading) {
        if (question == m_question) {
            m_isReading = false;
            onRead(reading, etag);
        }
    });
}

void DaemonClient::onUnauthorized()
{
    const std::optional<QString> realm = basicRealm(*m_reply);
    if (!realm)
        return giveUp(tr("401: it wants a kind of authentication that the monitor does not have"));
    dropReply();
    ++m_state.failures;
    setState(DaemonState::Kind::Failed,
             m_authorization.isEmpty() ? tr("401: it wants a user name and password")
                                       : tr("401: user name or password are wrong"));
    if (!std::exchange(m_askedForCredentials, true))
        Q_EMIT credentialsWanted(*realm);
}

void DaemonClient::onRead(const AppsReading &reading, const QByteArray &etag)
{
    if (!reading.listing)
        return failed(tr("not an exporter-proxy: %1").arg(reading.fault));
    m_listing = reading.listing;
    m_etag = etag;
    answered();
    Q_EMIT listingArrived(m_listing);
}

void DaemonClient::answered()
{
    m_state.failures = 0;
    m_state.lastAnswer = wallClock();
    m_next.start(m_interval);
    setState(DaemonState::Kind::Connected, {});
}

void DaemonClient::giveUp(const QString &reason)
{
    dropReply();
    failed(reason);
}

void DaemonClient::failed(const QString &reason)
{
    ++m_state.failures;
    const milliseconds delay = std::max(backoffAfter(m_state.failures), m_interval);
    m_state.retryAt = BootClock::now() + delay;
    m_next.start(delay);
    setState(DaemonState::Kind::Waiting, reason);
}

void DaemonClient::setState(DaemonState::Kind kind, const QString &reason)
{
    if (kind == m_state.kind && reason == m_state.reason)
        return;
    m_state.kind = kind;
    m_state.reason = reason;
    Q_EMIT stateChanged();
}

/// Drops the running request, also if its response is being parsed.
void DaemonClient::dropReply()
{
    ++m_question;
    m_isReading = false;
    m_deadline.stop();
    discard(std::exchange(m_reply, nullptr), *this);
}

} // namespace ExporterProxy::Monitor
