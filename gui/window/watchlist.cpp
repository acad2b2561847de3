// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/watchlist.h"

#include <algorithm>

namespace ExporterProxy::Monitor {

Watchlist::Watchlist(AppTableModel &model, QObject *parent)
    : QObject(parent)
    , m_model(model)
{
}

Watchlist::~Watchlist() = default;

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
        // Connecting again after a failure is not an answer yet.
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
    const auto found = std::find_if(m_clients.begin(), m_clients.end(),
                                    [&key](const auto &client) { return client->key() == key; });
    if (found == m_clients.end())
        return;
    // The caller may stand in one of its signals.
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
    for (const auto &client : m_clients)
        if (client->key() == key)
            return client.get();
    return nullptr;
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
    return int(std::count_if(m_clients.begin(), m_clients.end(),
                             [](const auto &client) { return client->state().isSilent(); }));
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
