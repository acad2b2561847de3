// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

class QSocketNotifier;

namespace ExporterProxy {

/// Turns signals into Qt signals on the main thread, by signalfd(2): no handler runs at an arbitrary place.
class SignalWatcher final : public QObject
{
    Q_OBJECT

public:
    /// Blocks the watched signals in the calling thread, and so in all threads it starts later. Call before
    /// any of them starts: a thread that does not block them would be ended by them. Also ignores SIGPIPE,
    /// because peers go away, and SIGXFSZ, because a file that may not grow is an error of write(2).
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

    int m_descriptor = -1;
    QSocketNotifier *m_notifier = nullptr;
};

} // namespace ExporterProxy
