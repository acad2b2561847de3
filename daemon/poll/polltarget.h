// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settings.h"

#include <QByteArray>

namespace ExporterProxy {

/// One endpoint to poll, with everything that is derived from the rest of the configuration filled in.
struct PollTarget
{
    PollEndpoint endpoint; ///< interval and timeout above 0
    QByteArray name; ///< the application's name; differs for any two targets
    QByteArray source; ///< "external_poll: host:port", as /apps shows it
    bool allowInvalidCerts = false; ///< whoever answers is believed to be the one meant

    bool operator==(const PollTarget &) const = default;
};

} // namespace ExporterProxy
