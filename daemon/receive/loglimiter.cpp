// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/loglimiter.h"

#include "daemon/process/logging.h"

namespace ExporterProxy {

LogLimiter::LogLimiter(QByteArray what)
    : m_what(std::move(what))
{
    m_periodEnd.setSingleShot(true);
    m_periodEnd.setInterval(Period);
    QObject::connect(&m_periodEnd, &QTimer::timeout, &m_periodEnd, [this] { tell(); });
}

bool LogLimiter::allow()
{
    if (m_seen++ == 0)
        m_periodEnd.start();
    return m_seen <= MessagesAPeriod;
}

void LogLimiter::tell()
{
    if (m_seen > MessagesAPeriod)
        qCWarning(lcReceive, "%d more %s in the last %lld s", m_seen - MessagesAPeriod, m_what.constData(),
                  qlonglong(Period.count()));
    m_seen = 0;
}

} // namespace ExporterProxy
