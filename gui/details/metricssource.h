// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <QByteArray>
#include <QString>

namespace ExporterProxy {

/// What came of asking for an application's metrics.
struct MetricsAnswer
{
    QByteArray text;
    QString fault; ///< translated, a sentence without a full stop; empty: all went well
    bool isCut = false; ///< the text went on
};

/// Where the details have the metrics from. Main thread.
class MetricsSource
{
public:
    using Answered = std::function<void(const MetricsAnswer &answer)>;

    virtual ~MetricsSource() = default;

    /// Asks for one application's text. `answered` is called once, later, from the event loop or at once;
    /// never after cancel() or another fetch().
    virtual void fetch(const QString &daemon, const QString &app, const Answered &answered) = 0;
    virtual void cancel() = 0;
};

} // namespace ExporterProxy
