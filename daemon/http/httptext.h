// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/timestamp.h"

#include <QByteArray>

// Small texts that HTTP responses and the landing page are made of. All pure.

namespace ExporterProxy {

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7), whatever the locale.
QByteArray httpDate(Timestamp time);

/// "1994-11-06 08:49:37 UTC"
QByteArray utcText(Timestamp time);

/// The reason phrase of a status that this daemon answers with.
QByteArrayView reasonPhrase(int status);

/// UTF-8 made safe for HTML text and for attributes in double quotes.
QByteArray htmlEscaped(QByteArrayView text);

} // namespace ExporterProxy
