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

/// An application or a daemon in an alert.
struct AlertedApp
{
    QString daemon; ///< key of its daemon
    QString name; ///< empty for the daemon itself
    /// That of its last error if it is failing or rejected, the word of an unknown state, or the reason for
    /// the daemon's silence.
    QString reason;
    AppState state = AppState::Fresh;

    bool operator==(const AlertedApp &) const = default;
};

/// The content of one notification.
struct Alert
{
    enum class Kind : quint8 {
        Silence, ///< daemons do not answer
        Trouble, ///< applications got into a bad state
        AtStart, ///< applications were in a bad state when their daemon was first seen
        Recovery, ///< applications that were reported are well again
        Answering, ///< daemons that were reported answer again
    };
    Kind kind = Kind::Trouble;
    std::vector<AlertedApp> apps; ///< never empty; the worst first, then by name
};

/// Decides which states of applications are reported in notifications, and when. Uses no clock, window or
/// tray; the caller passes the time in.
///
/// A bad state must last for a while before it is reported, an application is not reported again until it was
/// well for a while, and states that begin within a short time are reported together: an outage of a hundred
/// applications is one notification, and a flapping one is none. States that are bad when a daemon is first
/// seen are reported once, together. The same rules apply to daemons that do not answer.
class StateAlerts
{
public:
    using Time = BootClock::time_point;

    struct Policy
    {
        std::chrono::milliseconds hold{5'000}; ///< how long a bad state must last
        /// How long a daemon must fail to answer. Long enough to restart a daemon, with the requests that
        /// fail meanwhile.
        std::chrono::milliseconds silence{15'000};
        std::chrono::milliseconds gather{3'000}; ///< how long the first one waits for further ones
        std::chrono::milliseconds calm{60'000}; ///< how long one must be well to be reported again
        std::array<bool, ListedStateCount> told{false, true, true, true, true, true, true}; ///< by AppState
        bool tellsRecovery = false;
    };

    /// May be changed at any time; waiting alerts follow the new policy.
    Policy policy;

    /// Updates the states from a whole listing of a daemon. Forgets applications that are no longer listed.
    void update(const QString &daemon, const std::vector<AppRecord> &apps, Time now);
    /// Says whether requests to the daemon fail, and why, translated. Repeating it changes only the reason.
    void setSilent(const QString &daemon, bool silent, const QString &reason, Time now);
    void removeDaemon(const QString &daemon);

    /// Returns the alert that is due, or nullopt; at most one of each kind, in the order of Alert::Kind. To
    /// be called repeatedly when nextDue() is reached.
    std::optional<Alert> take(Time now);
    /// The time for the next take(), which may be too early; nullopt if there is nothing before the next
    /// update().
    std::optional<Time> nextDue() const;

private:
    struct Entry
    {
        AppState state = AppState::Fresh;
        bool isBad = false;
        bool isTold = false; ///< the present or the last problem was reported
        bool isFirst = false; ///< bad when its daemon was first seen, and not reported yet
        quint32 round = 0; ///< number of the update that listed it last
        Time since; ///< when isBad got its value
        QString reason;
    };
    using Entries = QHash<QString, Entry>;
    /// The time from which an entry belongs into an alert of that kind; nullopt if it does not.
    std::optional<Time> readyAt(const Entry &entry, Alert::Kind kind) const;
    std::optional<Time> firstReady(Alert::Kind kind) const;
    Alert collect(Alert::Kind kind, Time now);
    /// The entries for alerts of that kind, by daemon.
    const QHash<QString, Entries> &entriesFor(Alert::Kind kind) const;
    void noteBad(Entry &entry, bool isBad, Time now) const;

    QHash<QString, Entries> m_daemons;
    QHash<QString, Entries> m_silence; ///< by daemon, with one entry without a name
    quint32 m_round = 0;
};

/// The applications that a notification names; it counts the rest.
inline constexpr int MaxNamedApps = 3;

/// Returns the title, translated: "2 applications went quiet".
QString alertTitle(const Alert &alert);

/// Returns the text, translated: "a, b, c and 9 more", or the problem of a single application or daemon. One
/// line without characters that a notification service would interpret as markup, because names and reasons
/// are foreign texts.
QString alertText(const Alert &alert);

} // namespace ExporterProxy::Monitor
