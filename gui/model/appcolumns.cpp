// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/appcolumns.h"

#include <array>
#include <QCoreApplication>

namespace ExporterProxy::Monitor {

namespace {

/// By AppColumn.
constexpr std::array<ColumnInfo, AppColumnCount> Columns = {{
    {QT_TRANSLATE_NOOP("AppColumn", "State"),
     QT_TRANSLATE_NOOP("AppColumn", "How it stands with the application, as its daemon judges it"),
     QLatin1StringView("state"), 13},
    {QT_TRANSLATE_NOOP("AppColumn", "Application"),
     QT_TRANSLATE_NOOP("AppColumn", "The name that the application sends its metrics under"),
     QLatin1StringView("application"), 30},
    {QT_TRANSLATE_NOOP("AppColumn", "Source"),
     QT_TRANSLATE_NOOP("AppColumn",
                       "Where the metrics come in: an address or a socket, or the endpoint that is polled"),
     QLatin1StringView("source"), 32},
    {QT_TRANSLATE_NOOP("AppColumn", "Last update"),
     QT_TRANSLATE_NOOP("AppColumn", "How long ago the last metrics came"), QLatin1StringView("last_update"),
     18, true},
    {QT_TRANSLATE_NOOP("AppColumn", "Interval"),
     QT_TRANSLATE_NOOP("AppColumn", "The application's rhythm: usual time between two updates"),
     QLatin1StringView("interval_seconds"), 11, true},
    {QT_TRANSLATE_NOOP("AppColumn", "Size"), QT_TRANSLATE_NOOP("AppColumn", "Size of the metrics text"),
     QLatin1StringView("bytes"), 11, true},
    {QT_TRANSLATE_NOOP("AppColumn", "Series"),
     QT_TRANSLATE_NOOP("AppColumn", "Number of samples in the metrics text"), QLatin1StringView("series"), 11,
     true},
    {QT_TRANSLATE_NOOP("AppColumn", "Updates"),
     QT_TRANSLATE_NOOP("AppColumn", "Updates taken since the daemon was started"),
     QLatin1StringView("updates"), 11, true},
    {QT_TRANSLATE_NOOP("AppColumn", "Rejected"),
     QT_TRANSLATE_NOOP("AppColumn", "Pushes refused, or polls failed, since the daemon was started"),
     QLatin1StringView("rejected"), 11, true},
    {QT_TRANSLATE_NOOP("AppColumn", "History"),
     QT_TRANSLATE_NOOP("AppColumn",
                       "The last updates on an axis of time that ends now: a missed rhythm is a gap"),
     {},
     24},
    {QT_TRANSLATE_NOOP("AppColumn", "Daemon"),
     QT_TRANSLATE_NOOP("AppColumn", "The daemon that told of the application"), QLatin1StringView("daemon"),
     18},
}};

} // namespace

QString ColumnInfo::title() const
{
    return QCoreApplication::translate("AppColumn", titleText);
}

QString ColumnInfo::meaning() const
{
    return QCoreApplication::translate("AppColumn", meaningText);
}

const ColumnInfo &columnInfo(AppColumn column)
{
    return Columns[std::size_t(column)];
}

} // namespace ExporterProxy::Monitor
