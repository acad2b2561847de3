// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <QByteArray>
#include <QStringList>

class QSettings;

namespace ExporterProxy {

/// What the monitor remembers from one start to the next, and under which keys. What is kept has been in a
/// file that anybody may have edited: values are checked when they are read.
///
/// Not kept: the text of the filter and the chips, because a filter forgotten over night hides what broke;
/// user names and passwords.
class MonitorSettings
{
public:
    /// `settings` must outlive it.
    explicit MonitorSettings(QSettings &settings);

    /// How many addresses the box of addresses offers: more is no choice but a search.
    static constexpr qsizetype MaxAddresses = 30;

    QStringList watched() const; ///< keys of daemons
    void setWatched(const QStringList &keys);
    QStringList addresses() const; ///< keys of daemons ever watched, the latest first
    void rememberAddress(const QString &key);
    void forgetAddress(const QString &key);

    std::chrono::milliseconds refreshInterval() const;
    void setRefreshInterval(std::chrono::milliseconds interval);

    bool filterIsRegularExpression() const;
    void setFilterIsRegularExpression(bool on);
    bool detailsShown() const;
    void setDetailsShown(bool shown);

    /// One of the switches of notifications, by a name of its own; what holds until it was ever set.
    bool notifySwitch(const QString &name, bool byDefault) const;
    void setNotifySwitch(const QString &name, bool on);

    QByteArray columns() const;
    void setColumns(const QByteArray &state);
    QByteArray windowGeometry() const;
    void setWindowGeometry(const QByteArray &geometry);
    QByteArray detailsLayout() const;
    void setDetailsLayout(const QByteArray &state);
    QByteArray splitter() const;
    void setSplitter(const QByteArray &state);

private:
    QSettings &m_settings;
};

} // namespace ExporterProxy
