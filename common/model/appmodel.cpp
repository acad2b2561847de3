// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/model/appmodel.h"

#include <algorithm>
#include <utility>

namespace ExporterProxy {

namespace {

bool isControl(char c)
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// The C1 control characters U+0080 to U+009F, in UTF-8 0xC2 0x80 to 0xC2 0x9F: terminals obey them too.
bool isC1Control(QByteArrayView name, qsizetype at)
{
    return static_cast<unsigned char>(name[at]) == 0xC2 && at + 1 < name.size()
        && static_cast<unsigned char>(name[at + 1]) < 0xA0;
}

qint64 costOf(const TextCost &cost, const AppUpdate &update)
{
    return cost.of(update.text, update.name) + update.original.size();
}

/// Returns whether texts of that kind are not for the application, because the configuration names it.
bool isReservedFor(const AppSnapshot &app, SourceKind kind)
{
    return infoOf(app.kind).isConfigured && !infoOf(kind).isConfigured;
}

void endInNewline(QByteArray &text)
{
    if (!text.isEmpty() && text.back() != '\n')
        text.append('\n');
}

} // namespace

std::optional<QByteArray> nameFault(QByteArrayView name)
{
    if (name.isEmpty())
        return QByteArrayLiteral("the application's name is empty");
    if (name.size() > MaxAppNameSize)
        return "the application's name has " + QByteArray::number(name.size()) + " bytes, more than "
            + QByteArray::number(MaxAppNameSize);
    for (qsizetype i = 0; i < name.size(); ++i) {
        if (isControl(name[i]) || isC1Control(name, i))
            return "the application's name has a control character at byte " + QByteArray::number(i);
    }
    return std::nullopt;
}

AppModel::AppModel(Limits limits, FreshnessRules freshness)
    : m_limits(limits)
    , m_pending(m_charged, limits.maxTotalSize)
    , m_freshness(std::move(freshness))
{
}

std::optional<Rejection> AppModel::apply(std::span<AppUpdate> updates, const QByteArray &source,
                                         SourceKind kind, Timestamp now,
                                         const std::optional<TextCost> &pricedBy)
{
    if (updates.empty())
        return std::nullopt; // {} changes nothing, so nothing has to be written either
    const SourceKindInfo &info = infoOf(kind);
    const TextCost cost = pricedBy ? *pricedBy : textCost();
    const auto price = [updates](const TextCost &by) {
        for (AppUpdate &update : updates)
            update.pageCost = costOf(by, update);
    };
    for (AppUpdate &update : updates)
        endInNewline(update.text);
    if (!pricedBy)
        price(cost); // it reads the text: not under the lock

    Outdated outdated;
    const std::lock_guard lock(m_mutex);
    if (cost != m_textCost)
        price(m_textCost);
    expireDue(now, outdated);
    if (std::optional<Rejection> rejection = check(updates, kind))
        return rejection;
    changed(outdated);
    makeRoom(updates);
    const std::size_t known = m_ordered.size();
    for (AppUpdate &update : updates) {
        Entry &entry = entryFor(update.name, kind);
        AppSnapshot &app = writable(entry);
        swapText(entry, update); // the old one is freed by the caller, outside the lock
        app.source = source;
        app.lastUpdate = now;
        app.lastFailed = false;
        app.expired = false;
        ++app.updates;
        if (info.learnsInterval) {
            entry.rhythm.add(now);
            app.interval = entry.rhythm.interval();
        } else {
            app.interval = entry.configuredInterval;
        }
        noteWithoutText(entry);
        watchDeadline(entry);
    }
    placeNew(known);
    if (!info.isConfigured)
        notifyPushed();
    return std::nullopt;
}

void AppModel::noteRejected(QByteArrayView name, const QByteArray &reason, SourceKind kind, Timestamp now)
{
    Outdated outdated;
    const std::lock_guard lock(m_mutex);
    const auto found = m_apps.find(name);
    if (found == m_apps.end() || isReservedFor(*found->second.snapshot, kind))
        return;
    changed(outdated);
    AppSnapshot &app = writable(found->second);
    app.lastErrorReason = reason;
    app.lastErrorAt = now;
    app.lastFailed = true;
    ++app.rejected;
    if (!infoOf(app.kind).isConfigured)
        notifyPushed();
}

void AppModel::addConfigured(const QByteArray &name, const QByteArray &source, SourceKind kind,
                             std::chrono::milliseconds interval)
{
    Outdated outdated;
    const std::lock_guard lock(m_mutex);
    changed(outdated);
    const std::size_t known = m_ordered.size();
    Entry &entry = entryFor(name, kind);
    placeNew(known);
    entry.configuredInterval = interval;
    AppSnapshot &app = writable(entry);
    app.source = source;
    app.interval = interval;
    noteWithoutText(entry);
}

void AppModel::setFreshness(FreshnessRules rules)
{
    Outdated outdated;
    const std::lock_guard lock(m_mutex);
    m_freshness = std::move(rules);
    bool isChanged = false;
    for (Entry *entry : m_ordered) {
        const AppSnapshot &app = *entry->snapshot;
        const FreshnessLimits limits = m_freshness.limitsFor(app.name, app.kind);
        if (limits == app.limits)
            continue;
        isChanged = true;
        writable(*entry).limits = limits;
        watchDeadline(*entry);
    }
    if (isChanged)
        changed(outdated);
}

std::optional<Timestamp> AppModel::expire(Timestamp now)
{
    Outdated outdated;
    const std::lock_guard lock(m_mutex);
    expireDue(now, outdated);
    if (m_nextDeadline == NoDeadline)
        return std::nullopt;
    return m_nextDeadline;
}

void AppModel::setDeadlineWatcher(std::function<void()> watcher)
{
    const std::lock_guard lock(m_mutex);
    m_deadlineWatcher = std::move(watcher);
}

std::shared_ptr<const AppSnapshot> AppModel::find(QByteArrayView name, Timestamp now)
{
    Outdated outdated;
    const std::lock_guard lock(m_mutex);
    expireDue(now, outdated);
    const auto found = m_apps.find(name);
    if (found == m_apps.end())
        return nullptr;
    found->second.viewed = true;
    return found->second.snapshot;
}

std::shared_ptr<const AppView> AppModel::view(Timestamp now)
{
    Outdated outdated;
    const std::lock_guard lock(m_mutex);
    expireDue(now, outdated);
    return currentView();
}

std::shared_ptr<const AppView> AppModel::view()
{
    const std::lock_guard lock(m_mutex);
    return currentView();
}

std::shared_ptr<const AppView> AppModel::currentView()
{
    if (m_view)
        return m_view;
    auto fresh = std::make_shared<AppView>();
    fresh->generation = generation();
    fresh->totalSize = m_totalSize;
    fresh->charged = m_charged;
    fresh->apps.reserve(m_ordered.size());
    for (Entry *entry : m_ordered) {
        entry->viewed = true;
        fresh->apps.push_back(entry->snapshot);
    }
    m_view = std::move(fresh);
    return m_view;
}

TextCost AppModel::textCost()
{
    const std::lock_guard lock(m_mutex);
    return m_textCost;
}

std::optional<Rejection> AppModel::check(std::span<const AppUpdate> updates, SourceKind kind) const
{
    // Of several texts for one application only the last will stay; the earlier ones take no room.
    KeyedMap<QByteArrayView, const AppUpdate *> last;
    if (updates.size() > 1) {
        for (const AppUpdate &update : updates)
            last[update.name] = &update;
    }
    qint64 apps = qint64(m_apps.size() - m_withoutText.size());
    qint64 total = m_charged;
    for (const AppUpdate &update : updates) {
        if (!last.empty() && last[update.name] != &update)
            continue;
        const auto found = m_apps.find(update.name);
        const bool isNew = found == m_apps.end();
        if (!isNew && isReservedFor(*found->second.snapshot, kind))
            return Rejection{RejectReason::Reserved,
                             update.name
                                 + ": the configuration names this application, so it cannot be pushed",
                             update.name};
        const bool hasGivenItsPlace = !isNew && found->second.withoutText > 0;
        if ((isNew || hasGivenItsPlace) && ++apps > m_limits.maxApps && isNew)
            return Rejection{RejectReason::TooManyApps,
                             "a new application would be one more than limits.max_apps ("
                                 + QByteArray::number(m_limits.maxApps) + ")",
                             update.name};
        total += update.text.size() + update.pageCost;
        if (!isNew)
            total -= found->second.snapshot->text.size() + found->second.pageCost;
        if (total > m_limits.maxTotalSize)
            return Rejection{RejectReason::TotalTooLarge,
                             (m_textCost.perByte == 0
                                  ? "all texts together would be larger than limits.max_total_size ("
                                  : "all texts, with what exposition.mode and app_label need for them, would "
                                    "be larger than limits.max_total_size (")
                                 + QByteArray::number(m_limits.maxTotalSize) + " bytes)",
                             update.name};
    }
    return std::nullopt;
}

void AppModel::changed(Outdated &outdated)
{
    m_generation.fetch_add(1, std::memory_order_release);
    if (m_view)
        outdated.view = std::exchange(m_view, nullptr);
}

AppModel::Deadline AppModel::deadlineOf(const Entry &entry)
{
    const AppSnapshot &app = *entry.snapshot;
    if (app.lastUpdate == Never)
        return NoDeadline;
    const auto updated = std::chrono::floor<std::chrono::milliseconds>(app.lastUpdate);
    if (!app.expired)
        return app.limits.expireAfter.count() > 0 ? updated + app.limits.expireAfter : NoDeadline;
    const bool mayGo = !infoOf(app.kind).isConfigured && app.limits.forgetAfter.count() > 0;
    return mayGo ? updated + app.limits.forgetAfter : NoDeadline;
}

void AppModel::watchDeadline(const Entry &entry)
{
    const Deadline deadline = deadlineOf(entry);
    if (deadline >= m_nextDeadline)
        return;
    m_nextDeadline = deadline;
    if (m_deadlineWatcher)
        m_deadlineWatcher();
}

void AppModel::expireDue(Timestamp now, Outdated &outdated)
{
    const Deadline moment = std::chrono::floor<std::chrono::milliseconds>(now);
    if (moment < m_nextDeadline)
        return;
    m_nextDeadline = NoDeadline;
    bool isChanged = false;
    const auto isForgotten = [&](Entry *entry) {
        Deadline deadline = deadlineOf(*entry);
        if (moment >= deadline && !entry->snapshot->expired) {
            isChanged = true;
            AppSnapshot &app = writable(*entry);
            app.expired = true;
            swapText(*entry, outdated.texts.emplace_back());
            noteWithoutText(*entry);
            deadline = deadlineOf(*entry);
        }
        if (moment >= deadline) {
            isChanged = true;
            m_withoutText.erase(entry->withoutText);
            m_apps.erase(m_apps.find(entry->snapshot->name));
            return true;
        }
        m_nextDeadline = std::min(m_nextDeadline, deadline);
        return false;
    };
    std::erase_if(m_ordered, isForgotten);
    if (isChanged)
        changed(outdated);
}

AppModel::Entry &AppModel::entryFor(const QByteArray &name, SourceKind kind)
{
    const auto [at, isNew] = m_apps.try_emplace(name);
    Entry &entry = at->second;
    if (isNew) {
        entry.snapshot = std::make_shared<AppSnapshot>();
        entry.snapshot->name = name;
        m_ordered.push_back(&entry);
    }
    if (isNew || entry.snapshot->kind != kind) {
        AppSnapshot &app = writable(entry);
        app.kind = kind;
        app.limits = m_freshness.limitsFor(name, kind);
    }
    return entry;
}

void AppModel::placeNew(std::size_t known)
{
    const auto isBefore = [](const Entry *a, const Entry *b) {
        return a->snapshot->name < b->snapshot->name;
    };
    const auto begin = m_ordered.begin() + std::ptrdiff_t(known);
    if (m_ordered.end() - begin == 1) // one finds its place faster than all can be looked at
        std::rotate(std::upper_bound(m_ordered.begin(), begin, *begin, isBefore), begin, m_ordered.end());
    if (m_ordered.end() - begin <= 1)
        return;
    // All at once: one by one, each new application would move all that are behind it.
    std::sort(begin, m_ordered.end(), isBefore);
    std::inplace_merge(m_ordered.begin(), begin, m_ordered.end(), isBefore);
}

void AppModel::swapText(Entry &entry, AppUpdate &update)
{
    AppSnapshot &app = writable(entry);
    const qint64 more = update.text.size() - app.text.size();
    m_totalSize += more;
    m_charged += more + update.pageCost - std::exchange(entry.pageCost, update.pageCost);
    app.swapText(update.text, ++m_lastTextVersion);
    app.original.swap(update.original);
    app.notes.swap(update.notes);
    app.format = update.format;
}

void AppModel::noteWithoutText(Entry &entry)
{
    const AppSnapshot &app = *entry.snapshot;
    const bool isWithoutText = app.text.isEmpty() && !infoOf(app.kind).isConfigured;
    if (isWithoutText == (entry.withoutText > 0))
        return;
    if (isWithoutText)
        entry.withoutText = m_withoutText.emplace(++m_lastWithoutText, &entry).first->first;
    else
        m_withoutText.erase(std::exchange(entry.withoutText, 0));
}

void AppModel::makeRoom(std::span<const AppUpdate> updates)
{
    qint64 wanted = qint64(m_apps.size()) - m_limits.maxApps;
    if (m_withoutText.empty() || wanted + qint64(updates.size()) <= 0)
        return;
    KeyedSet<QByteArrayView> kept;
    for (const AppUpdate &update : updates) {
        if (kept.insert(update.name).second && !m_apps.contains(update.name))
            ++wanted;
    }
    std::vector<QByteArray> forgotten;
    for (auto at = m_withoutText.begin(); at != m_withoutText.end() && wanted > 0;) {
        Entry *const entry = at->second;
        if (kept.contains(entry->snapshot->name)) {
            ++at;
            continue;
        }
        forgotten.push_back(entry->snapshot->name);
        entry->withoutText = Forgotten;
        at = m_withoutText.erase(at);
        --wanted;
    }
    // All at once: one by one, each would move all that are behind it.
    std::erase_if(m_ordered, [](const Entry *entry) { return entry->withoutText == Forgotten; });
    for (const QByteArray &name : forgotten)
        m_apps.erase(name);
}

AppSnapshot &AppModel::writable(Entry &entry)
{
    if (entry.viewed) {
        entry.snapshot = std::make_shared<AppSnapshot>(*entry.snapshot);
        entry.viewed = false;
    }
    entry.snapshot->revision = ++m_lastRevision;
    return *entry.snapshot;
}

void AppModel::removeConfigured(const QByteArray &name)
{
    Outdated outdated;
    std::shared_ptr<AppSnapshot> removed; // freed when the lock is no longer held
    const std::lock_guard lock(m_mutex);
    const auto found = m_apps.find(name);
    if (found == m_apps.end() || !infoOf(found->second.snapshot->kind).isConfigured)
        return;
    changed(outdated);
    removed = found->second.snapshot;
    m_totalSize -= removed->text.size();
    m_charged -= removed->text.size() + found->second.pageCost;
    m_ordered.erase(placeOf(name));
    m_apps.erase(found);
}

bool AppModel::remove(QByteArrayView name)
{
    Outdated outdated;
    std::shared_ptr<AppSnapshot> removed; // freed when the lock is no longer held
    const std::lock_guard lock(m_mutex);
    const auto found = m_apps.find(name);
    if (found == m_apps.end() || infoOf(found->second.snapshot->kind).isConfigured)
        return false;
    changed(outdated);
    removed = found->second.snapshot;
    m_totalSize -= removed->text.size();
    m_charged -= removed->text.size() + found->second.pageCost;
    m_ordered.erase(placeOf(removed->name));
    m_withoutText.erase(found->second.withoutText);
    m_apps.erase(found);
    notifyPushed();
    return true;
}

QByteArrayList AppModel::removeIf(const std::function<bool(QByteArrayView)> &isMeant, bool isDry)
{
    Outdated outdated;
    std::vector<std::shared_ptr<AppSnapshot>> removed; // freed when the lock is no longer held
    QByteArrayList names;
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_ordered, [&](Entry *entry) {
        const AppSnapshot &app = *entry->snapshot;
        if (infoOf(app.kind).isConfigured || !isMeant(app.name))
            return false;
        names << app.name;
        if (isDry)
            return false;
        m_totalSize -= app.text.size();
        m_charged -= app.text.size() + entry->pageCost;
        removed.push_back(std::move(entry->snapshot));
        m_withoutText.erase(entry->withoutText);
        m_apps.erase(m_apps.find(names.back()));
        return true;
    });
    if (!removed.empty()) {
        changed(outdated);
        notifyPushed();
    }
    return names;
}

std::vector<AppModel::Entry *>::iterator AppModel::placeOf(const QByteArray &name)
{
    return std::lower_bound(
        m_ordered.begin(), m_ordered.end(), name,
        [](const Entry *known, const QByteArray &wanted) { return known->snapshot->name < wanted; });
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
        const qint64 pageCost = cost.of(app.text, app.name) + app.original.size();
        m_charged += pageCost - std::exchange(entry->pageCost, pageCost);
    }
}

std::size_t AppModel::restore(std::vector<std::shared_ptr<AppSnapshot>> apps)
{
    Outdated outdated;
    const std::lock_guard lock(m_mutex);
    changed(outdated);
    std::size_t leftOut = 0;
    const std::size_t known = m_ordered.size();
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
        noteWithoutText(entry);
        watchDeadline(entry);
    }
    placeNew(known);
    return leftOut;
}

bool AppModel::replaceHeld(const AppSnapshot &held, AppUpdate update, const QByteArray &fault, Timestamp now)
{
    Outdated outdated;
    const std::lock_guard lock(m_mutex);
    const auto found = m_apps.find(held.name);
    if (found == m_apps.end() || found->second.snapshot->textVersion != held.textVersion)
        return false;
    changed(outdated);
    endInNewline(update.text);
    update.pageCost = costOf(m_textCost, update);
    swapText(found->second, update);
    noteWithoutText(found->second);
    AppSnapshot &app = writable(found->second);
    outdated.texts.push_back(std::move(update)); // the former one, freed when the lock is no longer held
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
