// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/summary.h"

#include "gui/model/apptexts.h"

#include <QCoreApplication>
#include <QStringList>

namespace ExporterProxy {

namespace {

QString counted(int number, const char *one, const char *many)
{
    // Not the plural form of a translation: without one, in English, it would not be chosen.
    return number == 1 ? QCoreApplication::translate("Summary", one)
                       : QCoreApplication::translate("Summary", many).arg(AppTexts::number(number));
}

QStringList alarms(const StateCounts &counts, int silentDaemons)
{
    QStringList parts;
    const auto tell = [&parts](int count, AppState state, const QString &word) {
        if (count > 0)
            //: A number and a state: "2 late"
            parts << QCoreApplication::translate("Summary", "%1 %2")
                         .arg(AppTexts::number(count), AppTexts::state(state, word));
    };
    for (std::size_t i = AppStateCount; i-- > 1;)
        tell(counts.byState[i], AppState(i), {});
    tell(counts[AppState::Unknown], AppState::Unknown, counts.unknownWord());
    if (silentDaemons > 0)
        parts << counted(silentDaemons, QT_TRANSLATE_NOOP("Summary", "1 daemon does not answer"),
                         QT_TRANSLATE_NOOP("Summary", "%1 daemons do not answer"));
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
        parts << QCoreApplication::translate("Summary", "all fresh");
    parts.prepend(counted(counts.total(), QT_TRANSLATE_NOOP("Summary", "1 application"),
                          QT_TRANSLATE_NOOP("Summary", "%1 applications")));
    return parts.join(QStringLiteral(" · "));
}

QString alarmText(const StateCounts &counts, int silentDaemons)
{
    return alarms(counts, silentDaemons).join(QStringLiteral(", "));
}

} // namespace ExporterProxy
