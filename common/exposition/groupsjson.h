// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"

#include <QByteArray>

namespace ExporterProxy {

/// Returns the groups of the Pushgateway's API among the applications, with their metrics, in the JSON of its
/// `GET /api/v1/metrics` (Pushgateway's README, section "Query API"). Pure.
QByteArray groupsJson(const AppView &view);

/// Returns the JSON of its `GET /api/v1/status`. Pure.
QByteArray gatewayStatusJson(Timestamp started);

} // namespace ExporterProxy
