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
    const auto tell = [&parts](int count, AppState state, const QString &word) {
        if (count > 0)
            //: A number and a state: "2 late"
            parts << Words::tr("%1 %2").arg(AppTexts::number(count), AppTexts::state(state, word));
    };
    for (std::size_t i = AppStateCount; i-- > 1;)
        tell(counts.byState[i], AppState(i), {});
    tell(counts[AppState::Unknown], AppState::Unknown, counts.unknownWord());
    if (silentDaemons > 0)
        parts << counted(silentDaemons, Words::tr("1 daemon does not answer"),
                         Words::tr("%1 daemons do not answer"));
    return parts;
}

} // namespace

std::optional<AppState> worstState(const StateCounts &counts)
{
    std::optional<AppState> worst;
    for (std::size_t i = 0; i < ListedStateCount; ++i)
        if (counts.byState[i] > 0 && (!worst || severity(AppState(i)) > severity(*worst)))
            worst = AppState(i);
    return worst;
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
