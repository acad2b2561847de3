// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/result.h"

#include <QByteArray>
#include <QNetworkReply>
#include <QObject>
#include <QPointer>
#include <QSslError>
#include <QTimer>

namespace ExporterProxy::Monitor {

/// The metrics of one application.
struct MetricsText
{
    QByteArray bytes; ///< UTF-8, as it was sent; ends with a whole line
    bool isCut = false; ///< the text went on beyond MetricsFetch::MaxSize
};

/// The text, or a translated sentence without a full stop.
using MetricsAnswer = Result<MetricsText>;

/// One request for an application's metrics, made by DaemonClient::fetchMetrics(). Destroying it cancels the
/// request, also from a slot on finished().
class MetricsFetch : public QObject
{
    Q_OBJECT

public:
    /// The largest text that is shown: a thousand times the usual one, and small enough for an editor.
    static constexpr qint64 MaxSize = qint64{16} << 20;

    explicit MetricsFetch(QNetworkReply *reply);
    ~MetricsFetch() override;

    bool isFinished() const { return m_finished; }
    /// Complete once isFinished(). A failure drops the text that was received before it.
    const MetricsAnswer &answer() const { return m_answer; }

Q_SIGNALS:
    void finished();

private:
    void onReadyRead();
    void onFinished();
    void fail(const QString &sentence);
    void end();

    QPointer<QNetworkReply> m_reply; ///< owned, but its manager deletes it too
    QTimer m_deadline;
    QList<QSslError> m_sslErrors;
    MetricsAnswer m_answer = MetricsText();
    bool m_finished = false;
};

} // namespace ExporterProxy::Monitor
