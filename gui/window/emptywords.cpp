// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/emptywords.h"

#include "gui/model/apptexts.h"

#include <algorithm>
#include <QCoreApplication>

namespace ExporterProxy {

namespace {

/// A push as anybody can type it, to the daemon's default port.
constexpr QLatin1StringView
    ExamplePush("printf '{\"my_app\":[\"jobs_done_total 42\"]}' | nc -N 127.0.0.1 6554");

QString translated(const char *text)
{
    return QCoreApplication::translate("EmptyPage", text);
}

/// The first of those that failed, or null.
const DaemonClient *failedClient(const Watchlist &watchlist)
{
    for (const auto &client : watchlist.clients())
        if (!client->state().reason.isEmpty())
            return client.get();
    return nullptr;
}

EmptyPage::Words nothingMatches(int all)
{
    EmptyPage::Words words;
    words.title = translated(QT_TRANSLATE_NOOP("EmptyPage", "Nothing matches the filter"));
    words.explanation = all == 1
        ? translated(QT_TRANSLATE_NOOP("EmptyPage", "There is 1 application, and it is filtered out."))
        : translated(QT_TRANSLATE_NOOP("EmptyPage", "There are %1 applications, and all are filtered out."))
              .arg(AppTexts::number(all));
    words.button = translated(QT_TRANSLATE_NOOP("EmptyPage", "Clear the Filter"));
    return words;
}

EmptyPage::Words noAnswer(const DaemonClient &client)
{
    EmptyPage::Words words;
    words.title = translated(QT_TRANSLATE_NOOP("EmptyPage", "Cannot reach %1")).arg(client.key());
    words.explanation = client.state().reason + u'.';
    words.explanation.front() = words.explanation.front().toUpper();
    if (client.state().kind != DaemonState::Kind::Failed) {
        words.explanation += QStringLiteral("\n\n")
            + translated(QT_TRANSLATE_NOOP(
                "EmptyPage",
                "Is the daemon running? What it listens on is exporter.scrape_expose_endpoint in its "
                "configuration; a firewall in between must let that port through."));
        words.button = translated(QT_TRANSLATE_NOOP("EmptyPage", "Try Now"));
    }
    return words;
}

} // namespace

std::optional<EmptyReason> emptyReason(const AppFilter &filter, const Watchlist &watchlist)
{
    if (filter.rowCount() > 0)
        return {};
    if (filter.appModel().rowCount() > 0)
        return EmptyReason::NothingMatches;
    const auto &clients = watchlist.clients();
    if (clients.empty())
        return EmptyReason::NothingWatched;
    if (std::any_of(clients.begin(), clients.end(), [](const auto &client) { return client->listing(); }))
        return EmptyReason::NoApplications;
    return failedClient(watchlist) ? EmptyReason::NoAnswer : EmptyReason::Connecting;
}

EmptyPage::Words emptyWords(EmptyReason reason, const AppFilter &filter, const Watchlist &watchlist)
{
    EmptyPage::Words words;
    switch (reason) {
    case EmptyReason::NothingMatches:
        return nothingMatches(filter.appModel().rowCount());
    case EmptyReason::NothingWatched:
        words.title = translated(QT_TRANSLATE_NOOP("EmptyPage", "No daemon is watched"));
        words.explanation =
            translated(QT_TRANSLATE_NOOP("EmptyPage", "Enter the address of an exporter-proxy above."));
        break;
    case EmptyReason::NoApplications:
        words.title = translated(QT_TRANSLATE_NOOP("EmptyPage", "No applications yet"));
        words.explanation = translated(
            QT_TRANSLATE_NOOP("EmptyPage",
                              "The daemon answers, and nothing has reported to it. This pushes a metric, on "
                              "the daemon’s host with its default settings:"));
        words.command = ExamplePush;
        break;
    case EmptyReason::NoAnswer:
        return noAnswer(*failedClient(watchlist));
    case EmptyReason::Connecting:
        words.title = translated(QT_TRANSLATE_NOOP("EmptyPage", "Connecting…"));
        words.explanation = watchlist.keys().join(u'\n');
        break;
    }
    return words;
}

} // namespace ExporterProxy
