// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/process/servicemanager.h"

#ifdef EXPORTER_PROXY_SYSTEMD
#include <ctime>
#include <systemd/sd-daemon.h>
#endif

namespace ExporterProxy {

#ifdef EXPORTER_PROXY_SYSTEMD

ServiceManager::ServiceManager()
    : m_notifySocket(qgetenv("NOTIFY_SOCKET"))
{
    constexpr int Unset = 1; // removes the variables from the environment
    uint64_t watchdog = 0;
    if (sd_watchdog_enabled(Unset, &watchdog) > 0) {
        m_watchdogInterval =
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::microseconds(watchdog / 2));
    }
    const int count = sd_listen_fds(Unset);
    for (int i = 0; i < count; ++i)
        m_sockets.push_back(SD_LISTEN_FDS_START + i);
}

void ServiceManager::notify(const QByteArray &message) const
{
    // A failure is not logged: the manager itself logs a message that it has waited for.
    sd_notify(0, message.constData());
}

void ServiceManager::reloading() const
{
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    // With Type=notify-reload, systemd tells by the time which signal this answers.
    const qint64 microseconds = qint64{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
    notify("RELOADING=1\nMONOTONIC_USEC=" + QByteArray::number(microseconds));
}

#else

ServiceManager::ServiceManager() = default;

void ServiceManager::notify(const QByteArray &) const { }

void ServiceManager::reloading() const { }

#endif

void ServiceManager::ready(const QByteArray &status) const
{
    notify("READY=1\nSTATUS=" + status);
}

void ServiceManager::stopping() const
{
    notify("STOPPING=1\nSTATUS=taking in what has been sent");
}

void ServiceManager::status(const QByteArray &line) const
{
    notify("STATUS=" + line);
}

void ServiceManager::alive() const
{
    notify("WATCHDOG=1");
}

} // namespace ExporterProxy
