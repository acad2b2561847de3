// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstring>
#include <QString>

namespace ExporterProxy {

/// The system's words for a value of errno, in lower case as in the middle of a sentence: "no such
/// file or directory". Any thread.
inline QString errorText(int error)
{
    return QString::fromLocal8Bit(strerrordesc_np(error)).toLower();
}

} // namespace ExporterProxy
