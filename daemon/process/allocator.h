// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace ExporterProxy {

/// Makes the allocator keep the memory of freed texts for the next push. By default a text of more than 128
/// KiB is mapped and unmapped each time, and the page faults cost more than decoding it. Call once, early.
void tuneAllocator();

} // namespace ExporterProxy
