// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>

namespace ExporterProxy {

/// Whether the server takes this as a sample's value: what Go's strconv.ParseFloat takes, but for hexadecimal
/// and underscored numbers, which the server refuses. A number too large for a double is refused, one too
/// small is 0. Knows no locale.
bool isSampleValue(QByteArrayView text) noexcept;

/// Whether the server takes this as a timestamp: digits only, within an int64.
bool isTimestamp(QByteArrayView text) noexcept;

} // namespace ExporterProxy
