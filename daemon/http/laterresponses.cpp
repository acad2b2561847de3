// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/laterresponses.h"

#include <utility>

namespace ExporterProxy {

LaterResponses::LaterResponses(RequestTurns &turns, std::chrono::milliseconds maxWait)
    : m_turns(turns)
    , m_maxWait(maxWait)
{
    m_timer.setInterval(0);
    QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { goOn(); });
}

void LaterResponses::wait(HttpSocket &socket, Make make)
{
    socket.awaitResponse();
    m_waiting.push_back({&socket, std::move(make), Clock::now() + m_maxWait});
    m_timer.start();
}

void LaterResponses::goOn()
{
    const auto begin = Clock::now();
    auto now = begin;
    for (; !m_waiting.empty() && now - begin < Budget; now = Clock::now()) {
        Waiting next = std::move(m_waiting.front());
        m_waiting.pop_front();
        if (!next.socket)
            continue;
        if (std::optional<HttpResponse> response = next.make(now >= next.until))
            next.socket->respond(*std::move(response));
        else
            m_waiting.push_back(std::move(next));
    }
    if (m_waiting.empty())
        m_timer.stop();
    m_turns.note(begin, now);
}

} // namespace ExporterProxy
