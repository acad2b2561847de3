// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

// What differs between the versions of Qt that this tree builds with, and nothing else.

QT_BEGIN_NAMESPACE
class QHttpServerResponder;
class QTcpSocket;
QT_END_NAMESPACE

namespace ExporterProxy::Compat {

/// The second parameter of QAbstractHttpServer::handleRequest() and missingHandler(): 6.5 put a responder
/// in the socket's place. Neither is used here; responses go out through HttpSocket::respond().
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
using ResponseTarget = QHttpServerResponder &;
#else
using ResponseTarget = QTcpSocket *;
#endif

} // namespace ExporterProxy::Compat
