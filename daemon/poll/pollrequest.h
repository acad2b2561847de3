// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/pendingbytes.h"
#include "common/model/rejection.h"
#include "common/model/textformat.h"
#include "common/settings/settings.h"
#include "common/util/bodybuffer.h"
#include "daemon/poll/endpointmanager.h"

#include <functional>
#include <optional>
#include <QByteArray>
#include <QSslConfiguration>
#include <QString>
#include <QTimer>
#include <QUrl>

namespace ExporterProxy {

/// One endpoint to poll, with everything that is derived from the rest of the configuration filled in.
struct PollTarget
{
    PollEndpoint endpoint; ///< interval and timeout above 0
    QByteArray name; ///< the application's name; differs for any two targets
    QByteArray source; ///< "external_poll: host:port", as /apps shows it
    bool allowInvalidCerts = false; ///< whoever answers is believed to be the one meant
    bool followRedirects = false; ///< to another host

    bool operator==(const PollTarget &) const = default;
};

/// Fetches the text of one endpoint, again and again, one fetch at a time: redirects, credentials, limits and
/// the deadline are its business; when to fetch and what becomes of the text is not. Main thread only.
class PollRequest : public QObject
{
    Q_OBJECT

public:
    struct Result
    {
        QByteArray text; ///< UTF-8 without NUL, within the limit; empty if there is a fault
        std::optional<Rejection> fault;
        Format format = Format::Text; ///< by the header of the answer
    };
    using Done = std::function<void(Result)>;

    /// `target` and `pending` must outlive it. `maxMessageSize` in bytes, of the decoded body.
    /// `done` is called at the end of each fetch; it may start the next one.
    PollRequest(const PollTarget &target, PendingBytes &pending, qint64 maxMessageSize, Done done);
    ~PollRequest() override;

    /// Takes another limit, at any time.
    void setMaxMessageSize(qint64 bytes)
    {
        m_maxMessageSize = bytes;
        m_body.setMaxSize(bytes);
    }

    /// Begins a fetch; none may be running.
    void start();

    /// Ends a running fetch without a result.
    void abort();

    bool isRunning() const { return m_running; }

private:
    void onHeaders();
    void onReadyRead();
    void onFinished();

    void send(const QUrl &url);
    QNetworkRequest makeRequest(const QUrl &url) const;
    std::optional<Rejection> prepareTls();

    std::optional<Rejection> useCertificate(QSslConfiguration &tls) const;

    void onDeadline();

    /// Looks at status and headers; true if the body is to be read.
    bool judgeHeaders();
    void follow(int status);
    enum class Drained {
        All,
        Paused, ///< for others' turns; goes on by itself
        Failed,
    };
    /// Takes what has arrived.
    Drained drain();

    void shed();
    void fail(RejectReason reason, const QByteArray &message);
    void end(Result result);
    void dropReply();

    const PollTarget &m_target;
    qint64 m_maxMessageSize;
    const Done m_done;
    const QUrl m_url; ///< without user information

    QTimer m_deadline;
    QTimer m_goOn; ///< with drain()
    std::optional<QSslConfiguration> m_tls; ///< once its authorities have been read
    EndpointManager m_manager;
    EndpointReply *m_reply = nullptr; ///< owned; null between two requests
    BodyBuffer m_body;
    PendingBytes::Holder m_held; ///< what m_body holds
    QByteArray m_authorization;
    qsizetype m_lastSize = 0; ///< of the last good text: the next one will be like it
    int m_redirects = 0;
    bool m_running = false;
    bool m_atHome = true; ///< no redirect has led away from the endpoint's own origin
    bool m_headersJudged = false;
};

} // namespace ExporterProxy
