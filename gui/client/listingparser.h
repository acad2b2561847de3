// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/apps/appsreader.h"

#include <functional>
#include <QObject>
#include <QThread>

namespace ExporterProxy {

/// Reads `/apps` answers on a thread of its own, one after the other, so that the window never waits for a
/// large one. One for all clients.
class ListingParser
{
public:
    ListingParser();
    /// Waits for the answer that is being read.
    ~ListingParser();

    ListingParser(const ListingParser &) = delete;
    ListingParser &operator=(const ListingParser &) = delete;

    using Done = std::function<void(AppsReading)>;

    /// Reads `json` on the parser's thread, then calls `done` on the thread of `context`, unless that is gone
    /// by then.
    void parse(const QByteArray &json, QObject *context, Done done);

private:
    QThread m_thread;
    QObject m_worker; ///< lives on the thread: what work is queued for
};

} // namespace ExporterProxy
