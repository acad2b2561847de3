// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/settings/settings.h"
#include "daemon/poll/pollfault.h"

#include <optional>

namespace ExporterProxy {

/// The value of the header `Authorization` for a request, or what prevents it.
struct Authorization
{
    QByteArray value; ///< empty: none is configured
    std::optional<Rejection> fault; ///< names the file, never what is in it
};

/// Reads the credentials of an endpoint: `bearer_token_file`, or `username` with `password_file`, or the user
/// information in its URL, in this order. Files are read at each call, so that they can be rotated; a line
/// break at their end is not part of the secret.
Authorization readAuthorization(const PollEndpoint &endpoint);

} // namespace ExporterProxy
