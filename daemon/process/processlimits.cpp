// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/process/processlimits.h"

#include <algorithm>
#include <cstdlib>
#include <malloc.h>
#include <sys/resource.h>

namespace ExporterProxy {

namespace {

/// Descriptors for everything but connections: listeners, epoll sets, event loops of threads, polls, files.
constexpr qint64 Reserve = 32;

} // namespace

qint64 raiseDescriptorLimit()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 1024;
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        limit.rlim_cur = before;
    return qint64(std::min<rlim_t>(limit.rlim_cur, 1 << 30));
}

ConnectionShares shareDescriptors(qint64 descriptors, int wantedReceiver, int wantedHttp)
{
    const qint64 room = std::max<qint64>(descriptors - Reserve, 4);
    const qint64 http = std::min<qint64>(wantedHttp, room / 4);
    const qint64 receiver = std::min<qint64>(wantedReceiver, (room - http) / 2);
    return {.receiver = int(receiver), .http = int(http)};
}

void tuneAllocator()
{
#if defined(__GLIBC__)
    // Larger texts are rare, and holes of their size in the heap would be expensive.
    constexpr int MappedFrom = 4 << 20;
    // Free memory at the end of the heap that is not returned to the system: several texts of that size.
    constexpr int KeptFree = 16 << 20;
    mallopt(M_MMAP_THRESHOLD, MappedFrom);
    mallopt(M_TRIM_THRESHOLD, KeptFree);
    // Two arenas instead of eight per core, so that threads reuse the memory that others freed.
    mallopt(M_ARENA_MAX, 2);
#endif
}

} // namespace ExporterProxy
