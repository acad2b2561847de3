// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <QByteArray>
#include <QByteArrayView>

// The small texts of HTTP requests and responses. All functions are pure.

namespace ExporterProxy {

/// Returns an application's name in quotes for use in a sentence; an overlong one is cut.
QByteArray shownName(QByteArrayView name);

/// Returns whether a Host header names a host, with or without a port (RFC 3986, section 3.2.2, without
/// percent signs and unusual marks). Such a text needs no escape in JSON, nor anywhere else.
bool isUsableHost(QByteArrayView host);

/// Returns the value of a pair "key=value" of a query, or nullopt if it has another key
/// (application/x-www-form-urlencoded, where "+" is a space). Prometheus writes its `params` like this.
std::optional<QByteArray> formValue(QByteArrayView pair, QByteArrayView key);

/// Returns the reason phrase of a status that this daemon sends.
QByteArrayView reasonPhrase(int status);

/// Escapes UTF-8 for HTML text and for attributes in double quotes.
QByteArray htmlEscaped(QByteArrayView text);

/// Returns whether a body may be sent with `Content-Encoding: gzip`, by the value of `Accept-Encoding`.
bool acceptsGzip(QByteArrayView acceptEncoding);

/// Returns whether JSON is preferred to plain text, by the value of `Accept`: only if `application/json` or
/// `application/*` is named and weighs no less than `text/plain`. A browser's `*/*` gets the text.
bool prefersJson(QByteArrayView accept);

/// Returns whether OpenMetrics is preferred to the text format, by the value of `Accept`: only if
/// `application/openmetrics-text` is named and weighs no less than `text/plain`.
bool prefersOpenMetrics(QByteArrayView accept);

/// Returns whether the value of `If-None-Match` matches the entity tag (with its quotes). Weak comparison.
bool etagMatches(QByteArrayView ifNoneMatch, QByteArrayView etag);

/// Returns whether a field's name, or a word of its value, is the wanted one, in any case of letters.
inline bool isNamed(QByteArrayView name, QByteArrayView wanted)
{
    return name.size() == wanted.size() && name.compare(wanted, Qt::CaseInsensitive) == 0;
}

/// Returns the size of the head of a message that begins the bytes, with the empty line that ends it; -1 if
/// that line has not come. The line is looked for from `from` on.
qsizetype headSize(QByteArrayView bytes, qsizetype from);

/// Returns whether a comma-separated list, as in `Connection`, contains the token, in any case of letters.
bool listHolds(QByteArrayView list, QByteArrayView token);

} // namespace ExporterProxy
