// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"

namespace ExporterProxy {

/// The targets behind this port for Prometheus (prometheus.io/docs/prometheus/latest/http_sd): each
/// application, the expired ones too so that their `up` turns 0, with its name as the label `app`. `host` is
/// what Prometheus reaches this port by, `host:port`; it is written as it is and must need no escape.
///
/// `__metrics_path__` holds the name as it is, without percent signs: Prometheus takes the label for a path
/// that is not encoded yet, and encodes it itself.
QByteArray renderDiscovery(const AppView &view, QByteArrayView host);

} // namespace ExporterProxy
