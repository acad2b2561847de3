// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/timestamp.h"

#include <optional>
#include <QByteArray>

// Small texts that HTTP responses and the landing page are made of. All pure.

namespace ExporterProxy {

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7), whatever the locale.
QByteArray httpDate(Timestamp time);

/// "1994-11-06 08:49:37 UTC"
QByteArray utcText(Timestamp time);

/// How long something took, as people say it: "3 min 5 s", the two largest units. Not below 0.
QByteArray ageText(std::chrono::seconds age);

/// An application's name in quotes as a sentence may hold it; percent-encoded and cut if it cannot be one.
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

} // namespace ExporterProxy
