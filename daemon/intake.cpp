// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/intake.h"

#include "common/util/showntext.h"
#include "daemon/process/logging.h"

#include <limits>

namespace ExporterProxy {

namespace {

using namespace std::chrono_literals;

/// A sender that is rejected a thousand times a second must not fill the disk.
constexpr LogLimiter::Rate RejectionLines{.burst = 10, .refill = 10, .period = 10s};

/// An endpoint that fails every other poll changes its state twice each few seconds, for years.
constexpr LogLimiter::Rate StateLines{.burst = 10, .refill = 1, .period = 10min};

/// Returns whether an attempt that fails leaves a state behind that lasts until one succeeds, and only a
/// change of it is news. Otherwise each rejection is an event of its own.
bool isLasting(const SourceKindInfo &kind)
{
    return kind.failedState == AppState::Failing;
}

} // namespace

Source::Source(SourceKind ofKind, QByteArray ofName, SourceCounters &countedBy, Category &loggedUnder)
    : kind(ofKind)
    , name(std::move(ofName))
    , counters(countedBy)
    , category(loggedUnder)
    , log(isLasting(infoOf(ofKind)) ? StateLines : RejectionLines)
{
}

std::optional<Rejection> Intake::take(std::span<AppUpdate> updates, Source &source, Timestamp now) const
{
    TextJudging judging = judge(updates, now);
    judging.proceed(std::numeric_limits<qsizetype>::max());
    return take(judging, source);
}

std::optional<Rejection> Intake::take(const TextJudging &judged, Source &source) const
{
    const std::span<AppUpdate> updates = judged.updates();
    std::optional<Rejection> rejection = judged.rejection();
    if (!rejection)
        rejection = m_model.apply(updates, source.name, source.kind, judged.arrival(), judged.cost());
    else if (!infoOf(source.kind).isConfigured)
        rejection->message.prepend(rejection->app + ": "); // one of several in the message
    for (AppUpdate &update : updates)
        update = {std::move(update.name)}; // holds the replaced text now
    if (rejection)
        return rejection;
    source.counters.countAccepted();
    if (source.log.hasNews() && source.log.allowNews({}, LogLimiter::Clock::now()))
        qCWarning(source.category, "%s: %s", updates.front().name.constData(), infoOf(source.kind).recovered);
    return std::nullopt;
}

QByteArray Intake::refuse(const Rejection &rejection, Source &source, Timestamp now,
                          LogLimiter::Clock::time_point moment, const PeerName &peer) const
{
    const SourceKindInfo &kind = infoOf(source.kind);
    source.counters.countError(rejection.reason);
    if (!rejection.app.isEmpty())
        m_model.noteRejected(rejection.app, rejection.message, source.kind, now);
    QByteArray message = escapedLine(rejection.message);
    if (isLasting(kind)) {
        // The place of a fault in a text moves with each attempt; that is no news.
        if (source.log.allowNews(isOfText(rejection.reason) ? QByteArray("invalid text") : message, moment))
            qCWarning(source.category, "%s: %s failed: %s", rejection.app.constData(), kind.attempt,
                      message.constData());
    } else if (source.log.allow(moment)) {
        qCWarning(source.category, "rejected a %s on %s%s: %s", kind.attempt, source.name.constData(),
                  peer ? (" from " + peer()).constData() : "", message.constData());
    }
    return message;
}

void Intake::flushLog(Source &source, LogLimiter::Clock::time_point moment) const
{
    if (const qint64 withheld = source.log.flush(moment))
        qCWarning(source.category, "%lld more rejected %s on %s in the last %lld s", qlonglong(withheld),
                  infoOf(source.kind).attempts, source.name.constData(),
                  qlonglong(std::chrono::duration_cast<std::chrono::seconds>(source.log.period()).count()));
}

} // namespace ExporterProxy
