// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/http/heldoutput.h"

#include "daemon/http/httpsocket.h"

#include <algorithm>
#include <tuple>
#include <vector>

namespace ExporterProxy {

namespace {

using namespace std::chrono_literals;

/// How often it is weighed: that costs a look at all connections.
constexpr auto WeighInterval = 20ms;

/// Less than what most connections' buffers in the kernel take.
constexpr qint64 SmallPage = 64 * 1024;

/// Parts of pages that are looked at one by one, at most, in one turn of the event loop: some 3 ms.
constexpr std::size_t MaxPartsWeighed = 50'000;

/// How many hold the bytes of a part. It is not on any thread's stack at this moment; what another one does
/// with the store's may change it by one, to the next weighing.
long ownersOf(const QByteArray &part)
{
    const auto *data = const_cast<QByteArray &>(part).data_ptr().d_ptr();
    return data ? data->ref_.loadRelaxed() : 1;
}

} // namespace

HeldOutput::HeldOutput(const Sockets &sockets)
    : m_sockets(sockets)
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(WeighInterval);
    connect(&m_timer, &QTimer::timeout, this, &HeldOutput::shed);
}

void HeldOutput::countAs(PendingBytes &pending)
{
    m_pending.emplace(pending,
                      [this] { QMetaObject::invokeMethod(this, &HeldOutput::shed, Qt::QueuedConnection); });
}

void HeldOutput::noteWaitingReader(const HttpSocket &socket)
{
    if (!m_pending)
        return;
    if (!m_timer.isActive())
        m_timer.start();
    // A page of his own, such as those of /apps, counts at once: many may be asked for before the next
    // weighing.
    socket.writer().forEachBody([this](const std::shared_ptr<const Page> &page) {
        if (page.use_count() == 1)
            m_pending->change(page->size);
    });
    if (m_pending->isExceeded())
        shed();
}

bool HeldOutput::isTight() const
{
    return m_pending && m_pending->bytes() > m_pending->allowed() / 2;
}

/// A page that is out of date counts in full, although it may share most of its texts with the store.
HeldOutput::Pages HeldOutput::weigh()
{
    Pages pages;
    for (const HttpSocket *socket : m_sockets)
        socket->writer().forEachBody([&pages](const std::shared_ptr<const Page> &page) {
            Held &held = pages[page.get()];
            held.owners = page.use_count();
            held.bytes = page->size;
            ++held.readers;
        });
    qint64 bytes = 0;
    for (const auto &[page, held] : pages)
        bytes += held.isCounted() ? held.bytes : 0;
    m_pending->set(bytes);
    return pages;
}

/// Leaves out what is the store's as well: a part with more owners than there are such pages has one that is
/// none of them.
void HeldOutput::weighExactly(Pages &pages)
{
    const long counted =
        std::count_if(pages.begin(), pages.end(), [](const auto &page) { return page.second.isCounted(); });
    std::size_t left = MaxPartsWeighed;
    qint64 bytes = 0;
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
    m_pending->set(bytes);
}

void HeldOutput::shed()
{
    Pages pages = weigh();
    if (!pages.empty() && !m_timer.isActive())
        m_timer.start(); // a page that is current now may be out of date then
    if (m_pending->isExceeded())
        weighExactly(pages);
    if (!m_pending->isExceeded() || !m_pending->isToShed())
        return;

    struct Candidate
    {
        HttpSocket *socket;
        Clock::duration stalled;
        qint64 bytes;
    };
    std::vector<Candidate> candidates;
    const Clock::time_point now = Clock::now();
    for (HttpSocket *socket : m_sockets) {
        qint64 bytes = 0;
        socket->writer().forEachBody([&](const std::shared_ptr<const Page> &page) {
            if (const Held &held = pages[page.get()]; held.isCounted())
                bytes += held.bytes;
        });
        if (bytes > 0)
            candidates.push_back({socket, socket->stalledFor(now), bytes});
    }
    // Not by bytes as well: whoever has just asked for a large page has had no time to read it. Small ones
    // after all others, because to drop many of them gains little.
    std::sort(candidates.begin(), candidates.end(), [](const Candidate &a, const Candidate &b) {
        const bool aIsSmall = a.bytes < SmallPage;
        const bool bIsSmall = b.bytes < SmallPage;
        return std::tuple(!aIsSmall, a.stalled, a.bytes) > std::tuple(!bIsSmall, b.stalled, b.bytes);
    });
    for (const Candidate &candidate : candidates) {
        if (!m_pending->isExceeded())
            return;
        drop(*candidate.socket, pages);
    }
}

void HeldOutput::drop(HttpSocket &socket, Pages &pages)
{
    socket.writer().forEachBody([&](const std::shared_ptr<const Page> &page) {
        Held &held = pages[page.get()];
        if (held.isCounted() && held.readers == 1)
            m_pending->change(-held.bytes);
        --held.readers;
        --held.owners;
    });
    socket.drop("reads its response too slowly for the memory that limits.max_total_size leaves");
}

} // namespace ExporterProxy
