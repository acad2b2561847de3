// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace ExporterProxy::Bench {

using Clock = std::chrono::steady_clock;

inline double secondsBetween(Clock::time_point from, Clock::time_point to)
{
    return std::chrono::duration<double>(to - from).count();
}

/// CPU that a process has used so far, user and system, of all threads that live; seconds. 0 for process 0,
/// "none". Ends the program if the process is gone: what it had used cannot be known any more.
double processCpu(long pid);

/// What is counted between the end of the warm-up and the deadline, and what the server used for it.
class Window
{
public:
    /// `serverPid` may be 0. The clock runs from the construction on.
    Window(double warmup, double seconds, long serverPid);

    /// To be called often: opens and closes the window when its time has come.
    void tick(Clock::time_point now = Clock::now());
    /// Closes it now, if it is open.
    void end();

    bool isOpen() const { return m_state == State::Open; }
    bool isOver() const { return m_state == State::Over; }

    /// Counts one operation if the window is open.
    void count(Clock::time_point begun, Clock::time_point ended);
    /// Counts one operation without its time, and bytes, likewise.
    void count(std::uint64_t operations, std::uint64_t bytes);

    /// The figures as the inside of a JSON object.
    std::string figures();

private:
    enum class State { Warmup, Open, Over };
    double microsecondsAt(double quantile) const;

    const Clock::time_point m_opens;
    const Clock::duration m_length;
    const long m_serverPid;
    State m_state = State::Warmup;
    Clock::time_point m_begun;
    double m_seconds = 0;
    double m_serverCpu = 0; ///< while open: at the beginning; then: used
    double m_driverCpu = 0; ///< likewise
    std::uint64_t m_operations = 0;
    std::uint64_t m_bytes = 0;
    std::vector<float> m_latencies; ///< microseconds
};

} // namespace ExporterProxy::Bench
