// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/net/connectionset.h"

#include <functional>
#include <QTest>

// What the tests of the engine share: a connection without a conversation, and its door.

namespace ExporterProxy::NetTesting {

using Clock = Connection::Clock;

/// A connection that does what its test says.
class TestConnection final : public Connection
{
public:
    explicit TestConnection(Door &door, std::vector<const Connection *> *dropped = nullptr)
        : Connection(door)
        , m_dropped(dropped)
    {
    }

    std::function<void(TestConnection &)> onProceed;
    std::shared_ptr<const Page> page;
    Clock::time_point progressAt; ///< when its peer last made progress
    std::function<void()> onDrop;
    std::function<void(TestConnection &)> onGiveWay; ///< null: it closes

    using Connection::close;
    using Connection::enter;
    using Connection::mayRunNow;
    using Connection::queue;
    using Connection::setPeer;
    using Connection::watch;

    void proceed(Clock::time_point) override
    {
        if (onProceed)
            onProceed(*this);
    }
    void onDeadline(Clock::time_point) override { close(); }
    void dropForMemory(qint64, Clock::time_point) override
    {
        if (m_dropped)
            m_dropped->push_back(this);
        page.reset();
        if (onDrop)
            onDrop();
    }
    void giveWay(Clock::time_point) override
    {
        if (onGiveWay)
            onGiveWay(*this);
        else
            close();
    }
    Clock::duration stalledFor(Clock::time_point now) override { return now - progressAt; }
    const std::shared_ptr<const Page> &heldPage() const override { return page; }
    Work work() const override { return Work::Push; }

private:
    std::vector<const Connection *> *m_dropped;
};

/// A door of such connections. Notes what happens to it.
class TestDoor final : public Door
{
public:
    explicit TestDoor(ConnectionSet &set, int maxConnections = 10, const PhaseTimes &times = {})
        : TestDoor(set, maxConnections, times, std::make_unique<AcceptFailures>())
    {
    }

    std::function<void(TestConnection &)> onProceed; ///< of each connection
    bool isTurningAway = false; ///< who is too many, in place of having it wait
    int turnedAway = 0;
    int open = 0; ///< as noteOpen() told it
    QByteArrayList warnings;

    /// How often accepting failed for want of descriptors.
    quint64 failures() const { return m_ownFailures->counts[0]; }
    using Door::maxConnections;

protected:
    std::unique_ptr<Connection> makeConnection() override
    {
        auto connection = std::make_unique<TestConnection>(*this);
        connection->onProceed = onProceed;
        return connection;
    }
    bool turnsAway() const override { return isTurningAway; }
    void turnAway(Descriptor) override { ++turnedAway; }
    void noteOpen(int by) override { open += by; }
    const LogLimiter &log() const override { return m_log; }
    void logWarning(const QByteArray &line, Clock::time_point) override { warnings << line; }
    void logWithheld(Clock::time_point) override { }

private:
    TestDoor(ConnectionSet &set, int maxConnections, const PhaseTimes &times,
             std::unique_ptr<AcceptFailures> failures)
        : Door(set, "the test's door", maxConnections, times, *failures)
        , m_ownFailures(std::move(failures))
        , m_log({})
    {
    }

    const std::unique_ptr<AcceptFailures> m_ownFailures;
    LogLimiter m_log;
};

/// A set that nothing gives turns to but its test.
struct Engine
{
    /// `memory` in bytes: what may be pending.
    explicit Engine(qint64 memory = qint64{1} << 30)
        : pending(stored, memory)
    {
    }

    std::atomic<qint64> stored{0};
    PendingBytes pending;
    std::unique_ptr<ConnectionSet> set = ConnectionSet::create(pending).take();
};

} // namespace ExporterProxy::NetTesting
