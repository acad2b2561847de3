// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ExporterProxy::Bench {

/// What is pushed.
enum class MessageFormat {
    JsonString, ///< {"app": "text"}
    JsonArray, ///< {"app": ["line", …]}
    CapnProto, ///< one InboundMetrics message in the standard stream framing
    HttpPut, ///< a request of Pushgateway's API
};

/// The application of that number: "bench_00042".
std::string appName(long number);

/// A page of metrics as client libraries write them: families of ten series under HELP and TYPE, names that
/// begin with the application's. Exactly `size` bytes, the last one a newline. Another `salt` changes every
/// value and nothing else.
std::string metricsText(std::string_view app, std::size_t size, unsigned salt);

/// The bytes that push the text.
std::string encodePush(MessageFormat format, std::string_view app, std::string_view text);

} // namespace ExporterProxy::Bench
