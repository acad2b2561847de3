// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/expirytimer.h"

#include <algorithm>

namespace ExporterProxy {

namespace {

using namespace std::chrono;

/// A QTimer stands still while the machine is suspended: what has expired meanwhile goes within this time
/// after it.
constexpr milliseconds LongestSleep = minutes{1};

/// A coarse timer may fire 5 % early and would have to be started again, so this share is added to its time.
constexpr int EarlyShare = 16;

} // namespace

ExpiryTimer::ExpiryTimer(AppModel &model)
    : m_model(model)
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::CoarseTimer);
    connect(&m_timer, &QTimer::timeout, this, &ExpiryTimer::expire);
    // Called on the thread that stores a push, with the model locked.
    m_model.setDeadlineWatcher(
        [this] { QMetaObject::invokeMethod(this, &ExpiryTimer::expire, Qt::QueuedConnection); });
    expire();
}

ExpiryTimer::~ExpiryTimer()
{
    m_model.setDeadlineWatcher({});
}

void ExpiryTimer::expire()
{
    const Timestamp now = timeNow();
    const std::optional<Timestamp> next = m_model.expire(now);
    if (!next) {
        m_timer.stop();
        return;
    }
    const milliseconds left = std::clamp(ceil<milliseconds>(*next - now), milliseconds{1}, LongestSleep);
    m_timer.start(left + left / EarlyShare);
}

} // namespace ExporterProxy
