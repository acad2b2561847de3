// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/state/statekeeper.h"

#include "common/util/errortext.h"
#include "common/util/words.h"

#include <algorithm>
#include <cerrno>
#include <pthread.h>
#include <QLoggingCategory>
#include <QSocketNotifier>
#include <sys/eventfd.h>

namespace ExporterProxy {

Q_LOGGING_CATEGORY(lcState, "exporterproxy.state")

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

} // namespace

StateKeeper::StateKeeper(const QString &path, AppModel &model, StateCounters &counters)
    : m_model(model)
    , m_counters(counters)
    , m_file(path)
    , m_events(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    if (!m_events.isOpen())
        qFatal("cannot create an eventfd: %ls", qUtf16Printable(errorText(errno)));
    m_notifier = new QSocketNotifier(m_events.get(), QSocketNotifier::Read, this);
    connect(m_notifier, &QSocketNotifier::activated, this, &StateKeeper::onEvent);
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &StateKeeper::beginWrite);
}

StateKeeper::~StateKeeper()
{
    stop();
    m_notifier->setEnabled(false); // before its descriptor is closed
}

Result<> StateKeeper::start(const StateReader::Limits &limits)
{
    if (Result<> opened = m_file.open(); !opened)
        return opened;
    Result<StateFile::Content> content = m_file.read(limits);
    if (!content)
        return content.failure();
    restore(content.take());
    try {
        m_thread = std::thread([this] { runThread(); });
    } catch (const std::system_error &failure) {
        return Failure{QStringLiteral("cannot keep the state in %1: cannot start a thread: %2")
                           .arg(m_file.path(), errorText(failure.code().value()))};
    }
    m_isOpen = true;
    waitForPush();
    return {};
}

void StateKeeper::restore(StateFile::Content content)
{
    const QByteArray path = m_file.path().toUtf8();
    if (!content.damage.isEmpty()) {
        m_counters.restoreFailed = true;
        qCWarning(lcState, "the state in %s is damaged and was set aside as %s, nothing is restored: %s",
                  path.constData(), content.setAsideAs.toUtf8().constData(),
                  content.damage.toUtf8().constData());
        return;
    }
    if (!content.existed) {
        qCInfo(lcState, "keeping the state in %s, which is new", path.constData());
        return;
    }
    const Timestamp now = timeNow();
    for (const std::shared_ptr<AppSnapshot> &app : content.apps) {
        app->lastUpdate = restoredTime(app->lastUpdate, content.writtenAt, now);
        app->lastErrorAt = restoredTime(app->lastErrorAt, content.writtenAt, now);
    }
    const std::size_t count = content.apps.size();
    const std::size_t leftOut = m_model.restore(std::move(content.apps));
    m_counters.restoredApps = count - leftOut;
    m_counters.lastWrite = content.writtenAt;
    qCInfo(lcState, "restored %zu applications from %s, written at %s", count - leftOut, path.constData(),
           utcText(content.writtenAt, milliseconds{1}).constData());
    if (const std::size_t all = leftOut + content.leftOut; all > 0)
        qCWarning(lcState, "left out %zu applications of %s: over limits.max_apps or limits.max_total_size",
                  all, path.constData());
}

void StateKeeper::stop()
{
    if (!m_isOpen)
        return;
    m_isOpen = false;
    m_timer.stop();
    m_model.notifyNextPush(nullptr);
    {
        const std::lock_guard lock(m_mutex);
        m_quit = true;
    }
    m_wake.notify_one();
    m_thread.join();
    if (m_outcome)
        endWrite(*std::exchange(m_outcome, std::nullopt));
    // Writes once more if something was pushed since the last write began, or if that write failed.
    if (m_pushed.exchange(false) || !m_isWaiting)
        endWrite(write(pushedApps()));
}

/// The next push sets m_pushed and wakes the main thread; the ones after it cost nothing until the next
/// write.
void StateKeeper::waitForPush()
{
    m_isWaiting = true;
    m_model.notifyNextPush([this] {
        m_pushed = true;
        eventfd_write(m_events.get(), 1);
    });
}

void StateKeeper::onEvent()
{
    eventfd_t count = 0;
    eventfd_read(m_events.get(), &count);
    std::optional<Outcome> outcome;
    {
        const std::lock_guard lock(m_mutex);
        outcome = std::exchange(m_outcome, std::nullopt);
    }
    if (outcome)
        endWrite(*outcome);
    if (m_pushed.exchange(false))
        m_isWaiting = false;
    if (m_isOpen && !m_isWaiting && !m_isWriting && !m_timer.isActive())
        schedule(m_pause);
}

void StateKeeper::schedule(milliseconds pause)
{
    const auto rest = std::chrono::ceil<milliseconds>(m_lastEnd + pause - Clock::now());
    m_timer.start(std::clamp(rest, GatherTime, std::max(pause, GatherTime)));
}

void StateKeeper::beginWrite()
{
    m_isWriting = true;
    waitForPush(); // before the view: a push between the two is written twice rather than never
    {
        const std::lock_guard lock(m_mutex);
        m_task = pushedApps();
    }
    m_wake.notify_one();
}

void StateKeeper::endWrite(const Outcome &outcome)
{
    m_isWriting = false;
    m_lastEnd = Clock::now();
    m_counters.lastSuccessful = outcome.result.isOk();
    if (!outcome.result) {
        ++m_counters.errors;
        m_isWaiting = false; // there is still something to write
        m_pause = RetryInterval;
        // Logged once; a metric says that writing still fails.
        if (!std::exchange(m_lastFailed, true))
            qCWarning(lcState, "%ls; the last whole one stays, next try in %lld s",
                      qUtf16Printable(outcome.result.error()), qlonglong(RetryInterval.count() / 1000));
        return;
    }
    ++m_counters.writes;
    m_counters.lastWrite = outcome.when;
    m_counters.bytes = m_file.size();
    m_pause = std::max(WriteInterval, std::chrono::ceil<milliseconds>(outcome.took * PauseFactor));
    if (std::exchange(m_lastFailed, false))
        qCInfo(lcState, "the state is written to %ls again", qUtf16Printable(m_file.path()));
}

StateFile::Apps StateKeeper::pushedApps()
{
    const std::shared_ptr<const AppView> view = m_model.view();
    StateFile::Apps apps;
    apps.reserve(view->apps.size());
    std::copy_if(view->apps.begin(), view->apps.end(), std::back_inserter(apps),
                 [](const auto &app) { return !infoOf(app->kind).isConfigured; });
    // What does not fit when it is read is what comes last: names without a text, and before them the oldest.
    std::stable_sort(apps.begin(), apps.end(), [](const auto &a, const auto &b) {
        return std::pair(a->text.isEmpty(), b->lastUpdate) < std::pair(b->text.isEmpty(), a->lastUpdate);
    });
    return apps;
}

StateKeeper::Outcome StateKeeper::write(StateFile::Apps apps)
{
    Outcome outcome;
    followWallClock();
    outcome.when = wallClock();
    const Clock::time_point begin = Clock::now();
    outcome.result = m_file.write(std::move(apps), outcome.when);
    outcome.took = Clock::now() - begin;
    return outcome;
}

void StateKeeper::runThread()
{
    pthread_setname_np(pthread_self(), "state");
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_wake.wait(lock, [this] { return m_task || m_quit; });
        if (!m_task)
            return;
        StateFile::Apps apps = *std::exchange(m_task, std::nullopt);
        lock.unlock();
        Outcome outcome = write(std::move(apps));
        lock.lock();
        m_outcome = std::move(outcome);
        eventfd_write(m_events.get(), 1);
    }
}

} // namespace ExporterProxy
