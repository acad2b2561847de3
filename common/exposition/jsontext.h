// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

namespace ExporterProxy {

/// The most bytes that one byte of text becomes: "\u0000". Two more are the quotes.
inline constexpr std::size_t JsonGrowth = 6;

/// Writes a text as a JSON string (RFC 8259) with its quotes, into memory with room for JsonGrowth times its
/// size and the quotes, and returns the end. What is not UTF-8 becomes U+FFFD. `<`, `>`, `&` and the line
/// separators are escaped, so that it can stand within HTML and JavaScript.
char *putJsonString(char *out, QByteArrayView text);

} // namespace ExporterProxy
