// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/poll/managerpool.h"

#include "daemon/compat/directconnections.h"

#include <chrono>
#include <sys/stat.h>
#include <thread>

namespace ExporterProxy {

namespace {

/// What QNetworkAccessManager opens to one host over HTTP/1.1; the number is fixed before Qt 6.5.
constexpr int ConnectionsPerHost = 6;

/// How long the last steps of a thread may take: they free what libraries hold for it. Far more than they
/// need; it only bounds the wait if something else starts threads meanwhile.
constexpr std::chrono::milliseconds ThreadEndTime{200};

/// Threads of this process: each is a folder in this one (proc(5)), and so a link to it. -1 if unknown.
qint64 threadCount()
{
    struct stat status
    {
    };
    return stat("/proc/self/task", &status) == 0 ? qint64(status.st_nlink) - 2 : -1;
}

} // namespace

ManagerPool::~ManagerPool()
{
    // A manager waits for its thread with QThread::wait(), which returns while the thread still has to free
    // what OpenSSL holds for it. When the process ends in that moment, OpenSSL's own clean-up runs beside it,
    // on the same locks, some of them gone already.
    const qint64 expected = threadCount() - qint64(m_members.size());
    m_members.clear();
    const auto end = std::chrono::steady_clock::now() + ThreadEndTime;
    while (threadCount() > expected && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::microseconds(200));
}

ManagerPool::Lease::Lease(Member &member, QByteArray origin)
    : m_member(&member)
    , m_origin(std::move(origin))
{
    ++member.requests[m_origin];
}

ManagerPool::Lease::~Lease()
{
    if (!m_member)
        return;
    // Forgotten at zero: redirects to ever other hosts must not pile up.
    if (const auto found = m_member->requests.find(m_origin); --found->second == 0)
        m_member->requests.erase(found);
}

ManagerPool::Lease ManagerPool::borrow(const QByteArray &origin, const QByteArray &tlsIdentity)
{
    for (const std::unique_ptr<Member> &member : m_members) {
        if (member->tlsIdentity != tlsIdentity)
            continue;
        const auto running = member->requests.find(origin);
        if (running == member->requests.end() || running->second < ConnectionsPerHost)
            return Lease(*member, origin);
    }
    Member &member = *m_members.emplace_back(std::make_unique<Member>());
    member.tlsIdentity = tlsIdentity;
    // The endpoints are this host's neighbours; and asking libproxy for each request costs time.
    Compat::connectDirectly(member.manager);
    return Lease(member, origin);
}

} // namespace ExporterProxy
