// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settings.h"

namespace ExporterProxy {

/// The names of a polled endpoint on the pages and in the log, without the URL's user and password.
struct PollEndpointName
{
    QByteArray name; ///< of the application, UTF-8: the configured name, or else the source
    QByteArray source; ///< "external_poll: host:port", longer where endpoints share these

    bool operator==(const PollEndpointName &) const = default;
};

/// Returns the names of the endpoints, in their order. Host and port are written as in the URL; a missing
/// port is the scheme's. If endpoints share both, their paths are appended. Of those that differ in nothing but
/// the query, which is in no name because it can be a secret, the second gets " #2", and so on. The URLs must be http or https URLs with a host.
QList<PollEndpointName> pollEndpointNames(const QList<PollEndpoint> &endpoints);

} // namespace ExporterProxy
