// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <QByteArray>
#include <vector>

namespace ExporterProxy {

/// The service manager that has started the process, where one has: systemd, by sd_notify(3),
/// sd_watchdog_enabled(3) and sd_listen_fds(3). Everywhere else, and in a build without libsystemd, each
/// function does nothing.
///
/// Reads the environment it was made in, once, and takes what it read out of it: no child of the process
/// takes itself for the service. Make it before any thread starts; afterwards all functions may be called on
/// any thread.
class ServiceManager
{
public:
    ServiceManager();

    ServiceManager(const ServiceManager &) = delete;
    ServiceManager &operator=(const ServiceManager &) = delete;

    /// Whether anybody listens to what is said.
    bool isThere() const { return !m_notifySocket.isEmpty(); }

    /// Pushes are received and pages served.
    void ready(const QByteArray &status) const;
    /// The configuration is being read again; ready() ends that.
    void reloading() const;
    /// The process is on its way out.
    void stopping() const;
    /// One line for `systemctl status`.
    void status(const QByteArray &line) const;
    /// The main loop turns.
    void alive() const;

    /// How often alive() has to be called, half of what the manager allows; 0: never.
    std::chrono::milliseconds watchdogInterval() const { return m_watchdogInterval; }

    /// The listening sockets that came with the process (a .socket unit's). They are closed on exec, and stay
    /// open until the process ends: whoever uses one takes a duplicate.
    const std::vector<int> &listeningSockets() const { return m_sockets; }

private:
    void notify(const QByteArray &message) const;

    QByteArray m_notifySocket;
    std::chrono::milliseconds m_watchdogInterval{0};
    std::vector<int> m_sockets;
};

} // namespace ExporterProxy
