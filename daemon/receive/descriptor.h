// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/descriptor.h"

#include <poll.h>

namespace ExporterProxy {

/// Whether there is something to read or to accept, or the other side has closed.
inline bool isReadable(int descriptor)
{
    pollfd waiting{descriptor, POLLIN, 0};
    return ::poll(&waiting, 1, 0) > 0;
}

} // namespace ExporterProxy
