// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

namespace ExporterProxy {

/// How an application's text reaches the proxy.
enum class SourceKind : quint8 { Push, Poll };

} // namespace ExporterProxy
