// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/monitorsettings.h"

#include "gui/client/daemonaddress.h"
#include "gui/client/daemonclient.h"

#include <algorithm>
#include <QSettings>

namespace ExporterProxy {

namespace {

constexpr QLatin1StringView WatchedKey("daemons/watched");
constexpr QLatin1StringView AddressesKey("daemons/addresses");
constexpr QLatin1StringView IntervalKey("daemons/refreshMilliseconds");
constexpr QLatin1StringView RegexKey("filter/regularExpression");
constexpr QLatin1StringView DetailsKey("window/detailsShown");
constexpr QLatin1StringView DetailsLayoutKey("window/details");
constexpr QLatin1StringView NotifyGroup("notifications/");
constexpr QLatin1StringView ColumnsKey("table/columns");
constexpr QLatin1StringView GeometryKey("window/geometry");
constexpr QLatin1StringView SplitterKey("window/splitter");

constexpr int ShortestInterval = 250; ///< milliseconds; faster than anybody reads
constexpr int LongestInterval = 3'600'000;

/// What can be read as an address, once each.
QStringList validKeys(const QStringList &texts)
{
    QStringList keys;
    for (const QString &text : texts)
        if (const auto address = DaemonAddress::parse(text); address && !keys.contains(address->key()))
            keys << address->key();
    return keys;
}

} // namespace

MonitorSettings::MonitorSettings(QSettings &settings)
    : m_settings(settings)
{
}

QStringList MonitorSettings::watched() const
{
    return validKeys(m_settings.value(WatchedKey).toStringList());
}

void MonitorSettings::setWatched(const QStringList &keys)
{
    m_settings.setValue(WatchedKey, keys);
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

void MonitorSettings::setRefreshInterval(std::chrono::milliseconds interval)
{
    m_settings.setValue(IntervalKey, int(interval.count()));
}

bool MonitorSettings::filterIsRegularExpression() const
{
    return m_settings.value(RegexKey, false).toBool();
}

void MonitorSettings::setFilterIsRegularExpression(bool on)
{
    m_settings.setValue(RegexKey, on);
}

bool MonitorSettings::detailsShown() const
{
    return m_settings.value(DetailsKey, true).toBool();
}

void MonitorSettings::setDetailsShown(bool shown)
{
    m_settings.setValue(DetailsKey, shown);
}

bool MonitorSettings::notifySwitch(const QString &name, bool byDefault) const
{
    return m_settings.value(NotifyGroup + name, byDefault).toBool();
}

void MonitorSettings::setNotifySwitch(const QString &name, bool on)
{
    m_settings.setValue(NotifyGroup + name, on);
}

QByteArray MonitorSettings::columns() const
{
    return m_settings.value(ColumnsKey).toByteArray();
}

void MonitorSettings::setColumns(const QByteArray &state)
{
    m_settings.setValue(ColumnsKey, state);
}

QByteArray MonitorSettings::windowGeometry() const
{
    return m_settings.value(GeometryKey).toByteArray();
}

void MonitorSettings::setWindowGeometry(const QByteArray &geometry)
{
    m_settings.setValue(GeometryKey, geometry);
}

QByteArray MonitorSettings::detailsLayout() const
{
    return m_settings.value(DetailsLayoutKey).toByteArray();
}

void MonitorSettings::setDetailsLayout(const QByteArray &state)
{
    m_settings.setValue(DetailsLayoutKey, state);
}

QByteArray MonitorSettings::splitter() const
{
    return m_settings.value(SplitterKey).toByteArray();
}

void MonitorSettings::setSplitter(const QByteArray &state)
{
    m_settings.setValue(SplitterKey, state);
}

} // namespace ExporterProxy
