// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/apps/appsreader.h"

#include <functional>
#include <QObject>
#include <QThread>

namespace ExporterProxy {

/// Reads `/apps` answers on a thread of its own, one after the other, so that the window never waits for a
/// large one. One for all clients, in the thread that they live in.
class ListingParser
{
public:
    ListingParser();
    /// Waits for the answer that is being read.
    ~ListingParser();

    ListingParser(const ListingParser &) = delete;
    ListingParser &operator=(const ListingParser &) = delete;

    using Done = std::function<void(AppsReading)>;

    /// Reads `json` on the other thread, then calls `done` in this one, unless `context` is gone by then.
    void parse(QByteArray json, QObject *context, Done done);

private:
    QObject m_results; ///< lives in our thread: what results are queued for
    QObject m_work; ///< lives on the thread: what work is queued for
    QThread m_thread;
};

} // namespace ExporterProxy
