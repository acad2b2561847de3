// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/rejection.h"

#include <QByteArray>
#include <QNetworkReply>
#include <QString>

namespace ExporterProxy {

/// Returns why a poll failed whose reply ended with an error before its headers were there, or while its body
/// came. Names no secret.
Rejection networkFault(const QNetworkReply &reply);

/// What a server sent, made fit to be logged and shown: one short line without control characters.
QByteArray shown(const QString &foreign);

/// Bytes in the largest unit that needs no fraction: "64 MiB", "1000 bytes".
QByteArray shownSize(qint64 bytes);

} // namespace ExporterProxy
