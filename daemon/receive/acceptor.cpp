// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/receive/acceptor.h"

#include "daemon/process/logging.h"
#include "daemon/receive/descriptor.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>

namespace ExporterProxy {

using namespace std::chrono_literals;

namespace {

/// Accepted before the event loop gets its turn.
constexpr int MaxAcceptsATurn = 256;

/// How long to wait for a descriptor after they ran out, unless a connection closes before.
constexpr auto AcceptRetry = 500ms;

} // namespace

Acceptor::Acceptor(QByteArray source, AcceptFailures &failures, LogLimiter &log)
    : m_source(std::move(source))
    , m_failures(failures)
    , m_log(log)
{
    m_retryTimer.setSingleShot(true);
    m_retryTimer.setInterval(AcceptRetry);
    QObject::connect(&m_retryTimer, &QTimer::timeout, &m_retryTimer, [this] { resume(); });
}

void Acceptor::join(AcceptTurn &turn, int epoll, Owner owner)
{
    m_owner = std::move(owner);
    m_turn = &turn;
    m_seat = turn.join(epoll);
}

void Acceptor::resume()
{
    if (!m_paused || !m_turn)
        return;
    m_paused = !m_turn->resume(m_seat);
    m_paused ? m_retryTimer.start() : m_retryTimer.stop();
}

void Acceptor::pause()
{
    if (m_paused)
        return;
    m_paused = true;
    m_turn->pause(m_seat);
}

void Acceptor::acceptPending(Clock::time_point until, bool wasLong)
{
    for (int accepted = 0; accepted < MaxAcceptsATurn && m_turn && !m_paused && !m_owner.isBusy();) {
        if (accepted > 0 && Clock::now() > until)
            return;
        int wanted = m_owner.room();
        if (wanted == 0) {
            if (!isReadable(m_turn->listener()))
                return; // nobody waits: nobody has to go
            if (!m_owner.makeRoom())
                return pause(); // the kernel's queue holds the others
            wanted = 1;
        }
        std::array<int, Batch> batch;
        int error = 0;
        const int count = acceptBatch(std::min(wanted, Batch), batch.data(), error);
        // Before the work, so that it can be shared.
        const bool passedOn = count > 0 && (count == Batch || wasLong) && m_turn->offer(m_seat);
        for (int i = 0; i < count; ++i)
            m_owner.take(batch[std::size_t(i)]);
        accepted += count;
        if (passedOn || error == EAGAIN || error == EWOULDBLOCK)
            return;
        if (error != 0 && error != EINTR && error != ECONNABORTED)
            return rest(error);
    }
}

/// Returns how many; `error` is why they are not `wanted`.
int Acceptor::acceptBatch(int wanted, int *descriptors, int &error) const
{
    int count = 0;
    while (count < wanted && error == 0) {
        const int descriptor = accept4(m_turn->listener(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0)
            descriptors[count++] = descriptor;
        else
            error = errno;
    }
    return count;
}

/// Out of descriptors or memory. The listener stays readable: watching it on would spin.
void Acceptor::rest(int error)
{
    pause();
    m_retryTimer.start();
    m_failures.count(error);
    if (m_log.allow(Clock::now()))
        qCWarning(lcReceive, "cannot accept on %s for now: %s", m_source.constData(), std::strerror(error));
}

bool Acceptor::leaveToNextProcess()
{
    if (!m_turn || !m_turn->outlivesProcess())
        return false;
    m_turn->pause(m_seat);
    m_turn = nullptr;
    return true;
}

void Acceptor::leave(Clock::time_point until)
{
    if (m_turn && !m_turn->pause(m_seat)) {
        // The last one to leave: the turn may have been on its way to a thread that had looked already.
        // Whoever is in the queue now nobody else lets in.
        m_paused = false;
        while (!m_paused && Clock::now() < until && isReadable(m_turn->listener()))
            acceptPending(until, false);
        m_turn->pause(m_seat);
    }
    m_turn = nullptr;
}

} // namespace ExporterProxy
