// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/client/listingparser.h"

namespace ExporterProxy::Monitor {

ListingParser::ListingParser()
    : m_results([this] {
        Answer answer = take(m_read);
        // Whether the context still lives can only be told in the thread that it lives in.
        if (answer.context)
            answer.done(std::move(answer.reading));
    })
    , m_work([this] {
        Answer answer = take(m_unread);
        answer.reading = readAppsJson(std::move(answer.json));
        put(m_read, std::move(answer), m_results);
    })
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
    put(m_unread, {std::move(json), context, std::move(done)}, m_work);
}

void ListingParser::put(Answers &answers, Answer answer, Call &next)
{
    const std::lock_guard lock(m_mutex);
    answers.push_back(std::move(answer));
    next.post(); // under the mutex, so that it orders for the sanitizer what is posted as well
}

ListingParser::Answer ListingParser::take(Answers &answers)
{
    const std::lock_guard lock(m_mutex);
    Answer answer = std::move(answers.front());
    answers.pop_front();
    return answer;
}

} // namespace ExporterProxy::Monitor
