// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <QByteArray>
#include <QSettings>
#include <QStringList>

namespace ExporterProxy::Monitor {

/// The values that the monitor remembers from one start to the next, and their keys. A user may have edited
/// the file, so values are checked when they are read.
///
/// The text of the filter and the chips are not kept, because a forgotten filter hides new problems; neither
/// are user names and passwords.
class MonitorSettings
{
public:
    /// `settings` must outlive this object.
    explicit MonitorSettings(QSettings &settings)
        : m_settings(settings)
    {
    }

    /// The number of addresses in the box; more would be too many to choose from.
    static constexpr qsizetype MaxAddresses = 30;

    QStringList watched() const; ///< keys of daemons
    void setWatched(const QStringList &keys) { m_settings.setValue(WatchedKey, keys); }
    QStringList addresses() const; ///< keys of the daemons that were watched, the latest first
    void rememberAddress(const QString &key);
    void forgetAddress(const QString &key);

    std::chrono::milliseconds refreshInterval() const;
    void setRefreshInterval(std::chrono::milliseconds interval)
    {
        m_settings.setValue(IntervalKey, int(interval.count()));
    }

    bool filterIsRegularExpression() const { return isOn(RegexKey, false); }
    void setFilterIsRegularExpression(bool on) { m_settings.setValue(RegexKey, on); }
    bool detailsShown() const { return isOn(DetailsKey, true); }
    void setDetailsShown(bool shown) { m_settings.setValue(DetailsKey, shown); }

    /// One of the switches of notifications, by its name; `byDefault` until it was set once.
    bool notifySwitch(const QString &name, bool byDefault) const
    {
        return isOn(NotifyGroup + name, byDefault);
    }
    void setNotifySwitch(const QString &name, bool on) { m_settings.setValue(NotifyGroup + name, on); }

    // States of widgets, which check them when they are restored.
    QByteArray columns() const { return bytes(ColumnsKey); }
    void setColumns(const QByteArray &state) { m_settings.setValue(ColumnsKey, state); }
    QByteArray windowGeometry() const { return bytes(GeometryKey); }
    void setWindowGeometry(const QByteArray &geometry) { m_settings.setValue(GeometryKey, geometry); }
    QByteArray detailsLayout() const { return bytes(DetailsLayoutKey); }
    void setDetailsLayout(const QByteArray &state) { m_settings.setValue(DetailsLayoutKey, state); }
    QByteArray splitter() const { return bytes(SplitterKey); }
    void setSplitter(const QByteArray &state) { m_settings.setValue(SplitterKey, state); }

private:
    static constexpr QLatin1StringView WatchedKey{"daemons/watched"};
    static constexpr QLatin1StringView AddressesKey{"daemons/addresses"};
    static constexpr QLatin1StringView IntervalKey{"daemons/refreshMilliseconds"};
    static constexpr QLatin1StringView RegexKey{"filter/regularExpression"};
    static constexpr QLatin1StringView DetailsKey{"window/detailsShown"};
    static constexpr QLatin1StringView DetailsLayoutKey{"window/details"};
    static constexpr QLatin1StringView NotifyGroup{"notifications/"};
    static constexpr QLatin1StringView ColumnsKey{"table/columns"};
    static constexpr QLatin1StringView GeometryKey{"window/geometry"};
    static constexpr QLatin1StringView SplitterKey{"window/splitter"};

    bool isOn(const QString &key, bool byDefault) const { return m_settings.value(key, byDefault).toBool(); }
    QByteArray bytes(const QString &key) const { return m_settings.value(key).toByteArray(); }

    QSettings &m_settings;
};

} // namespace ExporterProxy::Monitor
