// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <QByteArray>
#include <QByteArrayView>

// Small texts that HTTP responses and the landing page are made of. All pure.

namespace ExporterProxy {

/// An application's name in quotes as a sentence may hold it, cut if it cannot be one.
QByteArray shownName(QByteArrayView name);

/// Whether a Host header names a host, with or without a port (RFC 3986, section 3.2.2, without percent signs
/// and the marks nobody uses). Such a text needs no escape in JSON, nor anywhere else.
bool isUsableHost(QByteArrayView host);

/// The value of a pair "key=value" of a query, if it is that key's (application/x-www-form-urlencoded, where
/// "+" is a space). Prometheus writes its `params` like this.
std::optional<QByteArray> formValue(QByteArrayView pair, QByteArrayView key);

/// The reason phrase of a status that this daemon answers with.
QByteArrayView reasonPhrase(int status);

/// UTF-8 made safe for HTML text and for attributes in double quotes.
QByteArray htmlEscaped(QByteArrayView text);

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
