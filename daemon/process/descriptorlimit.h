// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

namespace ExporterProxy {

/// Raises the soft limit of open descriptors to the hard one and returns it. The default soft limit of 1024
/// is a relic of select(2), which nothing here uses.
qint64 raiseDescriptorLimit();

/// How many connections each port may have.
struct ConnectionShares
{
    int receiver = 0; ///< each of the two
    int http = 0;
};

/// Shares out `descriptors`, less a reserve for everything else: never more than what is wanted, and to the
/// HTTP port no more than a quarter, because its connections are few and a push must not wait for room.
ConnectionShares shareDescriptors(qint64 descriptors, int wantedReceiver, int wantedHttp);

} // namespace ExporterProxy
