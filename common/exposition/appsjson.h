// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/merge/mergereport.h"
#include "common/model/appsnapshot.h"

#include <QByteArray>
#include <span>

namespace ExporterProxy {

/// The JSON of `/apps` (RFC 8259): the moment, the model's generation, the daemon's version and start, and
/// each application in the view's order; of one that `reports`, ordered likewise, tells of, what is shown
/// otherwise than it was sent, as "conflicts". Valid whatever bytes names, sources and reasons hold: what is
/// not UTF-8 becomes U+FFFD. `<`, `>`, `&` and the line separators are escaped, so that it can stand within
/// HTML and JavaScript. Times are RFC 3339 in UTC; what is not known is null.
QByteArray renderAppsJson(const AppView &view, Timestamp now, Timestamp started,
                          std::span<const MergeReport> reports = {});

/// The ETag (RFC 9110, with its quotes) of that JSON. Changes with the generation, with any state that time
/// alone has changed, and with `since`, when the daemon began to show applications as it does: at its start,
/// or at a reload. Not with the ages, which readers count on by themselves. `outdated` is another number for
/// each state of the model that the reports may be about instead of the view's, or 0.
QByteArray appsEtag(const AppView &view, Timestamp now, Timestamp since, quint64 outdated = 0);

/// A number that differs whenever the state of an application does, for what is derived from the states and
/// kept. The view's applications must be the same: it knows states, not names.
quint64 appStatesDigest(const AppView &view, Timestamp now);

/// The targets behind this port for Prometheus (prometheus.io/docs/prometheus/latest/http_sd): each
/// application, the expired ones too so that their `up` turns 0, with its name as the label `app`. `host` is
/// the address by which Prometheus reaches this port, `host:port`. It is written as it is and must need no
/// escape.
///
/// `__metrics_path__` holds the name as it is, without percent signs: Prometheus takes the label for a path
/// that is not encoded yet, and encodes it itself.
QByteArray renderDiscovery(const AppView &view, QByteArrayView host);

} // namespace ExporterProxy
