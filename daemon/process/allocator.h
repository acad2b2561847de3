// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace ExporterProxy {

/// Has the allocator keep memory for texts that come and go with every push. By default a text of more than
/// 128 KiB is mapped and unmapped each time, and each of its pages costs a fault: more than decoding it. Call
/// once, early.
void tuneAllocator();

} // namespace ExporterProxy
