// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/timestamp.h"
#include "gui/client/boottime.h"

#include <QString>

namespace ExporterProxy {

/// How it stands with a daemon that is watched.
struct DaemonState
{
    enum class Kind : quint8 {
        Stopped, ///< nobody watches
        Connecting, ///< asked, and no answer yet: the first time, or again after a failure
        Connected, ///< the last question was answered well
        Waiting, ///< the last question failed; the next one is due at retryAt
        Failed, ///< and asking again would not help: it takes a user name and password
    };

    Kind kind = Kind::Stopped;
    /// Why the last question failed, translated, a sentence without a full stop: "connection refused", "not
    /// an exporter-proxy: not JSON: …". Empty while all is well; stays while Connecting again.
    QString reason;
    BootClock::time_point retryAt; ///< in Waiting
    Timestamp lastAnswer = Never; ///< this host's clock at the last good answer; Never: none yet
    int failures = 0; ///< in a row

    /// Whether what was listed last still holds.
    bool isCurrent() const { return kind == Kind::Connected; }

    /// Whether it was asked and did not answer well. Not so one that was not asked yet, or is not asked now.
    bool isSilent() const { return failures > 0 && kind != Kind::Connected && kind != Kind::Stopped; }

    bool operator==(const DaemonState &) const = default;
};

} // namespace ExporterProxy
