// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <QtGlobal>

namespace ExporterProxy {

/// The limits for one client of the HTTP port.
struct HttpLimits
{
    /// Open connections; the one of least use gives way to the next, which is answered 503 if all are being
    /// answered. A host has a few scrapers and monitors; this is room
    /// for all of a large site that found the page.
    int maxConnections = 2048;
    /// Bytes of a request's head: twice what common servers accept.
    qsizetype maxHeadSize = 16 * 1024;
    /// From a request's first byte to its last.
    std::chrono::milliseconds requestTimeout{10'000};
    /// Between requests. Prometheus keeps idle connections for 5 minutes: the client must be the one that
    /// closes, because a close that crosses a request on the wire is a failed scrape.
    std::chrono::milliseconds idleTimeout{330'000};
    /// In each such time a reader must take as much as minReadRate says: one that takes nothing, and one that
    /// drips a byte now and then, would hold an outdated page of 100 MB in memory for days. Longer than a
    /// connection takes to recover from half a minute of lost packets.
    std::chrono::milliseconds stallTimeout{30'000};
    /// Bytes a second. The slowest line that anybody scrapes over has some 50 KiB/s; a scraper whose line has
    /// less than this would wait for minutes for a page of 1 MB.
    qint64 minReadRate = 16 * 1024;
    /// A reader that has taken something in this time is not dropped for the memory that its page takes up,
    /// as long as there is another that has not: it is reading, however slow its line or its machine is.
    std::chrono::milliseconds readerGrace{1'000};
    /// How long a scraper waits at most until what has changed is compressed, some 80 MB of text in that
    /// time; then the page comes plain. Scrapers give up after seconds.
    std::chrono::milliseconds compressionWait{250};
    /// How long input is read away after the last response is with the client, so that closing does not reset
    /// the connection under a response that it has not read yet (RFC 9112, section 9.6).
    std::chrono::milliseconds lingerTimeout{2'000};
    /// How much of it: what is under way when a request is refused for its size, with room to spare.
    qint64 maxLingerBytes = 16 * 1024 * 1024;
};

} // namespace ExporterProxy
