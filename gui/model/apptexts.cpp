// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/apptexts.h"

#include "common/util/displaywidth.h"
#include "common/util/utctime.h"

#include <algorithm>
#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

namespace ExporterProxy::AppTexts {

namespace {

using namespace std::chrono;

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(AppTexts)
};

/// A word that stands for a state or a kind; the rest of a longer one is left out.
constexpr qsizetype MaxWord = 24;

QString shortened(const QString &word)
{
    return word.size() > MaxWord ? word.first(MaxWord - 1) + QChar(0x2026) : word; // an ellipsis
}

} // namespace

QString state(AppState state, const QString &word)
{
    switch (state) {
    case AppState::Fresh:
        return Words::tr("fresh");
    case AppState::Late:
        return Words::tr("late");
    case AppState::Stale:
        return Words::tr("stale");
    case AppState::Rejected:
        return Words::tr("rejected");
    case AppState::Failing:
        return Words::tr("failing");
    case AppState::Expired:
        return Words::tr("expired");
    case AppState::Unknown:
        return word.isEmpty() ? Words::tr("other", "states") : shortened(oneLine(word));
    }
    return {};
}

QString stateMeaning(AppState state)
{
    switch (state) {
    case AppState::Fresh:
        return Words::tr("It updates its metrics as it always did.");
    case AppState::Late:
        return Words::tr("It has missed its own rhythm: no update for three of its intervals.");
    case AppState::Stale:
        return Words::tr("No update for longer than the daemon is configured to take for normal.");
    case AppState::Rejected:
        return Words::tr("Its last push was refused; the metrics before it are still exposed.");
    case AppState::Failing:
        return Words::tr("The last poll of it failed; the metrics before it are still exposed.");
    case AppState::Expired:
        return Words::tr("No update for so long that its metrics are no longer exposed.");
    case AppState::Unknown:
        return Words::tr("A state that this version of the monitor does not know.");
    }
    return {};
}

QString columnTitle(AppColumn column)
{
    switch (column) {
    case AppColumn::State:
        return Words::tr("State");
    case AppColumn::Application:
        return Words::tr("Application");
    case AppColumn::Source:
        return Words::tr("Source");
    case AppColumn::Age:
        return Words::tr("Last update");
    case AppColumn::Interval:
        return Words::tr("Interval");
    case AppColumn::Size:
        return Words::tr("Size");
    case AppColumn::Series:
        return Words::tr("Series");
    case AppColumn::Updates:
        return Words::tr("Updates");
    case AppColumn::Rejected:
        return Words::tr("Rejected");
    case AppColumn::History:
        return Words::tr("History");
    case AppColumn::Daemon:
        return Words::tr("Daemon");
    }
    return {};
}

QString columnMeaning(AppColumn column)
{
    switch (column) {
    case AppColumn::State:
        return Words::tr("How it stands with the application, as its daemon judges it");
    case AppColumn::Application:
        return Words::tr("The name that the application sends its metrics under");
    case AppColumn::Source:
        return Words::tr("Where the metrics come in: an address or a socket, or the endpoint that is polled");
    case AppColumn::Age:
        return Words::tr("How long ago the last metrics came");
    case AppColumn::Interval:
        return Words::tr("The application's rhythm: usual time between two updates");
    case AppColumn::Size:
        return Words::tr("Size of the metrics text");
    case AppColumn::Series:
        return Words::tr("Number of samples in the metrics text");
    case AppColumn::Updates:
        return Words::tr("Updates taken since the daemon was started");
    case AppColumn::Rejected:
        return Words::tr("Pushes refused, or polls failed, since the daemon was started");
    case AppColumn::History:
        return Words::tr("The last updates on an axis of time that ends now: a missed rhythm is a gap");
    case AppColumn::Daemon:
        return Words::tr("The daemon that told of the application");
    }
    return {};
}

QString kind(const QString &word)
{
    if (word == QLatin1StringView("push"))
        return Words::tr("push");
    if (word == QLatin1StringView("poll"))
        return Words::tr("poll");
    return shortened(oneLine(word));
}

QString duration(milliseconds duration)
{
    const qint64 total = std::max<qint64>(0, floor<seconds>(duration).count());
    const qint64 second = total % 60;
    const qint64 minute = total / 60 % 60;
    const qint64 hour = total / 3600 % 24;
    const qint64 day = total / 86'400;
    // In each the second unit only where it says something: "2 h" and not "2 h 0 m".
    if (day > 0)
        return hour > 0 ? Words::tr("%1 d %2 h").arg(number(day)).arg(hour)
                        : Words::tr("%1 d").arg(number(day));
    if (hour > 0)
        return minute > 0 ? Words::tr("%1 h %2 m").arg(hour).arg(minute) : Words::tr("%1 h").arg(hour);
    if (minute > 0)
        return second > 0 ? Words::tr("%1 m %2 s").arg(minute).arg(second) : Words::tr("%1 m").arg(minute);
    return Words::tr("%1 s").arg(second);
}

QString age(milliseconds age)
{
    return age < 1s ? Words::tr("now") : Words::tr("%1 ago").arg(duration(age));
}

QString interval(milliseconds interval)
{
    if (interval.count() <= 0)
        return {};
    // Below ten seconds a tenth matters: 1 s and 1.9 s are another rhythm.
    if (interval < 1s)
        return Words::tr("≈ %1 ms").arg(interval.count());
    if (interval < 10s && interval % 1s != 0ms)
        return Words::tr("≈ %1 s").arg(QLocale().toString(double(interval.count()) / 1000, 'f', 1));
    return Words::tr("≈ %1").arg(duration(round<seconds>(interval)));
}

QString size(qint64 bytes)
{
    return QLocale().formattedDataSize(bytes, 1, QLocale::DataSizeIecFormat);
}

QString number(qint64 number)
{
    return QLocale().toString(number);
}

QString number(quint64 number)
{
    return QLocale().toString(number);
}

QString localTime(Timestamp time)
{
    const QDateTime local =
        QDateTime::fromMSecsSinceEpoch(floor<milliseconds>(time).time_since_epoch().count());
    return QLocale().toString(local.date(), QLocale::ShortFormat) + u' '
        + local.time().toString(QStringLiteral("HH:mm:ss"));
}

QString utcTime(Timestamp time)
{
    QByteArray text;
    // Towards zero, because the first millisecond that a Timestamp reaches into is not one it can hold.
    appendUtcTime(text, time - time.time_since_epoch() % 1ms, UtcForm::Table);
    return QString::fromLatin1(text);
}

QString oneLine(const QString &foreign)
{
    const auto isHarmless = [](QChar c) { return !c.isSurrogate() && !breaksLine(c.unicode()); };
    if (std::all_of(foreign.begin(), foreign.end(), isHarmless))
        return foreign;
    QString shown;
    for (const char32_t codePoint : foreign.toUcs4()) {
        if (!breaksLine(codePoint))
            shown += QChar::fromUcs4(codePoint);
        else
            shown += QStringLiteral("\\u%1").arg(uint(codePoint), 4, 16, QLatin1Char('0'));
    }
    return shown;
}

} // namespace ExporterProxy::AppTexts
