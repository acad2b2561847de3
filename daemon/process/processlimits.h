// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

namespace ExporterProxy {

/// Raises the soft limit of open descriptors to the hard one and returns it. The default soft limit of 1024
/// exists for select(2), which is not used here.
qint64 raiseDescriptorLimit();

/// The most connections of each port.
struct ConnectionShares
{
    int receiver = 0; ///< of each of the two receivers
    int http = 0;
};

/// Distributes `descriptors`, less a reserve for everything else, among the ports. None gets more than it
/// wants, and the HTTP port at most a quarter: it has few connections, and a push must not wait for room.
ConnectionShares shareDescriptors(qint64 descriptors, int wantedReceiver, int wantedHttp);

/// Makes the allocator keep the memory of freed texts for the next push. By default a text of more than 128
/// KiB is mapped and unmapped each time, and the page faults cost more than decoding it. Call once, early.
void tuneAllocator();

} // namespace ExporterProxy
