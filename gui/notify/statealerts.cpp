// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/notify/statealerts.h"

#include "common/util/showntext.h"
#include "gui/client/daemonaddress.h"
#include "gui/model/apptexts.h"

#include <algorithm>
#include <QCoreApplication>
#include <tuple>

namespace ExporterProxy::Monitor {

namespace {

/// In the order in which they are reported.
constexpr std::array AllKinds = {Alert::Kind::Silence, Alert::Kind::Trouble, Alert::Kind::AtStart,
                                 Alert::Kind::Recovery, Alert::Kind::Answering};

/// Enough to recognise a name or a reason in a bubble of a few lines.
constexpr qsizetype MaxShownPart = 80;

struct AlertTexts
{
    Q_DECLARE_TR_FUNCTIONS(AlertTexts)
};

/// The desktop's notification service may read the body as HTML (Desktop Notifications Specification,
/// "Markup"), or may not, so its special characters are replaced and not escaped.
QString harmless(const QString &foreign)
{
    QString text = escapedLine(foreign);
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

void StateAlerts::update(const QString &daemon, const std::vector<AppRecord> &apps, Time now)
{
    const bool isFirstListing = !m_daemons.contains(daemon);
    Entries &entries = m_daemons[daemon];
    ++m_round;
    for (const AppRecord &app : apps) {
        const auto known = entries.find(app.name);
        const bool isNew = known == entries.end();
        Entry &entry = isNew ? *entries.insert(app.name, Entry{}) : *known;
        if (isNew)
            entry.since = now;
        entry.round = m_round;
        entry.state = app.state;
        const bool hasReason = app.state == AppState::Failing || app.state == AppState::Rejected;
        entry.reason = hasReason ? app.lastErrorReason : app.stateWord;
        noteBad(entry, policy.told[std::size_t(app.state)], now);
        if (isNew)
            entry.isFirst = isFirstListing && entry.isBad;
    }
    if (entries.size() > qsizetype(apps.size()))
        entries.removeIf([this](const auto &entry) { return entry.value().round != m_round; });
}

void StateAlerts::setSilent(const QString &daemon, bool silent, const QString &reason, Time now)
{
    if (!silent && !m_silence.contains(daemon))
        return;
    Entry &entry = m_silence[daemon][QString()];
    entry.state = silent ? AppState::Failing : AppState::Fresh;
    entry.reason = reason;
    noteBad(entry, silent, now);
}

void StateAlerts::noteBad(Entry &entry, bool isBad, Time now) const
{
    if (isBad == entry.isBad)
        return;
    if (isBad && now - entry.since >= policy.calm)
        entry.isTold = false; // it was well for long enough, so this is a new problem
    entry.isBad = isBad;
    entry.isFirst = false;
    entry.since = now;
}

void StateAlerts::removeDaemon(const QString &daemon)
{
    m_daemons.remove(daemon);
    m_silence.remove(daemon);
}

std::optional<StateAlerts::Time> StateAlerts::readyAt(const Entry &entry, Alert::Kind kind) const
{
    switch (kind) {
    case Alert::Kind::Silence:
        if (entry.isBad && !entry.isTold)
            return entry.since + policy.silence;
        break;
    case Alert::Kind::Trouble:
        if (entry.isBad && !entry.isTold && !entry.isFirst)
            return entry.since + policy.hold;
        break;
    case Alert::Kind::AtStart:
        if (entry.isBad && entry.isFirst)
            return entry.since;
        break;
    case Alert::Kind::Recovery:
    case Alert::Kind::Answering:
        if (!entry.isBad && entry.isTold && policy.tellsRecovery)
            return entry.since + policy.calm;
        break;
    }
    return std::nullopt;
}

const QHash<QString, StateAlerts::Entries> &StateAlerts::entriesFor(Alert::Kind kind) const
{
    return kind == Alert::Kind::Silence || kind == Alert::Kind::Answering ? m_silence : m_daemons;
}

std::optional<StateAlerts::Time> StateAlerts::firstReady(Alert::Kind kind) const
{
    std::optional<Time> first;
    for (const Entries &entries : entriesFor(kind)) {
        for (const Entry &entry : entries) {
            const std::optional<Time> ready = readyAt(entry, kind);
            if (ready && (!first || *ready < *first))
                first = ready;
        }
    }
    return first;
}

std::optional<Alert> StateAlerts::take(Time now)
{
    for (const Alert::Kind kind : AllKinds) {
        const std::optional<Time> first = firstReady(kind);
        if (first && *first + policy.gather <= now)
            return collect(kind, now);
    }
    return std::nullopt;
}

std::optional<StateAlerts::Time> StateAlerts::nextDue() const
{
    std::optional<Time> next;
    for (const Alert::Kind kind : AllKinds) {
        const std::optional<Time> first = firstReady(kind);
        if (first && (!next || *first + policy.gather < *next))
            next = *first + policy.gather;
    }
    return next;
}

Alert StateAlerts::collect(Alert::Kind kind, Time now)
{
    Alert alert;
    alert.kind = kind;
    auto &entries = &entriesFor(kind) == &m_silence ? m_silence : m_daemons;
    for (auto daemon = entries.begin(); daemon != entries.end(); ++daemon) {
        for (auto app = daemon->begin(); app != daemon->end(); ++app) {
            const std::optional<Time> ready = readyAt(*app, kind);
            if (!ready || *ready > now)
                continue;
            app->isTold = app->isBad;
            app->isFirst = false;
            alert.apps.push_back({daemon.key(), app.key(), app->reason, app->state});
        }
    }
    std::sort(alert.apps.begin(), alert.apps.end(), [](const AlertedApp &a, const AlertedApp &b) {
        using Key = std::tuple<int, const QString &, const QString &>;
        return Key(-severity(a.state), a.name, a.daemon) < Key(-severity(b.state), b.name, b.daemon);
    });
    return alert;
}

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

} // namespace ExporterProxy::Monitor
