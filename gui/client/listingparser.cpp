// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/client/listingparser.h"

#include <QPointer>

namespace ExporterProxy {

ListingParser::ListingParser()
{
    m_thread.setObjectName(QStringLiteral("listings"));
    m_work.moveToThread(&m_thread);
    m_thread.start();
}

ListingParser::~ListingParser()
{
    m_thread.quit();
    m_thread.wait();
}

void ListingParser::parse(QByteArray json, QObject *context, Done done)
{
    // Whether the context still lives can only be told in the thread that it lives in: so the result goes to
    // an object of ours, which outlives the other thread.
    auto work = [this, json = std::move(json), context = QPointer<QObject>(context),
                 done = std::move(done)]() mutable {
        AppsReading reading = readAppsJson(std::move(json));
        QMetaObject::invokeMethod(
            &m_results,
            [reading = std::move(reading), context = std::move(context), done = std::move(done)] {
                if (context)
                    done(reading);
            },
            Qt::QueuedConnection);
    };
    QMetaObject::invokeMethod(&m_work, std::move(work), Qt::QueuedConnection);
}

} // namespace ExporterProxy
