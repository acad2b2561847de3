// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

namespace ExporterProxy {

/// Who is at the other end of a connected socket, for a log line: "127.0.0.1:50000", "[::1]:50000", or for a
/// Unix socket "pid 123, uid 1000" as the kernel recorded it at connect().
QByteArray peerName(int descriptor);

} // namespace ExporterProxy
