// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/model/appmodel.h"

#include <algorithm>

// What happens to the model at start and reload, and never on the way of a push.

namespace ExporterProxy {

void AppModel::removeConfigured(const QByteArray &name)
{
    Outdated outdated;
    std::shared_ptr<AppSnapshot> removed; // freed when the lock is no longer held
    const std::lock_guard lock(m_mutex);
    const auto found = m_apps.find(name);
    if (found == m_apps.end())
        return;
    if (!infoOf(found->second.snapshot->kind).isConfigured) {
        found->second.isConfigured = false;
        watchDeadline(found->second);
        return;
    }
    changed(outdated);
    removed = found->second.snapshot;
    m_totalSize -= removed->text.size();
    m_charged -= removed->text.size() + found->second.pageCost;
    m_ordered.erase(std::find(m_ordered.begin(), m_ordered.end(), &found->second));
    m_apps.erase(found);
}

void AppModel::setLimits(Limits limits)
{
    const std::lock_guard lock(m_mutex);
    m_limits = limits;
    m_pending.setMaxTotalSize(limits.maxTotalSize);
}

void AppModel::setTextCost(const TextCost &cost)
{
    Outdated outdated;
    const std::lock_guard lock(m_mutex);
    if (m_textCost == cost)
        return;
    changed(outdated);
    m_textCost = cost;
    for (Entry *entry : m_ordered) {
        const AppSnapshot &app = *entry->snapshot;
        const qint64 pageCost = cost.of(app.text, app.name);
        m_charged += pageCost - std::exchange(entry->pageCost, pageCost);
    }
}

std::size_t AppModel::restore(std::vector<std::shared_ptr<AppSnapshot>> apps)
{
    Outdated outdated;
    const std::lock_guard lock(m_mutex);
    changed(outdated);
    std::size_t leftOut = 0;
    for (std::shared_ptr<AppSnapshot> &app : apps) {
        if (!app->text.isEmpty() && app->text.back() != '\n')
            app->text.append('\n');
        const qint64 pageCost = m_textCost.of(app->text, app->name);
        const qint64 total = m_charged + app->text.size() + pageCost;
        if (m_apps.contains(app->name) || qint64(m_apps.size()) >= m_limits.maxApps
            || total > m_limits.maxTotalSize) {
            ++leftOut;
            continue;
        }
        m_totalSize += app->text.size();
        m_charged = total;
        app->textVersion = ++m_lastTextVersion;
        app->revision = ++m_lastRevision;
        app->limits = m_freshness.limitsFor(app->name, app->kind);
        Entry &entry = entryFor(app->name, app->kind);
        entry.pageCost = pageCost;
        entry.rhythm.resume(app->lastUpdate, app->interval);
        entry.snapshot = std::move(app);
        watchDeadline(entry);
    }
    return leftOut;
}

bool AppModel::replaceHeld(const AppSnapshot &held, QByteArray text, const QByteArray &fault, Timestamp now)
{
    Outdated outdated;
    const std::lock_guard lock(m_mutex);
    const auto found = m_apps.find(held.name);
    if (found == m_apps.end() || found->second.snapshot->textVersion != held.textVersion)
        return false;
    changed(outdated);
    const qint64 pageCost = m_textCost.of(text, held.name);
    swapText(found->second, text, pageCost);
    AppSnapshot &app = writable(found->second);
    outdated.texts.push_back(std::move(text)); // the former one, freed when the lock is no longer held
    if (!fault.isEmpty()) {
        app.lastErrorReason = fault;
        app.lastErrorAt = now;
        app.lastFailed = true;
    }
    if (!infoOf(app.kind).isConfigured)
        notifyPushed();
    return true;
}

void AppModel::notifyNextPush(std::function<void()> notify)
{
    const std::lock_guard lock(m_mutex);
    m_notifyPushed = std::move(notify);
}

} // namespace ExporterProxy
