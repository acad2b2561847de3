// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/showntext.h"

namespace ExporterProxy {

/// The former name of isUnsafe().
inline bool breaksLine(char32_t codePoint)
{
    return isUnsafe(codePoint);
}

} // namespace ExporterProxy
