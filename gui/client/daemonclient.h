// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/apps/appslisting.h"
#include "common/util/bodybuffer.h"
#include "common/util/timestamp.h"
#include "gui/client/boottime.h"
#include "gui/client/daemonaddress.h"
#include "gui/client/listingparser.h"
#include "gui/client/metricsfetch.h"

#include <chrono>
#include <memory>
#include <QNetworkAccessManager>
#include <QSslError>
#include <QString>
#include <QTimer>

namespace ExporterProxy::Monitor {

/// The state of the connection to a daemon.
struct DaemonState
{
    enum class Kind : quint8 {
        Stopped, ///< not watched
        Connecting, ///< requested, no response yet: the first time, or again after a failure
        Connected, ///< the last request succeeded
        Waiting, ///< the last request failed; the next one is due at retryAt
        Failed, ///< a retry would not help, because a user name and password are required
    };

    Kind kind = Kind::Stopped;
    /// The reason of the last failure, translated, a sentence without a full stop: "connection refused", "not
    /// an exporter-proxy: not JSON: …". Empty after a success; kept while Connecting again.
    QString reason;
    BootClock::time_point retryAt; ///< valid in Waiting
    Timestamp lastAnswer = Never; ///< this host's clock at the last success; Never if there was none
    int failures = 0; ///< in a row

    /// Returns true if the last listing is up to date.
    bool isCurrent() const { return kind == Kind::Connected; }

    /// Returns true if requests fail. False if the daemon was not asked yet, or is not watched.
    bool isSilent() const { return failures > 0 && kind != Kind::Connected && kind != Kind::Stopped; }

    bool operator==(const DaemonState &) const = default;
};

/// Watches one daemon: requests `/apps` again and again, and signals each listing that is new. An unchanged
/// listing costs a request and a 304. Retries by itself after a failure, first after 1 s and at last every
/// 30 s, each time a little earlier at random so that a crowd of monitors does not return at one moment.
///
/// Sends one request at a time, each with a deadline and a size limit for the response. Uses no proxy and
/// follows no redirect. GUI thread only; another thread parses the listings.
class DaemonClient : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds DefaultInterval{1000};

    /// Does nothing until start(). `parser` must outlive this object.
    DaemonClient(const DaemonAddress &address, ListingParser &parser, QObject *parent = nullptr);
    ~DaemonClient() override;

    void start(); ///< sends the first request at once
    void stop(); ///< drops the running request; keeps the last listing
    /// Sends a request at once, on behalf of the user: also if waiting for a retry, or for credentials, which
    /// may then be requested again. Does nothing while stopped.
    void refreshNow();

    /// The time from one response to the next request; at least 100 ms.
    void setInterval(std::chrono::milliseconds interval);
    std::chrono::milliseconds interval() const { return m_interval; }

    /// Sets the credentials for basic authentication (RFC 7617), kept in memory only, and sends a request at
    /// once. Two empty texts remove them.
    void setCredentials(const QString &user, const QString &password);

    const DaemonAddress &address() const { return m_address; }
    QString key() const { return m_address.key(); } ///< the daemon's key in the models
    const DaemonState &state() const { return m_state; }
    /// The last listing, whatever its age; null if there was none.
    const std::shared_ptr<const AppsListing> &listing() const { return m_listing; }

    /// Requests the metrics of one application, with the same credentials. Never null. Independent of the
    /// requests for `/apps`; works while stopped too.
    std::unique_ptr<MetricsFetch> fetchMetrics(const QString &app);

Q_SIGNALS:
    /// Emitted for a listing that differs from the last one. The state is Connected by then.
    void listingArrived(const std::shared_ptr<const ExporterProxy::AppsListing> &listing);
    /// Emitted if state() has another kind or reason, but not if only its times changed.
    void stateChanged();
    /// Emitted if the daemon requires a user name and password, or rejected those given. Once, and once more
    /// after each setCredentials() if they were wrong. `realm` is the server's name for the protected area:
    /// foreign text.
    void credentialsWanted(const QString &realm);

private:
    void ask();
    void onHeaders();
    void onReadyRead();
    void onFinished();
    void onUnauthorized();
    void onRead(const AppsReading &reading, const QByteArray &etag);
    void answered();
    void failed(const QString &reason);
    /// Aborts the running request and counts it as failed.
    void giveUp(const QString &reason);
    void setState(DaemonState::Kind kind, const QString &reason);
    void dropReply();

    const DaemonAddress m_address;
    ListingParser &m_parser;
    QNetworkAccessManager m_manager;
    std::chrono::milliseconds m_interval = DefaultInterval;
    QTimer m_next; ///< fires when the next request is due
    QTimer m_deadline; ///< for the running request
    QNetworkReply *m_reply =
        nullptr; ///< the running request; null if there is none, or its response is being parsed
    BodyBuffer m_body;
    QList<QSslError> m_sslErrors;
    QByteArray m_etag; ///< of m_listing
    QByteArray m_authorization;
    std::shared_ptr<const AppsListing> m_listing;
    DaemonState m_state;
    quint64 m_question = 0; ///< the number of the request, so that a response parsed after stop() is dropped
    bool m_isReading = false; ///< the parser has the response
    bool m_askedForCredentials = false;
};

} // namespace ExporterProxy::Monitor
