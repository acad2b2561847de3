// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QNetworkReply>
#include <QObject>
#include <QPointer>
#include <QSslError>
#include <QTimer>

namespace ExporterProxy {

/// One request for an application's metrics; DaemonClient::fetchMetrics() makes it. Destroying it cancels,
/// also from a slot on finished().
class MetricsFetch : public QObject
{
    Q_OBJECT

public:
    /// What is shown of a text at most: a thousand times the usual, and little enough for an editor.
    static constexpr qint64 MaxSize = qint64{16} << 20;

    explicit MetricsFetch(QNetworkReply *reply);
    ~MetricsFetch() override;

    bool isFinished() const { return m_finished; }
    const QByteArray &text() const { return m_text; } ///< UTF-8, as it was sent; ends with a whole line
    bool isTruncated() const { return m_truncated; } ///< the text went on beyond MaxSize
    /// Empty if all went well; else why not, translated, a sentence without a full stop. A text that had come
    /// by then is dropped.
    const QString &fault() const { return m_fault; }

Q_SIGNALS:
    void finished();

private:
    void onReadyRead();
    void onFinished();
    void end();
    void dropReply();

    QPointer<QNetworkReply> m_reply; ///< ours, but its manager deletes it too
    QTimer m_deadline;
    QList<QSslError> m_sslErrors;
    QByteArray m_text;
    QString m_fault;
    bool m_truncated = false;
    bool m_finished = false;
};

} // namespace ExporterProxy
