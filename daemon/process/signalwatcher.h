// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/util/descriptor.h"

#include <QObject>

class QSocketNotifier;

namespace ExporterProxy {

/// Emits Qt signals on the main thread for Unix signals, by signalfd(2): no handler interrupts other code.
class SignalWatcher final : public QObject
{
    Q_OBJECT

public:
    /// Blocks the watched signals in the calling thread and in the threads that it starts later. Call it
    /// before any thread starts, because a thread that does not block them ends the process. Also ignores
    /// SIGPIPE and SIGXFSZ, so that writing to a closed connection or to a file at its size limit is an error
    /// of write(2).
    static void blockSignals();

    explicit SignalWatcher(QObject *parent = nullptr);
    ~SignalWatcher() override;

Q_SIGNALS:
    /// SIGTERM or SIGINT.
    void terminationRequested(int signal);
    /// SIGHUP.
    void reloadRequested();

private:
    void readSignals();

    Descriptor m_descriptor;
    QSocketNotifier *m_notifier = nullptr;
};

} // namespace ExporterProxy
