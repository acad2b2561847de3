// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <QByteArray>
#include <vector>

namespace ExporterProxy {

/// The service manager that has started the process, if any: systemd, by sd_notify(3), sd_watchdog_enabled(3)
/// and sd_listen_fds(3). Without it, and in a build without libsystemd, each function does nothing.
///
/// Its constructor reads and removes variables of the environment, so that no child process mistakes itself
/// for the service. Create it before any thread starts; afterwards all functions may be called on any thread.
class ServiceManager
{
public:
    ServiceManager();

    ServiceManager(const ServiceManager &) = delete;
    ServiceManager &operator=(const ServiceManager &) = delete;

    /// Returns whether there is a service manager that receives messages.
    bool isThere() const { return !m_notifySocket.isEmpty(); }

    /// Reports that pushes are received and pages served.
    void ready(const QByteArray &status) const;
    /// Reports that the configuration is being read again, until ready() is called.
    void reloading() const;
    /// Reports that the process is stopping.
    void stopping() const;
    /// Sets the line that `systemctl status` shows.
    void status(const QByteArray &line) const;
    /// Tells the watchdog that the main loop runs.
    void alive() const;

    /// The interval at which to call alive(), half of what the manager allows; 0 for never.
    std::chrono::milliseconds watchdogInterval() const { return m_watchdogInterval; }

    /// The listening sockets that the process inherited from a .socket unit. They are closed on exec and stay
    /// open until the process ends; to use one, duplicate it.
    const std::vector<int> &listeningSockets() const { return m_sockets; }

private:
    void notify(const QByteArray &message) const;

    QByteArray m_notifySocket;
    std::chrono::milliseconds m_watchdogInterval{0};
    std::vector<int> m_sockets;
};

} // namespace ExporterProxy
