// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/watchlist.h"

#include <algorithm>

namespace ExporterProxy::Monitor {

Watchlist::Watchlist(AppTableModel &model, QObject *parent)
    : QObject(parent)
    , m_model(model)
{
}

DaemonClient *Watchlist::watch(const DaemonAddress &address)
{
    if (client(address.key()))
        return nullptr;
    m_clients.push_back(std::make_unique<DaemonClient>(address, m_parser));
    DaemonClient *added = m_clients.back().get();
    connect(added, &DaemonClient::listingArrived, this,
            [this, added](const std::shared_ptr<const AppsListing> &listing) {
                m_model.setListing(added->key(), listing);
            });
    connect(added, &DaemonClient::stateChanged, this, [this, added] {
        // The daemon stays outdated while Connecting again after a failure.
        m_model.setOutdated(added->key(), !added->state().isCurrent());
        Q_EMIT stateChanged();
    });
    Q_EMIT this->added(added);
    applyInterval();
    if (!m_paused)
        added->start();
    Q_EMIT stateChanged();
    return added;
}

void Watchlist::remove(const QString &key)
{
    const auto found = std::ranges::find(m_clients, key, [](const auto &client) { return client->key(); });
    if (found == m_clients.end())
        return;
    // The caller may be in one of its signals.
    const QString removedKey = key;
    DaemonClient *client = found->release();
    m_clients.erase(found);
    client->disconnect(this);
    client->stop();
    client->deleteLater();
    m_model.removeDaemon(removedKey);
    Q_EMIT removed(removedKey);
    Q_EMIT stateChanged();
}

DaemonClient *Watchlist::client(const QString &key) const
{
    const auto found = std::ranges::find(m_clients, key, [](const auto &client) { return client->key(); });
    return found == m_clients.end() ? nullptr : found->get();
}

QStringList Watchlist::keys() const
{
    QStringList keys;
    for (const auto &client : m_clients)
        keys << client->key();
    return keys;
}

int Watchlist::silentDaemons() const
{
    return int(
        std::ranges::count_if(m_clients, [](const auto &client) { return client->state().isSilent(); }));
}

void Watchlist::setInterval(std::chrono::milliseconds interval)
{
    m_interval = interval;
    applyInterval();
}

void Watchlist::setPaused(bool paused)
{
    if (m_paused == paused)
        return;
    m_paused = paused;
    for (const auto &client : m_clients)
        paused ? client->stop() : client->start();
}

void Watchlist::setHidden(bool hidden)
{
    m_hidden = hidden;
    applyInterval();
}

void Watchlist::applyInterval()
{
    const auto interval = m_hidden ? std::max(m_interval, HiddenInterval) : m_interval;
    for (const auto &client : m_clients)
        if (client->interval() != interval)
            client->setInterval(interval);
}

void Watchlist::refreshNow()
{
    for (const auto &client : m_clients)
        client->refreshNow();
}

} // namespace ExporterProxy::Monitor
