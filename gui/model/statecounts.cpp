// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/statecounts.h"

#include "gui/model/apptexts.h"

#include <QCoreApplication>
#include <QStringList>

namespace ExporterProxy::Monitor {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(StateCounts)
};

/// Does not use the plural forms of translations, because English has none unless its translation is
/// installed.
QString counted(int number, const QString &one, const QString &many)
{
    return number == 1 ? one : many.arg(AppTexts::number(number));
}

QStringList alarms(const StateCounts &counts, int silentDaemons)
{
    QStringList parts;
    for (std::size_t i = AppStateCount; i-- > 1;)
        if (const int count = counts.byState[i]; count > 0)
            //: A number and a state: "2 late"
            parts << Words::tr("%1 %2").arg(AppTexts::number(count), AppTexts::state(AppState(i)));
    if (silentDaemons > 0)
        parts << counted(silentDaemons, Words::tr("1 daemon does not answer"),
                         Words::tr("%1 daemons do not answer"));
    return parts;
}

} // namespace

std::optional<AppState> worstState(const StateCounts &counts)
{
    for (std::size_t i = AppStateCount; i-- > 0;)
        if (counts.byState[i] > 0)
            return AppState(i);
    return {};
}

QString summaryText(const StateCounts &counts, int silentDaemons)
{
    QStringList parts = alarms(counts, silentDaemons);
    if (parts.isEmpty() && counts.total() > 0)
        parts << Words::tr("all fresh");
    parts.prepend(counted(counts.total(), Words::tr("1 application"), Words::tr("%1 applications")));
    return parts.join(QStringLiteral(" · "));
}

QString alarmText(const StateCounts &counts, int silentDaemons)
{
    return alarms(counts, silentDaemons).join(QStringLiteral(", "));
}

} // namespace ExporterProxy::Monitor
