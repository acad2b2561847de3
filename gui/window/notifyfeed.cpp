// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/notifyfeed.h"

#include "gui/notify/notifier.h"
#include "gui/window/watchlist.h"

namespace ExporterProxy {

void feedNotifier(Watchlist &watchlist, Notifier &notifier)
{
    QObject::connect(&watchlist, &Watchlist::added, &notifier, [&notifier](DaemonClient *client) {
        QObject::connect(client, &DaemonClient::listingArrived, &notifier,
                         [&notifier, client](const std::shared_ptr<const AppsListing> &listing) {
                             notifier.update(client->key(), listing->apps);
                         });
        QObject::connect(client, &DaemonClient::stateChanged, &notifier, [&notifier, client] {
            notifier.setSilent(client->key(), client->state().isSilent(), client->state().reason);
        });
    });
    QObject::connect(&watchlist, &Watchlist::removed, &notifier, &Notifier::removeDaemon);
}

} // namespace ExporterProxy
