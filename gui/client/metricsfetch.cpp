// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/client/metricsfetch.h"

#include "common/util/showntext.h"
#include "gui/client/replyfault.h"

namespace ExporterProxy {

namespace {

/// From the request to the last byte: enough for MaxSize over a slow line that an operator would wait for.
constexpr std::chrono::seconds Deadline{30};

/// What may wait between the manager's thread and this one, so that cancelling saves the rest.
constexpr qint64 ReadAhead = 1 << 20;

/// Of the body of an error, which is a sentence.
constexpr qsizetype MaxReason = 4096;

} // namespace

MetricsFetch::MetricsFetch(QNetworkReply *reply)
    : m_reply(reply)
{
    reply->setReadBufferSize(ReadAhead);
    connect(reply, &QIODevice::readyRead, this, &MetricsFetch::onReadyRead);
    connect(reply, &QNetworkReply::finished, this, &MetricsFetch::onFinished);
    connect(reply, &QNetworkReply::sslErrors, this,
            [this](const QList<QSslError> &errors) { m_sslErrors = errors; });
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, [this] {
        m_fault = tr("no whole answer within %n second(s)", nullptr, int(Deadline.count()));
        end();
    });
    m_deadline.start(Deadline);
}

MetricsFetch::~MetricsFetch()
{
    dropReply();
}

void MetricsFetch::onReadyRead()
{
    m_text += m_reply->read(MaxSize - m_text.size() + 1);
    if (m_text.size() <= MaxSize)
        return;
    m_truncated = true;
    m_text.truncate(m_text.lastIndexOf('\n', MaxSize - 1) + 1);
    end();
}

void MetricsFetch::onFinished()
{
    onReadyRead();
    if (m_finished)
        return;
    const int status = httpStatus(*m_reply);
    const bool hasWholeAnswer = status != 0 && m_reply->error() != QNetworkReply::RemoteHostClosedError;
    const QString said = QString::fromUtf8(m_text.first(std::min(m_text.size(), MaxReason)).trimmed());
    if (!hasWholeAnswer)
        m_fault = transportFault(*m_reply, m_sslErrors);
    else if (status == 404)
        m_fault = tr("the daemon does not know this application, or is too old to show its metrics");
    else if (status == 401)
        m_fault = tr("the daemon wants a user name and password");
    else if (status == 503 && !said.isEmpty())
        m_fault = shownText(said);
    else if (status != 200)
        m_fault = statusFault(*m_reply);
    else if (!m_reply->rawHeader("Content-Encoding").isEmpty())
        m_fault = tr("the answer is compressed, which was not asked for");
    end();
}

void MetricsFetch::end()
{
    m_deadline.stop();
    m_finished = true;
    if (!m_fault.isEmpty())
        m_text.clear();
    dropReply();
    Q_EMIT finished(); // the last thing: a slot may delete us
}

void MetricsFetch::dropReply()
{
    if (!m_reply)
        return;
    m_reply->disconnect(this);
    m_reply->abort();
    m_reply->deleteLater();
    m_reply = nullptr;
}

} // namespace ExporterProxy
