// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/proxycounters.h"

#include <QByteArray>
#include <QNetworkReply>
#include <QString>

namespace ExporterProxy {

/// Why a poll failed: what is counted, and what is told.
struct PollFault
{
    PollFailure kind = PollFailure::Connection;
    QByteArray reason; ///< UTF-8, one line; names no secret
};

/// The fault of a reply that ended with an error before its headers were there, or while its body came.
PollFault networkFault(const QNetworkReply &reply);

/// What a server sent, made fit to be logged and shown: one short line without control characters.
QByteArray shown(const QString &foreign);

/// Bytes in the largest unit that needs no fraction: "64 MiB", "1000 bytes".
QByteArray shownSize(qint64 bytes);

} // namespace ExporterProxy
