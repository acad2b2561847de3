// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <QByteArray>
#include <QNetworkAccessManager>
#include <utility>
#include <vector>

namespace ExporterProxy {

/// Lends network access managers so that no request waits for another one, nor takes its certificates.
///
/// A manager opens six connections to a host and queues what comes beyond: six hanging endpoints would
/// silence all others of their host. It also reuses a connection whatever TLS settings it was opened with: an
/// endpoint with authorities of its own would ride on one that was verified by somebody else's. So a manager
/// serves one set of TLS settings and at most six requests at a time to one host; the next one is created
/// when it is needed, which is rare, because each costs a thread and about 0.1 MiB. Main thread only.
class ManagerPool
{
    struct Member
    {
        QNetworkAccessManager manager;
        QByteArray tlsIdentity;
        std::map<QByteArray, int> requests; ///< running now, by origin
    };

public:
    ManagerPool() = default;
    /// Waits for the managers' threads to be gone, or for a moment at most.
    ~ManagerPool();

    ManagerPool(const ManagerPool &) = delete;
    ManagerPool &operator=(const ManagerPool &) = delete;

    /// A manager for one request; given back when the lease ends. Must not outlive the pool.
    class Lease
    {
    public:
        Lease() = default;
        Lease(Lease &&other) noexcept
            : m_member(std::exchange(other.m_member, nullptr))
            , m_origin(std::move(other.m_origin))
        {
        }
        Lease &operator=(Lease &&other) noexcept
        {
            std::swap(m_member, other.m_member);
            m_origin.swap(other.m_origin);
            return *this;
        }
        ~Lease();

        QNetworkAccessManager &manager() const { return m_member->manager; }

    private:
        friend class ManagerPool;
        Lease(Member &member, QByteArray origin);

        Member *m_member = nullptr;
        QByteArray m_origin;
    };

    /// `origin`: scheme, host and port of the request. `tlsIdentity`: equal for requests whose TLS settings
    /// are.
    Lease borrow(const QByteArray &origin, const QByteArray &tlsIdentity);

    /// How many managers there are.
    std::size_t size() const { return m_members.size(); }

private:
    std::vector<std::unique_ptr<Member>> m_members;
};

} // namespace ExporterProxy
