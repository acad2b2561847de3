// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "common/model/appsnapshot.h"
#include "common/model/freshness.h"
#include "common/model/pendingbytes.h"
#include "common/model/rejection.h"
#include "common/model/textcost.h"
#include "common/util/keyedhash.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <QByteArrayList>
#include <span>
#include <utility>

namespace ExporterProxy {

/// The longest application name taken, in bytes of UTF-8.
inline constexpr qsizetype MaxAppNameSize = 256;

/// A new text for one application.
struct AppUpdate
{
    QByteArray name; ///< UTF-8; a key of the model from then on
    QByteArray text = {}; ///< UTF-8 without NUL
    Format format = Format::Text; ///< as it came; says nothing of a text before it has passed the gate
    QByteArray original = {}; ///< AppSnapshot::original
    QByteArrayList notes = {}; ///< AppSnapshot::notes
    qint64 pageCost = 0; ///< by TextCost, and the size of the original; filled in by TextJudging or
    ///< by the model
};

/// What is wrong with an application's name, which must be valid UTF-8 already; nothing if it can be used.
std::optional<QByteArray> nameFault(QByteArrayView name);

/// The applications of this host and the last text of each: the one thing that receivers, poller and pages
/// share.
///
/// Texts are held as they came, but for a newline added where the last line has none: neighbours on a page
/// never fuse. A text is never copied on the way out; views share it. All functions may be called on any
/// thread. Readers do not block writers but for the time it takes to copy one pointer for each application.
///
/// What has expired goes by the time that callers bring along: apply(), view(now) and find() first do all
/// that is due by then, so that no page ever shows a text a moment too long and no push is refused for want
/// of room that an expired one takes. What nobody asks for is left to expire(), for a timer.
class AppModel
{
public:
    struct Limits
    {
        qint64 maxApps = 10'000;
        qint64 maxTotalSize = qint64{1} << 30; ///< bytes of all texts, and of what pages keep for them
    };

    explicit AppModel(Limits limits, FreshnessRules freshness = {});

    AppModel(const AppModel &) = delete;
    AppModel &operator=(const AppModel &) = delete;

    /// Stores the texts of one message, all or none, in place of applications without a text if there is no
    /// other place; of several for one application the last counts. Takes the texts out of `updates`. Returns
    /// the reason if nothing was stored: Reserved (a push of an application that the configuration names),
    /// TooManyApps or TotalTooLarge. The names must have passed nameFault(). `pricedBy` is what the updates'
    /// pageCost is by; without it, or if it is outdated, the texts are priced here.
    std::optional<Rejection> apply(std::span<AppUpdate> updates, const QByteArray &source, SourceKind kind,
                                   Timestamp now, const std::optional<TextCost> &pricedBy = std::nullopt);

    /// What pages keep for each text now.
    TextCost textCost();

    /// Notes on the application of that name that a push of it was rejected, or a poll of it failed; the last
    /// good text stays. Does nothing if there is none: a stranger's rejected push must not take a place. Nor
    /// does it make an application fail that the configuration names.
    void noteRejected(QByteArrayView name, const QByteArray &reason, SourceKind kind, Timestamp now);

    /// Makes an application known that the configuration names, before there is a text of it. `interval` is
    /// its rhythm if it does not learn one (SourceKindInfo).
    void addConfigured(const QByteArray &name, const QByteArray &source, SourceKind kind,
                       std::chrono::milliseconds interval);

    /// Puts other rules in the place of those that hold. A text that has expired does not come back.
    void setFreshness(FreshnessRules rules);

    /// Does what is due: the text of an application that has expired goes, and with it its bytes; its name
    /// and counters go with forgetAfter, unless it is configured. Returns the moment before which nothing
    /// further can be due, which may turn out too early; nothing: not before something changes.
    std::optional<Timestamp> expire(Timestamp now);

    /// Has `watcher` called whenever something will be due earlier than expire() said last. It is called
    /// rarely, on any thread and with the model locked: it must not call back, only tell another thread.
    /// After this function returns, the watcher before is not called any more.
    void setDeadlineWatcher(std::function<void()> watcher);

    /// The application of that name by itself, after what is due; null if there is none. Costs the same
    /// however many there are.
    std::shared_ptr<const AppSnapshot> find(QByteArrayView name, Timestamp now);

    /// All applications after what is due.
    std::shared_ptr<const AppView> view(Timestamp now);

    /// Removes an application that the configuration no longer names; not one that is pushed.
    void removeConfigured(const QByteArray &name);

    /// Removes an application with all that is known of it. Returns false if there is none of that name, or
    /// if the configuration names it.
    bool remove(QByteArrayView name);

    /// Removes the applications whose names `isMeant`, but none that the configuration names. Returns the
    /// names. If `isDry`, none is removed. `isMeant` is called with the model locked.
    QByteArrayList removeIf(const std::function<bool(QByteArrayView)> &isMeant, bool isDry);

    /// Takes other limits. What is held over them stays; nothing new is taken until there is room.
    void setLimits(Limits limits);

    /// What pages keep for each text from now on, which counts as the text does: nothing at first. What is
    /// over the limits then stays, as with setLimits().
    void setTextCost(const TextCost &cost);

    /// Takes in what was held when the proxy ran last, with its times and counters; before anything is
    /// pushed. The names must have passed nameFault(), the texts textFault(). What is known already or does
    /// not fit under the limits is left out; returns how many these are.
    std::size_t restore(std::vector<std::shared_ptr<AppSnapshot>> apps);

    /// Puts a text, with its format, original and notes, in the place of the one that `held` has, of which it
    /// is another writing: neither time nor counters change. `fault`, if not empty, is what stands against
    /// the former text, and is noted as the application's last error. Does nothing and returns false if the
    /// application has another text by now.
    bool replaceHeld(const AppSnapshot &held, AppUpdate update, const QByteArray &fault, Timestamp now);

    /// Calls `notify` once, at the next change of an application that is not configured: on the thread that
    /// makes it, under the model's lock, so it must be quick and leave the model alone. Costs a push nothing
    /// while none is set.
    void notifyNextPush(std::function<void()> notify);

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
        Rhythm rhythm; ///< of its pushes
        std::chrono::milliseconds configuredInterval{0};
        qint64 pageCost = 0; ///< of its text
        quint64 withoutText = 0; ///< its key in m_withoutText; 0: it is not there
        bool viewed = false; ///< a reader holds the snapshot: the next change needs a new one
    };
    /// Milliseconds, as the limits are: what is due is decided by the same arithmetic as appStateAt().
    using Deadline = std::chrono::sys_time<std::chrono::milliseconds>;
    static constexpr Deadline NoDeadline = Deadline::max();

    /// What a change has put out of use: to be declared before the lock, so that it is freed after it.
    struct Outdated
    {
        std::shared_ptr<const AppView> view;
        std::vector<AppUpdate> texts;
    };

    std::optional<Rejection> check(std::span<const AppUpdate> updates, SourceKind kind) const;
    /// Puts the text into the entry with all that belongs to it; what the entry had is in the update then.
    void swapText(Entry &entry, AppUpdate &update);
    /// A new one is appended to m_ordered: to be followed by placeNew().
    Entry &entryFor(const QByteArray &name, SourceKind kind);
    /// Orders the entries of m_ordered that were appended when it had `known`.
    void placeNew(std::size_t known);
    /// Where an application of that name stands in the order, or would.
    std::vector<Entry *>::iterator placeOf(const QByteArray &name);
    /// Keeps m_withoutText right after the text or the kind of the application has changed.
    void noteWithoutText(Entry &entry);
    /// Forgets applications without a text until there is room for the message; check() has found it.
    void makeRoom(std::span<const AppUpdate> updates);
    /// The snapshot for a change; of another revision from now on.
    AppSnapshot &writable(Entry &entry);
    std::shared_ptr<const AppView> currentView();
    /// Counts the change.
    void changed(Outdated &outdated);

    static Deadline deadlineOf(const Entry &entry);
    void watchDeadline(const Entry &entry);
    void expireDue(Timestamp now, Outdated &outdated);

    void notifyPushed()
    {
        if (m_notifyPushed)
            std::exchange(m_notifyPushed, nullptr)();
    }

    std::mutex m_mutex; ///< for all that follows
    Limits m_limits;
    TextCost m_textCost;
    std::function<void()> m_notifyPushed;
    KeyedMap<QByteArray, Entry> m_apps;
    std::vector<Entry *> m_ordered; ///< by name; an unordered_map's elements stay where they are
    /// Those that have a place but no text, and that no configuration names: the first to be forgotten when
    /// another one wants a place, in the order in which they have lost their text.
    std::map<quint64, Entry *> m_withoutText;
    quint64 m_lastWithoutText = 0;
    static constexpr quint64 Forgotten = ~quint64{0}; ///< in the place of a key, of an entry that is removed
    qint64 m_totalSize = 0; ///< bytes of all texts
    std::atomic<qint64> m_charged{0}; ///< and of what pages keep for them; written under the lock
    PendingBytes m_pending;
    quint64 m_lastTextVersion = 0;
    quint64 m_lastRevision = 0;
    std::shared_ptr<const AppView> m_view;
    FreshnessRules m_freshness;
    /// No application is due before. Too early where the one it was of has been updated since: to keep it
    /// exact would cost each push the search for the next one; so, it costs a look at all applications once
    /// in the shortest limit there is.
    Deadline m_nextDeadline = NoDeadline;
    std::function<void()> m_deadlineWatcher;
    std::atomic<quint64> m_generation{1};
};

} // namespace ExporterProxy
