// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/http/httpresponse.h"
#include "daemon/http/httpsocket.h"

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <QPointer>
#include <QTimer>

namespace ExporterProxy {

/// Requests whose page is still being made: a step in each turn of the event loop, so that pushes, polls and
/// other readers get theirs in between. None waits for long. Main thread.
class LaterResponses
{
public:
    /// Goes on with the page; nothing: it is not there yet. Told true, it has to make do with what there is.
    using Make = std::function<std::optional<HttpResponse>(bool isLast)>;

    /// None waits for longer than `maxWait`, give or take a turn. `turns` must outlive this.
    LaterResponses(RequestTurns &turns, std::chrono::milliseconds maxWait);

    /// Answers what the socket was asked when it is there. The socket may end meanwhile.
    void wait(HttpSocket &socket, Make make);

private:
    using Clock = std::chrono::steady_clock;

    /// Spent in one turn, give or take a step.
    static constexpr std::chrono::milliseconds Budget{5};

    struct Waiting
    {
        QPointer<HttpSocket> socket;
        Make make;
        Clock::time_point until;
    };

    void goOn();

    RequestTurns &m_turns;
    const std::chrono::milliseconds m_maxWait;
    std::deque<Waiting> m_waiting;
    QTimer m_timer; ///< runs while somebody waits
};

} // namespace ExporterProxy
