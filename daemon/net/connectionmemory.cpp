// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/net/connectionmemory.h"

#include "daemon/net/deadlines.h"

#include <algorithm>
#include <QScopeGuard>
#include <utility>

namespace ExporterProxy {

namespace {

using namespace std::chrono_literals;

/// How often the pages are weighed: that costs a look at all connections that are sending one.
constexpr auto WeighInterval = 20ms;

/// Parts of pages that are looked at one by one in one go, at most: some 3 ms.
constexpr std::size_t MaxPartsWeighed = 50'000;

/// What the kernel may hold for a connection without being asked about it: small responses usually are with
/// the reader long before they are weighed.
constexpr qint64 Uncounted = 16 * 1024;

/// How many hold the bytes of a part. It is not on any thread's stack at this moment; what another thread
/// does with the store's may change it by one, until the next weighing.
long ownersOf(const QByteArray &part)
{
    const auto *data = const_cast<QByteArray &>(part).data_ptr().d_ptr();
    return data ? data->ref_.loadRelaxed() : 1;
}

void forEachIn(const std::vector<const Deadlines *> &all, Phase phase, auto &&function)
{
    for (const Deadlines *connections : all) {
        for (Connection *each = connections->first(phase); each; each = each->next())
            function(*each);
    }
}

void forEachIn(const std::vector<const Deadlines *> &all, auto &&function)
{
    for (std::size_t phase = 0; phase < PhaseCount; ++phase)
        forEachIn(all, Phase(phase), function);
}

} // namespace

ConnectionMemory::ConnectionMemory(PendingBytes &all, std::function<void()> wake)
    : m_pending(all, [this, wake = std::move(wake)] {
        if (!m_isAsked.exchange(true))
            wake();
    })
{
}

void ConnectionMemory::noteInput(Connection &connection, qint64 bytes, Clock::time_point now)
{
    m_pending.change(bytes - std::exchange(connection.m_heldInput, bytes));
    if (bytes > 0 && m_pending.isExceeded() && m_pending.isToShed())
        makeRoom(now);
}

void ConnectionMemory::noteReader(const Connection &connection, Clock::time_point now)
{
    if (!connection.heldPage() && connection.channel().mostUnsent() <= Uncounted)
        return;
    m_nextWeighing = std::min(m_nextWeighing, now + WeighInterval);
    // A page of its own, such as those of /apps, counts at once: many may be asked for before the next
    // weighing.
    if (connection.heldPage() && connection.heldPage().use_count() == 1)
        setOutput(m_output + connection.heldPage()->size);
    if (m_pending.isExceeded() && m_pending.isToShed())
        makeRoom(now);
}

void ConnectionMemory::update(Clock::time_point now)
{
    const bool isAsked = m_isAsked.load(std::memory_order_relaxed) && m_isAsked.exchange(false);
    if (now < m_nextWeighing && !isAsked)
        return;
    const bool isEmpty = weigh().empty() && m_kernel == 0;
    // A page that is current now may be out of date then.
    m_nextWeighing = isEmpty ? Clock::time_point::max() : now + WeighInterval;
    if (m_pending.isExceeded() && m_pending.isToShed())
        makeRoom(now);
}

void ConnectionMemory::setOutput(qint64 bytes)
{
    m_pending.change(bytes - std::exchange(m_output, bytes));
}

/// A page that is out of date counts in full, although it may share most of its texts with the store.
ConnectionMemory::HeldPages ConnectionMemory::weigh()
{
    HeldPages pages;
    forEachIn(m_connections, Phase::Responding, [&pages](const Connection &reader) {
        if (const std::shared_ptr<const Page> &page = reader.heldPage()) {
            HeldPage &held = pages[page.get()];
            held.owners = page.use_count();
            held.bytes = page->size;
            ++held.readers;
        }
    });
    qint64 bytes = weighKernel();
    for (const auto &[page, held] : pages)
        bytes += held.isCounted() ? held.bytes : 0;
    setOutput(bytes);
    return pages;
}

/// Returns how much the kernel holds for connections that may not have read all of their responses.
qint64 ConnectionMemory::weighKernel()
{
    m_kernel = 0;
    forEachIn(m_connections, [this](Connection &each) {
        each.m_heldByKernel = 0;
        if (each.channel().mostUnsent() <= Uncounted)
            return;
        const qint64 memory = each.channel().kernelMemory();
        if (each.channel().mostUnsent() > Uncounted)
            m_kernel += each.m_heldByKernel = memory;
    });
    return m_kernel;
}

/// Leaves out what is the store's as well: a part with more owners than there are such pages has one that is
/// none of them.
void ConnectionMemory::weighExactly(HeldPages &pages)
{
    const long counted =
        std::count_if(pages.begin(), pages.end(), [](const auto &page) { return page.second.isCounted(); });
    std::size_t left = MaxPartsWeighed;
    qint64 bytes = m_kernel;
    for (auto &[page, held] : pages) {
        if (!held.isCounted())
            continue;
        if (page->parts.size() <= left) {
            left -= page->parts.size();
            held.bytes = 0;
            for (const QByteArray &part : page->parts)
                held.bytes += ownersOf(part) > counted ? 0 : part.size();
        }
        bytes += held.bytes;
    }
    setOutput(bytes);
}

void ConnectionMemory::makeRoom(Clock::time_point now)
{
    // What is answered to a connection that is dropped may have to wait for its peer, and is noted.
    if (m_isMakingRoom)
        return;
    m_isMakingRoom = true;
    const auto end = qScopeGuard([this] { m_isMakingRoom = false; });
    HeldPages pages = weigh();
    if (!pages.empty())
        weighExactly(pages);
    if (!m_pending.isExceeded())
        return;

    struct Candidate
    {
        Connection *connection;
        double cost; ///< bytes times seconds
    };
    std::vector<Candidate> candidates;
    const auto add = [&](Connection &connection, qint64 bytes) {
        // The microsecond lets size decide among those that have just begun.
        if (bytes == 0)
            return;
        const std::chrono::duration<double> stalled = connection.stalledFor(now) + 1us;
        candidates.push_back({&connection, double(bytes) * stalled.count()});
    };
    forEachIn(m_connections, [&](Connection &each) {
        qint64 bytes = each.m_heldByKernel + each.heldInput();
        if (const auto page = pages.find(each.heldPage().get());
            page != pages.end() && page->second.isCounted())
            bytes += page->second.bytes;
        add(each, bytes);
    });
    std::sort(candidates.begin(), candidates.end(),
              [](const Candidate &a, const Candidate &b) { return a.cost > b.cost; });
    const qint64 allowed = m_pending.allowed();
    for (const Candidate &candidate : candidates) {
        if (!m_pending.isExceeded())
            return;
        if (const std::shared_ptr<const Page> &page = candidate.connection->heldPage()) {
            HeldPage &held = pages[page.get()];
            if (held.readers == 1)
                setOutput(m_output - held.bytes);
            --held.readers;
            --held.owners;
        }
        const qint64 byKernel = candidate.connection->m_heldByKernel;
        candidate.connection->dropForMemory(allowed, now);
        if (!candidate.connection->isOpen())
            setOutput(m_output - byKernel);
        candidate.connection->updateWatch(); // it may have an answer to write, and no job of its own
    }
}

} // namespace ExporterProxy
