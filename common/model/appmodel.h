// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"
#include "common/model/pendingbytes.h"
#include "common/model/rejection.h"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>

namespace ExporterProxy {

/// The longest application name taken, in bytes of UTF-8.
inline constexpr qsizetype MaxAppNameSize = 256;

/// A new text for one application.
struct AppUpdate
{
    QByteArray name; ///< UTF-8; a key of the model from then on
    QByteArray text; ///< UTF-8 without NUL
};

/// What is wrong with an application's name, which must be valid UTF-8 already; nothing if it can be used.
std::optional<QByteArray> nameFault(QByteArrayView name);

/// The applications of this host and the last text of each: the one thing that receivers, poller and pages
/// share.
///
/// Texts are held as they came, but for a newline added where the last line has none: neighbours on a page
/// never fuse. A text is never copied on the way out; views share it. All functions may be called on any
/// thread. Readers do not block writers but for the time it takes to copy one pointer for each application.
class AppModel
{
public:
    struct Limits
    {
        qint64 maxApps = 10'000;
        qint64 maxTotalSize = qint64{1} << 30; ///< bytes of all texts
    };

    explicit AppModel(Limits limits);

    AppModel(const AppModel &) = delete;
    AppModel &operator=(const AppModel &) = delete;

    /// Stores the texts of one message, all or none; of several for one application the last counts. Takes
    /// the texts out of `updates`. Returns what stands against it: TooManyApps or TotalTooLarge; then nothing
    /// has changed. The names must have passed nameFault().
    std::optional<Rejection> apply(std::span<AppUpdate> updates, const QByteArray &source, SourceKind kind,
                                   Timestamp now);

    /// Notes a refused push on the application of that name. One that is not held is left alone: a stranger's
    /// refused push must not take a place.
    void noteRejected(QByteArrayView name, const QByteArray &reason, Timestamp now);

    /// Makes a polled application known with its rhythm, before its first poll has ended.
    void addPolled(const QByteArray &name, const QByteArray &source, std::chrono::milliseconds interval);

    /// Notes a failed poll; the last good text stays.
    void notePollFailed(const QByteArray &name, const QByteArray &reason, Timestamp now);

    /// All applications as they are now. Calls without a change between them return the same object; the
    /// model lets go of it at the next change.
    std::shared_ptr<const AppView> view();

    /// Changes with every change; cheap to ask.
    quint64 generation() const noexcept { return m_generation.load(std::memory_order_acquire); }

    /// What is held for peers beside the texts, within the same limit.
    PendingBytes &pending() { return m_pending; }

private:
    struct Entry
    {
        std::shared_ptr<AppSnapshot> snapshot;
        bool viewed = false; ///< a view holds the snapshot: the next change needs a new one
    };
    struct NameHash
    {
        using is_transparent = void;
        std::size_t operator()(QByteArrayView name) const noexcept
        {
            return std::hash<std::string_view>{}(std::string_view(name.data(), std::size_t(name.size())));
        }
    };
    struct NameEqual
    {
        using is_transparent = void;
        bool operator()(QByteArrayView a, QByteArrayView b) const noexcept { return a == b; }
    };

    std::optional<Rejection> check(std::span<const AppUpdate> updates) const;
    Entry &entryFor(const QByteArray &name);
    AppSnapshot &writable(Entry &entry);
    /// Counts the change and hands over the outdated view, to be released when the lock is no longer held.
    [[nodiscard]] std::shared_ptr<const AppView> changed();

    const Limits m_limits;
    std::mutex m_mutex;
    std::unordered_map<QByteArray, Entry, NameHash, NameEqual> m_apps;
    std::vector<Entry *> m_ordered; ///< by name; an unordered_map's elements stay where they are
    std::atomic<qint64> m_totalSize{0}; ///< written under the lock
    PendingBytes m_pending;
    quint64 m_lastTextVersion = 0;
    std::shared_ptr<const AppView> m_view;
    std::atomic<quint64> m_generation{1};
};

} // namespace ExporterProxy
