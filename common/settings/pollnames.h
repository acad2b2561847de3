// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settings.h"

namespace ExporterProxy {

/// What a polled endpoint is called on the pages and in the log. Neither holds a URL's user or password.
struct PollEndpointName
{
    QByteArray name; ///< the application's, UTF-8: the endpoint's own name, or else the source
    QByteArray source; ///< "external_poll: host:port", longer where endpoints share these

    bool operator==(const PollEndpointName &) const = default;
};

/// The names of all endpoints, one for each and in their order. Host and port stand as they are written in
/// the URL, a missing port as the scheme's. Where endpoints share both, their paths are appended, and where
/// these are the same too, the queries. The URLs must be http or https ones with a host.
QList<PollEndpointName> pollEndpointNames(const QList<PollEndpoint> &endpoints);

} // namespace ExporterProxy
