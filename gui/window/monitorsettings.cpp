// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/monitorsettings.h"

#include "gui/client/daemonaddress.h"
#include "gui/client/daemonclient.h"

#include <algorithm>

namespace ExporterProxy::Monitor {

namespace {

constexpr int ShortestInterval = 250; ///< milliseconds; faster than a person reads
constexpr int LongestInterval = 3'600'000;

/// Returns the texts that are addresses, without duplicates, as keys.
QStringList validKeys(const QStringList &texts)
{
    QStringList keys;
    for (const QString &text : texts)
        if (const auto address = DaemonAddress::parse(text); address && !keys.contains(address.value().key()))
            keys << address.value().key();
    return keys;
}

} // namespace

QStringList MonitorSettings::watched() const
{
    return validKeys(m_settings.value(WatchedKey).toStringList());
}

QStringList MonitorSettings::addresses() const
{
    return validKeys(m_settings.value(AddressesKey).toStringList()).mid(0, MaxAddresses);
}

void MonitorSettings::rememberAddress(const QString &key)
{
    QStringList keys = addresses();
    keys.removeAll(key);
    keys.prepend(key);
    m_settings.setValue(AddressesKey, keys.mid(0, MaxAddresses));
}

void MonitorSettings::forgetAddress(const QString &key)
{
    QStringList keys = addresses();
    keys.removeAll(key);
    m_settings.setValue(AddressesKey, keys);
}

std::chrono::milliseconds MonitorSettings::refreshInterval() const
{
    bool number = false;
    const int kept = m_settings.value(IntervalKey).toInt(&number);
    return number && kept > 0 ? std::chrono::milliseconds(std::clamp(kept, ShortestInterval, LongestInterval))
                              : DaemonClient::DefaultInterval;
}

} // namespace ExporterProxy::Monitor
