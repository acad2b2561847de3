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

/// How it stands with a daemon that is watched.
struct DaemonState
{
    enum class Kind : quint8 {
        Stopped, ///< nobody watches
        Connecting, ///< asked, and no answer yet: the first time, or again after a failure
        Connected, ///< the last question was answered well
        Waiting, ///< the last question failed; the next one is due at retryAt
        Failed, ///< and asking again would not help: it takes a user name and password
    };

    Kind kind = Kind::Stopped;
    /// Why the last question failed, translated, a sentence without a full stop: "connection refused", "not
    /// an exporter-proxy: not JSON: …". Empty while all is well; stays while Connecting again.
    QString reason;
    BootClock::time_point retryAt; ///< in Waiting
    Timestamp lastAnswer = Never; ///< this host's clock at the last good answer; Never: none yet
    int failures = 0; ///< in a row

    /// Whether what was listed last still holds.
    bool isCurrent() const { return kind == Kind::Connected; }

    /// Whether it was asked and did not answer well. Not so one that was not asked yet, or is not asked now.
    bool isSilent() const { return failures > 0 && kind != Kind::Connected && kind != Kind::Stopped; }

    bool operator==(const DaemonState &) const = default;
};

/// Watches one daemon: asks for `/apps` again and again, and tells of each answer that is new. What nobody
/// changed costs a request and a 304. After a failure it asks again by itself, after 1 s at first and 30 s at
/// last, a little earlier or later each time so that a crowd of monitors does not return at one moment.
///
/// One question at a time, each with a deadline; an answer has a size limit. Goes through no proxy, follows
/// no redirect. GUI thread only; only reading of the answers happens elsewhere.
class DaemonClient : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds DefaultInterval{1000};

    /// Watches nothing until start(). `parser` must outlive it.
    DaemonClient(const DaemonAddress &address, ListingParser &parser, QObject *parent = nullptr);
    ~DaemonClient() override;

    void start(); ///< asks now
    void stop(); ///< forgets the question that is on its way; the last listing stays
    /// Asks now, as the user wants it: also if waiting to try again, or for credentials that were not given,
    /// which it may want again then. Nothing while stopped.
    void refreshNow();

    /// From one answer to the next question; at least 100 ms. A hidden window asks less often.
    void setInterval(std::chrono::milliseconds interval);
    std::chrono::milliseconds interval() const { return m_interval; }

    /// For basic authentication (RFC 7617); kept in memory only. Asks again at once. Two empty texts: none.
    void setCredentials(const QString &user, const QString &password);

    const DaemonAddress &address() const { return m_address; }
    QString key() const { return m_address.key(); } ///< what the models know this daemon by
    const DaemonState &state() const { return m_state; }
    /// What was answered last, however long ago; null: nothing yet.
    const std::shared_ptr<const AppsListing> &listing() const { return m_listing; }

    /// Asks for one application's metrics, with the same credentials. Never null. Independent of the
    /// question for `/apps`, also while stopped.
    std::unique_ptr<MetricsFetch> fetchMetrics(const QString &app);

Q_SIGNALS:
    /// A listing that differs from the last one. State is Connected by then.
    void listingArrived(const std::shared_ptr<const ExporterProxy::AppsListing> &listing);
    /// state() has another kind or reason. Not when only its times moved: those are for a clock of the
    /// view's.
    void stateChanged();
    /// The daemon wants a user name and password, or refused those given. Once, until setCredentials(); after
    /// that once more if they were wrong. `realm` is the server's name for what it guards: foreign text.
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
    /// Ends the running question from our side.
    void giveUp(const QString &reason);
    void setState(DaemonState::Kind kind, const QString &reason);
    void dropReply();

    const DaemonAddress m_address;
    ListingParser &m_parser;
    QNetworkAccessManager m_manager;
    std::chrono::milliseconds m_interval = DefaultInterval;
    QTimer m_next; ///< until the next question
    QTimer m_deadline; ///< of the running one
    QNetworkReply *m_reply = nullptr; ///< the running question; null: none, or its answer is being read
    BodyBuffer m_body;
    QList<QSslError> m_sslErrors;
    QByteArray m_etag; ///< of m_listing
    QByteArray m_authorization;
    std::shared_ptr<const AppsListing> m_listing;
    DaemonState m_state;
    quint64 m_question = 0; ///< counts them: an answer that is read after stop() is one of the past
    bool m_isReading = false; ///< the parser has the answer
    bool m_askedForCredentials = false;
};

} // namespace ExporterProxy::Monitor
