// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>

// Reading of the request headers that choose between forms of one resource (RFC 9110, sections 12.5
// and 13.1). Clients send invalid weights (Prometheus 2.49.0: `q=2`): a weight over 1 counts as 1, an element
// whose weight cannot be read is passed over, nothing is ever an error.

namespace ExporterProxy {

/// Whether a body may be sent with `Content-Encoding: gzip`, by the value of `Accept-Encoding`.
bool acceptsGzip(QByteArrayView acceptEncoding);

/// Whether JSON is wanted rather than plain text, by the value of `Accept`: only if `application/json` or
/// `application/*` is named and weighs no less than `text/plain`. A browser's `*/*` gets the text.
bool prefersJson(QByteArrayView accept);

/// Whether the value of `If-None-Match` covers the entity tag (with its quotes). Weak comparison.
bool etagMatches(QByteArrayView ifNoneMatch, QByteArrayView etag);

/// Whether a comma-separated list, as in `Connection`, holds the token. Case does not matter.
bool listHolds(QByteArrayView list, QByteArrayView token);

} // namespace ExporterProxy
