// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/landingpage.h"

#include "common/util/showntext.h"
#include "common/util/words.h"
#include "daemon/http/httptext.h"

#include <QFile>

namespace ExporterProxy {

namespace {

QByteArray secondsText(std::chrono::milliseconds time)
{
    return QByteArray::number(std::chrono::duration<double>(time).count(), 'g', 2) + " s";
}

/// Why the application is in that state, as far as the word for it does not say so.
QByteArray stateReason(const AppSnapshot &app, AppState state)
{
    using namespace std::chrono;
    switch (state) {
    case AppState::Late:
        return "usually every "
            + (app.interval < 10s ? secondsText(app.interval) : durationText(round<seconds>(app.interval)));
    case AppState::Stale:
        return app.lastUpdate == Never ? "not polled yet" : QByteArray();
    case AppState::Rejected:
    case AppState::Failing:
        return app.lastErrorReason;
    case AppState::Expired:
        return "no longer on the page";
    case AppState::Fresh:
    case AppState::Unknown:
        break;
    }
    return {};
}

/// Text of a sender's. What would turn the order of the letters around shows as U+FFFD, as in the table of
/// /apps: escaping alone lets one name pass for another.
QByteArray shownInHtml(QByteArrayView text)
{
    const DisplayText display(text);
    QByteArray shown(display.size, Qt::Uninitialized);
    display.write(shown.data());
    return htmlEscaped(shown);
}

void appendRow(QByteArray &out, const AppSnapshot &app, Timestamp now, const QList<QByteArray> &notes)
{
    const AppState state = appStateAt(app, now);
    const std::string_view stateName = appStateName(state);
    out.append("<tr><td><a href=\"/apps/").append(app.name.toPercentEncoding()).append("/metrics\">");
    out.append(shownInHtml(app.name));
    out.append("</a></td><td><span class=\"state ").append(stateName.data(), qsizetype(stateName.size()));
    out.append("\">").append(stateName.data(), qsizetype(stateName.size())).append("</span>");
    if (const QByteArray reason = stateReason(app, state); !reason.isEmpty())
        out.append("<small>").append(shownInHtml(reason)).append("</small>");
    for (const QByteArray &note : notes)
        out.append("<small>").append(shownInHtml(note)).append("</small>");
    out.append("</td><td>").append(shownInHtml(app.source)).append("</td><td>");
    if (app.lastUpdate == Never) {
        out.append("never");
    } else {
        out.append("<time title=\"")
            .append(utcText(onWallClock(app.lastUpdate), std::chrono::seconds{1}))
            .append("\">");
        out.append(durationText(std::chrono::floor<std::chrono::seconds>(ageAt(app, now))));
        out.append(" ago</time>");
    }
    out.append("</td><td class=\"number\">").append(sizeText(app.text.size())).append("</td></tr>\n");
}

QByteArray pageTemplate()
{
    QFile file(QStringLiteral(":/exporter-proxy/landing.html"));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

QByteArray renderLandingPage(const AppView &view, QByteArrayView version, Timestamp now,
                             std::span<const MergeReport> reports)
{
    QByteArray rows;
    rows.reserve(qsizetype(view.apps.size()) * 256);
    auto report = reports.begin();
    for (const auto &app : view.apps) {
        while (report != reports.end() && report->app < app->name)
            ++report;
        const bool hasReport = report != reports.end() && report->app == app->name;
        appendRow(rows, *app, now, hasReport ? report->notes : QList<QByteArray>());
    }
    if (view.apps.empty())
        rows = "<tr><td colspan=\"5\">No application has sent anything yet.</td></tr>\n";

    // The rows last: what a sender chose as a name is never looked through for placeholders.
    QByteArray page = pageTemplate();
    page.replace("{{version}}", htmlEscaped(version));
    page.replace("{{count}}", QByteArray::number(qsizetype(view.apps.size())));
    page.replace("{{size}}", sizeText(view.totalSize));
    page.replace("{{now}}", utcText(onWallClock(now), std::chrono::seconds{1}));
    if (const qsizetype at = page.indexOf("{{rows}}"); at >= 0)
        page.replace(at, qsizetype(sizeof "{{rows}}" - 1), rows);
    return page;
}

} // namespace ExporterProxy
