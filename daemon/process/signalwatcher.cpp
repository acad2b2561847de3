// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/process/signalwatcher.h"

#include "common/util/errortext.h"

#include <cerrno>
#include <csignal>
#include <pthread.h>
#include <QSocketNotifier>
#include <sys/signalfd.h>
#include <unistd.h>

namespace ExporterProxy {

namespace {

sigset_t watchedSignals()
{
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&set, number);
    return set;
}

} // namespace

void SignalWatcher::blockSignals()
{
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    const sigset_t set = watchedSignals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

SignalWatcher::SignalWatcher(QObject *parent)
    : QObject(parent)
{
    const sigset_t set = watchedSignals();
    m_descriptor = Descriptor(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!m_descriptor.isOpen())
        qFatal("cannot watch signals: %ls", qUtf16Printable(errorText(errno)));
    m_notifier = new QSocketNotifier(m_descriptor.get(), QSocketNotifier::Read, this);
    connect(m_notifier, &QSocketNotifier::activated, this, &SignalWatcher::readSignals);
}

SignalWatcher::~SignalWatcher()
{
    m_notifier->setEnabled(false); // before its descriptor is closed
}

void SignalWatcher::readSignals()
{
    signalfd_siginfo info{};
    while (read(m_descriptor.get(), &info, sizeof info) == ssize_t(sizeof info)) {
        if (info.ssi_signo == SIGHUP)
            Q_EMIT reloadRequested();
        else
            Q_EMIT terminationRequested(int(info.ssi_signo));
    }
}

} // namespace ExporterProxy
