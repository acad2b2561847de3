// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace ExporterProxy {

/// Makes a URL as people copy it one that QUrl takes: encodes what a query must not hold, as the braces and
/// quotes of `/federate?match[]={job="x"}`, and the percent sign before the zone of an IPv6 address,
/// `http://[fe80::1%eth0]:9100/`. Leaves everything else as it is.
QString encodedPollUrl(const QString &text);

/// Returns which character of an http or https URL is wrong, where, and how it is written instead, as a
/// sentence; empty if there is none. Of a user or password only the place is named.
QString pollUrlFault(const QString &url);

} // namespace ExporterProxy
