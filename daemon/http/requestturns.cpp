// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/requestturns.h"

#include "daemon/http/httpsocket.h"

#include <algorithm>
#include <string_view>
#include <sys/socket.h>

namespace ExporterProxy {

RequestTurns::RequestTurns()
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(0);
    QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { turn(); });
}

RequestTurns::Line RequestTurns::lineFor(int descriptor)
{
    char bytes[16];
    const ssize_t size = ::recv(descriptor, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
    const std::string_view begin(bytes, std::size_t(std::max<ssize_t>(size, 0)));
    const bool isScrape = begin.starts_with("GET /metrics") || begin.starts_with("GET /-/");
    return isScrape ? Line::Scrape : Line::Other;
}

void RequestTurns::wait(HttpSocket &socket, Line line)
{
    m_lines[std::size_t(line)].push_back(&socket);
    ++m_waiting;
    if (!m_timer.isActive())
        m_timer.start();
}

void RequestTurns::forget(const HttpSocket *socket)
{
    if (!isBusy())
        return;
    for (auto &line : m_lines)
        m_waiting -= std::erase(line, socket);
}

void RequestTurns::note(Clock::time_point begin, Clock::time_point end)
{
    if (begin - m_lastEnd > Pause)
        m_spent = {};
    m_spent += end - begin;
    m_lastEnd = end;
}

void RequestTurns::turn()
{
    m_spent = {};
    while (isBusy() && m_spent < Budget)
        next()->takeTurn();
    if (isBusy())
        m_timer.start();
}

/// From both lines by turns.
HttpSocket *RequestTurns::next()
{
    m_lastLine = m_lines[1 - m_lastLine].empty() ? m_lastLine : 1 - m_lastLine;
    HttpSocket *socket = m_lines[m_lastLine].front();
    m_lines[m_lastLine].pop_front();
    --m_waiting;
    return socket;
}

} // namespace ExporterProxy
