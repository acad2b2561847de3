// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/apps/appslisting.h"
#include "gui/client/boottime.h"

#include <array>
#include <optional>
#include <QHash>
#include <QString>
#include <vector>

namespace ExporterProxy::Monitor {

/// An application that an alert tells of, or a daemon.
struct AlertedApp
{
    QString daemon; ///< key of its daemon
    QString name; ///< empty: the daemon itself
    QString reason; ///< its last error's, if it is failing or rejected; why the daemon does not answer
    AppState state = AppState::Fresh;

    bool operator==(const AlertedApp &) const = default;
};

/// What is to be told in one notification.
struct Alert
{
    enum class Kind : quint8 {
        Silence, ///< daemons do not answer
        Trouble, ///< applications got into a bad state
        AtStart, ///< applications were in one when their daemon was first seen
        Recovery, ///< applications that were told of are well again
        Answering, ///< daemons that were told of answer again
    };
    Kind kind = Kind::Trouble;
    std::vector<AlertedApp> apps; ///< never empty; the worst first, then by name
};

/// Decides what of the applications' states is worth a notification, and when. Knows no clock, no window and
/// no tray: what time it is, is said.
///
/// A state must have held before it is told, an application is not told of again until it was well for a
/// while, and what comes within a short time is told together: an outage of a hundred applications is one
/// notification, and one that flaps is none. What is bad already when a daemon is first seen is summed up
/// once. The same holds for daemons that do not answer.
class StateAlerts
{
public:
    using Time = BootClock::time_point;

    struct Policy
    {
        std::chrono::milliseconds hold{5'000}; ///< how long a bad state must last
        /// How long a daemon must not answer: it is asked again ever more slowly, and to start one anew, with
        /// the questions that fall into it, is no trouble.
        std::chrono::milliseconds silence{15'000};
        std::chrono::milliseconds gather{3'000}; ///< how long the first one due waits for company
        std::chrono::milliseconds calm{60'000}; ///< how long one must be well to be told of again
        std::array<bool, AppStateCount> told{false, true, true, true, true, true}; ///< by AppState
        bool tellsRecovery = false;
    };

    /// May be changed at any time; what is waiting follows the new one.
    Policy policy;

    /// The whole of what a daemon says of its applications. One that is no longer listed is forgotten.
    void update(const QString &daemon, const std::vector<AppRecord> &apps, Time now);
    /// Whether the daemon was asked and does not answer, and why not, translated. The same again changes
    /// nothing but the reason.
    void setSilent(const QString &daemon, bool silent, const QString &reason, Time now);
    void removeDaemon(const QString &daemon);

    /// What is to be told now; at most one of each kind, in the order of Alert::Kind, and not twice. Call it
    /// when nextDue() has come.
    std::optional<Alert> take(Time now);
    /// When take() is worth calling next, which may be early; nothing: not before the next update().
    std::optional<Time> nextDue() const;

private:
    struct Entry
    {
        AppState state = AppState::Fresh;
        bool isBad = false;
        bool isTold = false; ///< of the trouble that it is in, or was in lately
        bool isFirst = false; ///< bad when its daemon was first seen, not told of yet
        quint32 round = 0; ///< of the update that listed it last
        Time since; ///< isBad has this value
        QString reason;
    };
    using Entries = QHash<QString, Entry>;
    /// When an entry is ready to be told in an alert of that kind; nothing: it is not one for it.
    std::optional<Time> readyAt(const Entry &entry, Alert::Kind kind) const;
    std::optional<Time> firstReady(Alert::Kind kind) const;
    Alert collect(Alert::Kind kind, Time now);
    /// By daemon, what alerts of that kind are made of.
    const QHash<QString, Entries> &entriesFor(Alert::Kind kind) const;
    void noteState(Entry &entry, const AppRecord &app, Time now) const;
    void noteBad(Entry &entry, bool isBad, Time now) const;

    QHash<QString, Entries> m_daemons;
    QHash<QString, Entries> m_silence; ///< of daemons: one entry without a name
    quint32 m_round = 0;
};

/// How many applications a notification names; of the rest it says the number.
inline constexpr int MaxNamedApps = 3;

/// "2 applications went quiet", translated.
QString alertTitle(const Alert &alert);

/// "a, b, c and 9 more"; of a single application or daemon what is the matter with it. One line, and without
/// characters that a notification service would take for markup: names and reasons are foreign texts.
QString alertText(const Alert &alert);

} // namespace ExporterProxy::Monitor
