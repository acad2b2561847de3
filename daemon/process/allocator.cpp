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
