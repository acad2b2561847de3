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

AppModel::AppModel(Limits limits)
    : m_limits(limits)
    , m_pending(m_totalSize, limits.maxTotalSize)
{
}

std::optional<Rejection> AppModel::apply(std::span<AppUpdate> updates, const QByteArray &source,
                                         SourceKind kind, Timestamp now)
{
    for (AppUpdate &update : updates)
        endInNewline(update.text);

    std::shared_ptr<const AppView> outdated;
    const std::lock_guard lock(m_mutex);
    if (std::optional<Rejection> rejection = check(updates))
        return rejection;
    outdated = changed();
    for (AppUpdate &update : updates) {
        AppSnapshot &app = writable(entryFor(update.name));
        m_totalSize += update.text.size() - app.text.size();
        app.swapText(update.text,
                     ++m_lastTextVersion); // the old text is freed by the caller, outside the lock
        app.source = source;
        app.kind = kind;
        app.lastUpdate = now;
        app.lastFailed = false;
        ++app.updates;
    }
    return std::nullopt;
}

void AppModel::noteRejected(QByteArrayView name, const QByteArray &reason, Timestamp now)
{
    std::shared_ptr<const AppView> outdated;
    const std::lock_guard lock(m_mutex);
    const auto found = m_apps.find(name);
    if (found == m_apps.end())
        return;
    outdated = changed();
    AppSnapshot &app = writable(found->second);
    app.lastErrorReason = reason;
    app.lastErrorAt = now;
    app.lastFailed = true;
    ++app.rejected;
}

void AppModel::addPolled(const QByteArray &name, const QByteArray &source, std::chrono::milliseconds interval)
{
    std::shared_ptr<const AppView> outdated;
    const std::lock_guard lock(m_mutex);
    outdated = changed();
    AppSnapshot &app = writable(entryFor(name));
    app.source = source;
    app.kind = SourceKind::Poll;
    app.interval = interval;
}

void AppModel::notePollFailed(const QByteArray &name, const QByteArray &reason, Timestamp now)
{
    noteRejected(name, reason, now);
}

std::shared_ptr<const AppView> AppModel::view()
{
    const std::lock_guard lock(m_mutex);
    if (m_view)
        return m_view;
    auto fresh = std::make_shared<AppView>();
    fresh->generation = generation();
    fresh->totalSize = m_totalSize;
    fresh->apps.reserve(m_ordered.size());
    for (Entry *entry : m_ordered) {
        entry->viewed = true;
        fresh->apps.push_back(entry->snapshot);
    }
    m_view = std::move(fresh);
    return m_view;
}

std::optional<Rejection> AppModel::check(std::span<const AppUpdate> updates) const
{
    // Of several texts for one application only the last will stay; the earlier ones take no room.
    std::unordered_map<QByteArrayView, const AppUpdate *, NameHash, NameEqual> last;
    if (updates.size() > 1) {
        for (const AppUpdate &update : updates)
            last[update.name] = &update;
    }
    qint64 apps = qint64(m_apps.size());
    qint64 total = m_totalSize;
    for (const AppUpdate &update : updates) {
        if (!last.empty() && last[update.name] != &update)
            continue;
        const auto found = m_apps.find(update.name);
        const bool isNew = found == m_apps.end();
        if (isNew && ++apps > m_limits.maxApps)
            return Rejection{RejectReason::TooManyApps,
                             "a new application would be one more than limits.max_apps ("
                                 + QByteArray::number(m_limits.maxApps) + ")",
                             update.name};
        total += update.text.size() - (isNew ? 0 : found->second.snapshot->text.size());
        if (total > m_limits.maxTotalSize)
            return Rejection{RejectReason::TotalTooLarge,
                             "all texts together would be larger than limits.max_total_size ("
                                 + QByteArray::number(m_limits.maxTotalSize) + " bytes)",
                             update.name};
    }
    return std::nullopt;
}

std::shared_ptr<const AppView> AppModel::changed()
{
    m_generation.fetch_add(1, std::memory_order_release);
    return std::exchange(m_view, nullptr);
}

AppModel::Entry &AppModel::entryFor(const QByteArray &name)
{
    const auto [at, isNew] = m_apps.try_emplace(name);
    Entry &entry = at->second;
    if (isNew) {
        entry.snapshot = std::make_shared<AppSnapshot>();
        entry.snapshot->name = name;
        const auto place = std::lower_bound(
            m_ordered.begin(), m_ordered.end(), name,
            [](const Entry *known, const QByteArray &wanted) { return known->snapshot->name < wanted; });
        m_ordered.insert(place, &entry);
    }
    return entry;
}

AppSnapshot &AppModel::writable(Entry &entry)
{
    if (entry.viewed) {
        entry.snapshot = std::make_shared<AppSnapshot>(*entry.snapshot);
        entry.viewed = false;
    }
    return *entry.snapshot;
}

} // namespace ExporterProxy
