// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/exposition/textgate.h"
#include "common/model/appmodel.h"
#include "common/model/proxycounters.h"
#include "daemon/process/logging.h"

#include <functional>
#include <optional>
#include <QLoggingCategory>
#include <span>

namespace ExporterProxy {

/// Where texts come from: one object for each door on each thread, and for each endpoint that is polled.
/// Belongs to the thread that calls the Intake with it; the counters may be shared.
struct Source
{
    using Category = const QLoggingCategory &();

    /// `counters` must outlive it. `category` is what rejections are logged under.
    Source(SourceKind kind, QByteArray name, SourceCounters &counters, Category &category);

    const SourceKind kind;
    const QByteArray
        name; ///< `source` in `/apps`: the address, the socket's path, "external_poll: host:port"
    SourceCounters &counters;
    Category &category;
    LogLimiter log; ///< of rejections
};

/// The one way of a text into the model, whatever it came by: judges, stores, counts, notes and logs. What
/// differs between the kinds of sources stands in their list (sourcekind.h). Holds nothing of its own, and
/// may be called on any thread.
class Intake
{
public:
    /// Says who sent a text, for the log; costs a system call, and is called only if a line is written.
    using PeerName = std::function<QByteArray()>;

    /// Both must outlive it.
    Intake(const TextGate &gate, AppModel &model)
        : m_gate(gate)
        , m_model(model)
    {
    }

    /// Judges and stores the texts of one message, all or none, and counts it. Takes the texts out of
    /// `updates`; their names must have passed nameFault(), the texts textFault(). Returns why nothing was
    /// stored, which is to be handed to refuse() then.
    std::optional<Rejection> take(std::span<AppUpdate> updates, Source &source, Timestamp now) const;

    /// The same in steps: begins with the texts of a message, which arrived `now`. The caller goes on with
    /// TextJudging::proceed() until it is done, and then calls the function below.
    TextJudging judge(std::span<AppUpdate> updates, Timestamp now) const
    {
        return {m_gate, updates, now, m_model.textCost()};
    }
    std::optional<Rejection> take(const TextJudging &judged, Source &source) const;

    /// Counts a rejected push or a failed poll, notes it on the application, and logs it, within the source's
    /// budget of lines. Returns the reason as one line that is safe to show, for the sender. `now` is the
    /// wall clock's, `moment` the limiter's.
    QByteArray refuse(const Rejection &rejection, Source &source, Timestamp now,
                      LogLimiter::Clock::time_point moment, const PeerName &peer = {}) const;

    /// Logs how many rejections were not logged, if it is time to: to be called when source.log.flushDue()
    /// has come.
    void flushLog(Source &source, LogLimiter::Clock::time_point moment) const;

private:
    const TextGate &m_gate;
    AppModel &m_model;
};

} // namespace ExporterProxy
