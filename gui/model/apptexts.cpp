// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/model/apptexts.h"

#include "common/util/showntext.h"
#include "common/util/words.h"

#include <algorithm>
#include <array>
#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

namespace ExporterProxy::Monitor::AppTexts {

namespace {

using namespace std::chrono;

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(AppTexts)
};

struct StateWords
{
    const char *word;
    const char *meaning;
};

/// By AppState. Unknown has the word of its listing instead.
constexpr std::array<StateWords, ListedStateCount> States = {{
    {QT_TRANSLATE_NOOP("AppTexts", "fresh"),
     QT_TRANSLATE_NOOP("AppTexts", "It updates its metrics as it always did.")},
    {QT_TRANSLATE_NOOP("AppTexts", "late"),
     QT_TRANSLATE_NOOP("AppTexts", "It has missed its own rhythm: no update for three of its intervals.")},
    {QT_TRANSLATE_NOOP("AppTexts", "stale"),
     QT_TRANSLATE_NOOP("AppTexts", "No update for longer than the daemon is configured to take for normal.")},
    {QT_TRANSLATE_NOOP("AppTexts", "rejected"),
     QT_TRANSLATE_NOOP("AppTexts", "Its last push was refused; the metrics before it are still exposed.")},
    {QT_TRANSLATE_NOOP("AppTexts", "failing"),
     QT_TRANSLATE_NOOP("AppTexts", "The last poll of it failed; the metrics before it are still exposed.")},
    {QT_TRANSLATE_NOOP("AppTexts", "expired"),
     QT_TRANSLATE_NOOP("AppTexts", "No update for so long that its metrics are no longer exposed.")},
    {nullptr, QT_TRANSLATE_NOOP("AppTexts", "A state that this version of the monitor does not know.")},
}};

/// The longest word for a state or a kind that a newer daemon can bring; a longer one is cut.
constexpr qsizetype MaxWord = 24;

QString shortened(const QString &word)
{
    return word.size() > MaxWord ? word.first(MaxWord - 1) + QChar(0x2026) : word; // an ellipsis
}

} // namespace

QString state(AppState state, const QString &word)
{
    if (state == AppState::Unknown)
        return word.isEmpty() ? Words::tr("other", "states") : shortened(escapedLine(word));
    return Words::tr(States[std::size_t(state)].word);
}

QString stateMeaning(AppState state)
{
    return Words::tr(States[std::size_t(state)].meaning);
}

QString kind(const QString &word)
{
    if (word == QLatin1StringView("push"))
        return Words::tr("push");
    if (word == QLatin1StringView("poll"))
        return Words::tr("poll");
    return shortened(escapedLine(word));
}

QString duration(milliseconds duration)
{
    const qint64 total = std::max<qint64>(0, floor<seconds>(duration).count());
    const qint64 second = total % 60;
    const qint64 minute = total / 60 % 60;
    const qint64 hour = total / 3600 % 24;
    const qint64 day = total / 86'400;
    // Omits a second unit of 0: "2 h" and not "2 h 0 m".
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
    // Below ten seconds a tenth matters, because 1 s and 1.9 s are different intervals.
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
    return QString::fromLatin1(utcText(time, 1ms));
}

} // namespace ExporterProxy::Monitor::AppTexts
