// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/client/metricsfetch.h"

#include "common/util/showntext.h"
#include "gui/client/http.h"

namespace ExporterProxy::Monitor {

namespace {

/// The time from the request to the last byte: enough for MaxSize over a slow line.
constexpr std::chrono::seconds Deadline{30};

/// The bytes that may wait between the manager's thread and this one, so that cancelling saves the rest.
constexpr qint64 ReadAhead = 1 << 20;

/// The bytes that are shown of the body of an error, which is a sentence.
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
    connect(&m_deadline, &QTimer::timeout, this,
            [this] { fail(tr("no whole answer within %n second(s)", nullptr, int(Deadline.count()))); });
    m_deadline.start(Deadline);
}

MetricsFetch::~MetricsFetch()
{
    discard(std::exchange(m_reply, nullptr), *this);
}

void MetricsFetch::onReadyRead()
{
    MetricsText &text = m_answer.value();
    text.bytes += m_reply->read(MaxSize - text.bytes.size() + 1);
    if (text.bytes.size() <= MaxSize)
        return;
    text.isCut = true;
    text.bytes.truncate(text.bytes.lastIndexOf('\n', MaxSize - 1) + 1);
    end();
}

void MetricsFetch::onFinished()
{
    const QPointer<MetricsFetch> self(this);
    onReadyRead();
    if (!self || m_finished)
        return; // the text was cut, and a slot on finished() may have deleted this object
    const int status = httpStatus(*m_reply);
    const bool hasWholeAnswer = status != 0 && m_reply->error() != QNetworkReply::RemoteHostClosedError;
    const QByteArray &text = m_answer.value().bytes;
    const QString said = QString::fromUtf8(text.first(std::min(text.size(), MaxReason)).trimmed());
    if (!hasWholeAnswer)
        return fail(transportFault(*m_reply, m_sslErrors));
    if (status == 404)
        return fail(tr("the daemon does not know this application, or is too old to show its metrics"));
    if (status == 401)
        return fail(tr("the daemon wants a user name and password"));
    if (status == 503 && !said.isEmpty())
        return fail(shownText(said));
    if (status != 200)
        return fail(statusFault(*m_reply));
    if (!m_reply->rawHeader("Content-Encoding").isEmpty())
        return fail(tr("the answer is compressed, which was not asked for"));
    end();
}

void MetricsFetch::fail(const QString &sentence)
{
    m_answer = Failure{sentence};
    end();
}

void MetricsFetch::end()
{
    m_deadline.stop();
    m_finished = true;
    discard(std::exchange(m_reply, nullptr), *this);
    Q_EMIT finished(); // must be last, because a slot may delete this object
}

} // namespace ExporterProxy::Monitor
