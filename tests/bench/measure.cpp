// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/measure.h"

#include "tests/bench/options.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace ExporterProxy::Bench {

namespace {

/// Fields 14 and 15 of /proc/PID/stat (proc(5)), in ticks of 10 ms.
double cpuOfStat(const std::string &folder)
{
    std::ifstream file(folder + "/stat");
    std::string text;
    if (!std::getline(file, text))
        fail("cannot read " + folder + "/stat: the server is gone");
    // The second field is the program's name in brackets, which may hold blanks and brackets itself.
    unsigned long user = 0;
    unsigned long system = 0;
    const char *fields = text.c_str() + text.rfind(')') + 1;
    if (std::sscanf(fields, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
        fail("cannot make out " + folder + "/stat");
    return double(user + system) / double(sysconf(_SC_CLK_TCK));
}

Clock::duration duration(double seconds)
{
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

std::string number(const char *format, double value)
{
    char text[64];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

} // namespace

double processCpu(long pid)
{
    if (pid == 0)
        return 0;
    const std::string folder = "/proc/" + std::to_string(pid);
    // The scheduler's own count, in nanoseconds, where the kernel has it.
    double seconds = 0;
    std::error_code error;
    for (const auto &task : std::filesystem::directory_iterator(folder + "/task", error)) {
        std::ifstream file(task.path() / "schedstat");
        double nanoseconds = 0;
        if (!(file >> nanoseconds))
            return cpuOfStat(folder);
        seconds += nanoseconds * 1e-9;
    }
    return error ? cpuOfStat(folder) : seconds;
}

Window::Window(double warmup, double seconds, long serverPid)
    : m_opens(Clock::now() + duration(warmup))
    , m_length(duration(seconds))
    , m_serverPid(serverPid)
{
    tick();
}

void Window::tick(Clock::time_point now)
{
    if (m_state == State::Warmup && now >= m_opens) {
        m_state = State::Open;
        m_serverCpu = processCpu(m_serverPid);
        m_driverCpu = double(std::clock()) / CLOCKS_PER_SEC;
        m_begun = Clock::now();
    } else if (m_state == State::Open && now >= m_begun + m_length) {
        end();
    }
}

void Window::end()
{
    if (m_state == State::Open) {
        m_seconds = secondsBetween(m_begun, Clock::now());
        m_serverCpu = processCpu(m_serverPid) - m_serverCpu;
        m_driverCpu = double(std::clock()) / CLOCKS_PER_SEC - m_driverCpu;
    }
    m_state = State::Over;
}

void Window::count(Clock::time_point begun, Clock::time_point ended)
{
    if (!isOpen())
        return;
    ++m_operations;
    m_latencies.push_back(std::chrono::duration<float, std::micro>(ended - begun).count());
}

void Window::count(std::uint64_t operations, std::uint64_t bytes)
{
    if (!isOpen())
        return;
    m_operations += operations;
    m_bytes += bytes;
}

double Window::microsecondsAt(double quantile) const
{
    return m_latencies.empty() ? 0
                               : double(m_latencies[std::size_t(quantile * double(m_latencies.size() - 1))]);
}

std::string Window::figures()
{
    std::sort(m_latencies.begin(), m_latencies.end());
    return "\"seconds\": " + number("%.4f", m_seconds) + ", \"operations\": " + std::to_string(m_operations)
        + ", \"bytes\": " + std::to_string(m_bytes) + ", \"server_cpu\": " + number("%.6f", m_serverCpu)
        + ", \"driver_cpu\": " + number("%.6f", m_driverCpu) + ", \"p50_us\": "
        + number("%.1f", microsecondsAt(0.5)) + ", \"p99_us\": " + number("%.1f", microsecondsAt(0.99));
}

} // namespace ExporterProxy::Bench
