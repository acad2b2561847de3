// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <QByteArray>

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

} // namespace ExporterProxy
