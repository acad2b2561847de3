// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/process/loglimiter.h"

#include <algorithm>
#include <utility>

namespace ExporterProxy {

bool LogLimiter::spend(Clock::time_point now)
{
    if (m_left < m_rate.burst) {
        const auto periods = (now - m_periodBegin) / m_rate.period;
        m_periodBegin += periods * m_rate.period;
        m_left = int(std::min<qint64>(m_rate.burst, m_left + periods * m_rate.refill));
    }
    // A period begins with the first line out of a full budget, so no two bursts follow each other closely.
    if (m_left == m_rate.burst)
        m_periodBegin = now;
    if (m_left == 0)
        return false;
    --m_left;
    return true;
}

bool LogLimiter::allow(Clock::time_point now)
{
    if (spend(now))
        return true;
    if (m_withheld++ == 0)
        m_flushDue = m_periodBegin + m_rate.period;
    return false;
}

bool LogLimiter::allowNews(QByteArrayView state, Clock::time_point now)
{
    if (state == m_logged || !spend(now))
        return false;
    m_logged = state.toByteArray();
    return true;
}

qint64 LogLimiter::takeWithheld()
{
    m_flushDue.reset();
    return std::exchange(m_withheld, 0);
}

qint64 LogLimiter::flush(Clock::time_point now)
{
    return m_flushDue && now >= *m_flushDue ? takeWithheld() : 0;
}

} // namespace ExporterProxy
