// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <QTimer>

namespace ExporterProxy {

class HttpSocket;

/// Who is answered when. In each turn of the event loop requests are answered for a few milliseconds; whoever
/// comes after that waits for the next one, so that pushes, polls and readers that go on get theirs in
/// between, however many ask at once. What monitoring lives on does not stand in line with the large pages
/// that people look at. Main thread.
class RequestTurns
{
public:
    using Clock = std::chrono::steady_clock;

    enum class Line {
        Scrape, ///< metrics, and whether the proxy is alive
        Other,
    };

    RequestTurns();

    /// The line for what has arrived on a connection: the first bytes of a request are enough.
    static Line lineFor(int descriptor);

    /// Whether a request may be answered at once. If not, it is to wait().
    bool mayAnswer() const { return !isBusy() && (m_spent < Budget || Clock::now() - m_lastEnd > Pause); }

    /// Requests wait for their turn.
    bool isBusy() const { return m_waiting > 0; }

    /// Has HttpSocket::takeTurn() called when it is the socket's turn.
    void wait(HttpSocket &socket, Line line);

    /// The socket is gone.
    void forget(const HttpSocket *socket);

    /// A request was answered from then to then.
    void note(Clock::time_point begin, Clock::time_point end);

private:
    static constexpr std::chrono::milliseconds Budget{5};
    /// After so long without a request others have had their turn.
    static constexpr std::chrono::milliseconds Pause{1};

    void turn();
    HttpSocket *next();

    std::array<std::deque<HttpSocket *>, 2> m_lines; ///< by Line
    std::size_t m_lastLine = 0;
    std::size_t m_waiting = 0;
    Clock::duration m_spent{0}; ///< without a pause in between
    Clock::time_point m_lastEnd;
    QTimer m_timer; ///< to the next turn, if somebody waits for it
};

} // namespace ExporterProxy
