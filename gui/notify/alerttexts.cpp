// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/notify/alerttexts.h"

#include "gui/client/daemonaddress.h"
#include "gui/model/apptexts.h"

#include <algorithm>
#include <QCoreApplication>

namespace ExporterProxy {

namespace {

/// Enough to recognise a name or a reason in a bubble of a few lines.
constexpr qsizetype MaxShownPart = 80;

struct AlertTexts
{
    Q_DECLARE_TR_FUNCTIONS(AlertTexts)
};

/// The desktop's notification service may read the body as HTML (Desktop Notifications Specification,
/// "Markup"), or may not: what would mean something in it is replaced and not escaped.
QString harmless(const QString &foreign)
{
    QString text = AppTexts::oneLine(foreign);
    if (text.size() > MaxShownPart) {
        text.truncate(MaxShownPart - 1);
        if (text.back().isHighSurrogate())
            text.chop(1);
        text += QChar(0x2026); // an ellipsis
    }
    return text.replace(u'<', QChar(0x2039)).replace(u'>', QChar(0x203A)).replace(u'&', QChar(0xFF06));
}

QString shownName(const AlertedApp &app)
{
    return harmless(app.name.isEmpty() ? DaemonAddress::shortName(app.daemon) : app.name);
}

bool isQuiet(AppState state)
{
    return state == AppState::Late || state == AppState::Stale || state == AppState::Expired;
}

template<typename Holds>
bool allAre(const Alert &alert, Holds holds)
{
    return std::all_of(alert.apps.begin(), alert.apps.end(),
                       [&holds](const AlertedApp &app) { return holds(app.state); });
}

} // namespace

QString alertTitle(const Alert &alert)
{
    const int count = int(alert.apps.size());
    if (alert.kind == Alert::Kind::Silence)
        return AlertTexts::tr("%n daemon(s) do not answer", nullptr, count);
    if (alert.kind == Alert::Kind::Answering)
        return AlertTexts::tr("%n daemon(s) answer again", nullptr, count);
    if (alert.kind == Alert::Kind::Recovery)
        return AlertTexts::tr("%n application(s) well again", nullptr, count);
    if (alert.kind == Alert::Kind::AtStart)
        return AlertTexts::tr("%n application(s) not well at present", nullptr, count);
    if (allAre(alert, isQuiet))
        return AlertTexts::tr("%n application(s) went quiet", nullptr, count);
    if (allAre(alert, [](AppState state) { return state == AppState::Failing; }))
        return AlertTexts::tr("Polling %n application(s) fails", nullptr, count);
    if (allAre(alert, [](AppState state) { return state == AppState::Rejected; }))
        return AlertTexts::tr("Pushes of %n application(s) are refused", nullptr, count);
    if (allAre(alert, [](AppState state) { return state == AppState::Unknown; }))
        return AlertTexts::tr("%n application(s) in a state that is not known here", nullptr, count);
    return AlertTexts::tr("%n application(s) in trouble", nullptr, count);
}

QString alertText(const Alert &alert)
{
    if (alert.apps.size() == 1) {
        const AlertedApp &app = alert.apps.front();
        if (alert.kind == Alert::Kind::Answering)
            return shownName(app);
        const QString what = app.reason.isEmpty() ? AppTexts::state(app.state) : harmless(app.reason);
        return AlertTexts::tr("%1: %2", "application and its state or error").arg(shownName(app), what);
    }
    QStringList names;
    for (const AlertedApp &app : alert.apps) {
        if (names.size() == MaxNamedApps)
            break;
        names += shownName(app);
    }
    const QString list = names.join(QStringLiteral(", "));
    const int others = int(alert.apps.size()) - int(names.size());
    return others == 0 ? list : AlertTexts::tr("%1 and %n more", nullptr, others).arg(list);
}

} // namespace ExporterProxy
