// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <QtGlobal>

namespace ExporterProxy {

/// What one client may cost. QHttpServer itself has no limit on any of these (on 6.4 to 6.9).
struct HttpLimits
{
    /// Open connections; the next one is answered 503. A host has a few scrapers and
    /// monitors; this is room for all of a large site that found the page.
    int maxConnections = 2048;
    /// Bytes of a request, head and body together: 200 MiB of header would cost QHttpServer 420 MiB.
    /// 16 KiB is twice what common servers take for a head.
    qsizetype maxRequestSize = 16 * 1024;
    /// Unfinished responses of one connection. Real clients wait for each answer; one that sends request
    /// upon request without reading would pin a page of its own for each.
    int maxQueuedResponses = 16;
    /// From a request's first byte to its last.
    std::chrono::milliseconds requestTimeout{10'000};
    /// Between requests. Prometheus keeps idle connections for 5 minutes: the client must be the one that
    /// closes, because a close that crosses a request on the wire is a failed scrape.
    std::chrono::milliseconds idleTimeout{330'000};
    /// The longest a reader may take nothing at all while a response waits for it.
    std::chrono::milliseconds stallTimeout{60'000};
    /// Bytes a second a reader must take on the average, beyond one stallTimeout: a client that drips a byte
    /// now and then would hold an outdated page of 100 MB in memory for days.
    qint64 minReadRate = 16 * 1024;
    /// How long input is read away after the last response, so that closing does not reset the connection
    /// under a response which the client has not read yet (RFC 9112, section 9.6).
    std::chrono::milliseconds lingerTimeout{2'000};
};

} // namespace ExporterProxy
