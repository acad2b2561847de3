// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/apps/appslisting.h"

#include <deque>
#include <functional>
#include <mutex>
#include <QObject>
#include <QPointer>
#include <QThread>
#include <utility>

namespace ExporterProxy::Monitor {

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
    struct Answer
    {
        QByteArray json;
        QPointer<QObject> context;
        Done done;
        AppsReading reading{};
    };
    using Answers = std::deque<Answer>;

    /// Calls its function in the thread it lives in, whenever that is asked for.
    class Call final : public QObject
    {
    public:
        explicit Call(std::function<void()> function)
            : m_function(std::move(function))
        {
        }
        void post() { QMetaObject::invokeMethod(this, &Call::run, Qt::QueuedConnection); }

    private:
        void run() { m_function(); }

        const std::function<void()> m_function;
    };

    void put(Answers &answers, Answer answer, Call &next);
    Answer take(Answers &answers);

    // Not as captures of what is queued: Qt hands those over under a mutex that the thread sanitizer does not
    // see.
    std::mutex m_mutex; ///< for the next two
    Answers m_unread;
    Answers m_read;
    Call m_results; ///< lives in our thread
    Call m_work; ///< lives on the thread
    QThread m_thread;
};

} // namespace ExporterProxy::Monitor
