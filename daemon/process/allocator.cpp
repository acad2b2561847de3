// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/process/allocator.h"

#include <cstdlib>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace ExporterProxy {

void tuneAllocator()
{
#if defined(__GLIBC__)
    // Larger texts are rare, and holes of that size in the heap would be costly.
    constexpr int MappedFrom = 4 << 20;
    // What may lie free at the heap's end before it goes back to the system: several texts of that size.
    constexpr int KeptFree = 16 << 20;
    mallopt(M_MMAP_THRESHOLD, MappedFrom);
    mallopt(M_TRIM_THRESHOLD, KeptFree);
    // One arena for each thread that allocates, not eight for each core: memory freed by one is of use to
    // others.
    mallopt(M_ARENA_MAX, 2);
#endif
}

} // namespace ExporterProxy
